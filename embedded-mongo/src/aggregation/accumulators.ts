import { Code, MongoError } from '../errors.ts';
import { compileSort } from '../projection/sort.ts';
import {
  compare,
  type Doc,
  encodeKeyString,
  int32,
  isNumber,
  MISSING,
  type Missing,
  toDouble,
  typeNameOf,
  type Value,
} from '../values/index.ts';
import { canonicalizer } from './canonical.ts';
import { compileExpression, isNullish, orNull } from './compile.ts';
import { Sum } from './sum.ts';
import { COUNTED_CODES, readCount } from './operators/array.ts';
import { namedArguments } from './operators/operator.ts';
import { type Expr, noteUse, type Scope } from './scope.ts';

/** Collects values, document by document. */
export interface Accumulator {
  readonly add: (value: Value | Missing) => void;
  readonly result: () => Value | Missing;
}

/** An accumulator of a stage, compiled: what it takes of a document, and how to begin a group. */
export interface AccumulatorPlan {
  readonly input: Expr;
  /** Begins a group; counts like `n` may depend on what all of it has in common, which is its `_id`. */
  readonly begin: (id: Value) => Accumulator;
}

function sum(): Accumulator {
  const total = new Sum();
  return { add: (value) => total.add(value), result: () => total.result() };
}

function average(): Accumulator {
  const total = new Sum();
  return { add: (value) => total.add(value), result: () => total.mean() };
}

function extreme(direction: 1 | -1) {
  return (scope: Scope): Accumulator => {
    let best: Value | Missing = MISSING;
    const strings = scope.collation?.compare;
    return {
      add: (value) => {
        if (isNullish(value)) return;
        if (best === MISSING || compare(value, best, strings) * direction > 0) best = value;
      },
      result: () => (best === MISSING ? null : best),
    };
  };
}

function deviation(sample: boolean) {
  return (): Accumulator => {
    let count = 0;
    let mean = 0;
    let squares = 0;
    return {
      add: (value) => {
        if (!isNumber(value)) return;
        const number = toDouble(value);
        count++;
        const delta = number - mean;
        mean += delta / count;
        squares += delta * (number - mean);
      },
      result: () => {
        const divisor = sample ? count - 1 : count;
        if (divisor <= 0) return null;
        const result = Math.sqrt(squares / divisor);
        return Number.isNaN(result) ? null : result;
      },
    };
  };
}

function push(): Accumulator {
  const items: Value[] = [];
  return {
    add: (value) => {
      if (value !== MISSING) items.push(value);
    },
    result: () => items,
  };
}

function addToSet(scope: Scope): Accumulator {
  const seen = new Map<string, Value>();
  const canonical = canonicalizer(scope.collation);
  return {
    add: (value) => {
      if (value === MISSING) return;
      const key = encodeKeyString([canonical(value)]);
      if (!seen.has(key)) seen.set(key, value);
    },
    result: () => [...seen.values()],
  };
}

function first(): Accumulator {
  let value: Value | Missing = MISSING;
  let any = false;
  return {
    add: (next) => {
      if (!any) value = next;
      any = true;
    },
    result: () => value,
  };
}

function last(): Accumulator {
  let value: Value | Missing = MISSING;
  return {
    add: (next) => {
      value = next;
    },
    result: () => value,
  };
}

function mergeObjects(): Accumulator {
  const merged: Doc = new Map();
  return {
    add: (value) => {
      if (isNullish(value)) return;
      if (!(value instanceof Map))
        throw new MongoError(40400, `$mergeObjects requires object inputs, but input is of type ${typeNameOf(value)}`);
      for (const [name, item] of value) merged.set(name, item);
    },
    result: () => merged,
  };
}

/** Accumulators of one expression each, by name. */
export const SIMPLE_ACCUMULATORS: ReadonlyMap<string, (scope: Scope) => Accumulator> = new Map<
  string,
  (scope: Scope) => Accumulator
>([
  ['$sum', sum],
  ['$avg', average],
  ['$min', extreme(-1)],
  ['$max', extreme(1)],
  ['$stdDevPop', deviation(false)],
  ['$stdDevSamp', deviation(true)],
  ['$push', push],
  ['$addToSet', addToSet],
  ['$first', first],
  ['$last', last],
  ['$mergeObjects', mergeObjects],
]);

function counted(name: string, argument: Value, scope: Scope): AccumulatorPlan {
  const spec = namedArguments(argument, name, ['n', 'input'], [], COUNTED_CODES);
  const count = compileExpression(spec.get('n'), { ...scope, uses: undefined });
  const input = compileExpression(spec.get('input'), scope);
  const strings = scope.collation?.compare;
  return {
    input,
    begin: (root) => {
      const n = readCount(count(root), name);
      const items: Value[] = [];
      const ranked = name === '$minN' ? 1 : name === '$maxN' ? -1 : 0;
      return {
        add: (value) => {
          if (ranked !== 0) {
            if (isNullish(value)) return;
            items.push(value);
            if (items.length > n * 2 + 100) items.sort((a, b) => compare(a, b, strings) * ranked).splice(n);
          } else if (name === '$firstN') {
            if (items.length < n) items.push(orNull(value));
          } else {
            items.push(orNull(value));
            if (items.length > n) items.shift();
          }
        },
        result: () => (ranked !== 0 ? items.sort((a, b) => compare(a, b, strings) * ranked).slice(0, n) : items),
      };
    },
  };
}

function ordered(name: string, argument: Value, scope: Scope): AccumulatorPlan {
  const many = name.endsWith('N');
  const codes = many ? [5788001, 5788002, 5788003, 5788004, 5788005] : [5788001, 5788002, 5788004, 5788005];
  const spec = namedArguments(argument, name, many ? ['n', 'output', 'sortBy'] : ['output', 'sortBy'], [], codes);
  const sortBy = spec.get('sortBy');
  if (!(sortBy instanceof Map)) throw new MongoError(10065, `${name} requires 'sortBy' to be an object`);
  const sort = compileSort(sortBy, scope.collation);
  noteUse(scope, sort.fields);
  const output = compileExpression(spec.get('output'), scope);
  const count = many ? compileExpression(spec.get('n'), { ...scope, uses: undefined }) : undefined;
  const direction = name.startsWith('$top') ? 1 : -1;
  return {
    // Key and output travel together as a pair.
    input: (root) => [sort.keyOf(root as Doc), orNull(output(root))],
    begin: (root) => {
      const n = count ? readCount(count(root), name) : 1;
      let items: [Value[], Value][] = [];
      const order = (a: [Value[], Value], b: [Value[], Value]) => sort.compareKeys(a[0], b[0]) * direction;
      return {
        add: (pair) => {
          items.push(pair as [Value[], Value]);
          if (items.length > n * 2 + 100) items = items.sort(order).slice(0, n);
        },
        result: () => {
          const best = items
            .sort(order)
            .slice(0, n)
            .map(([, value]) => value);
          if (!many) return best.length > 0 ? best[0] : null;
          return direction === 1 ? best : best.reverse();
        },
      };
    },
  };
}

/** Compiles an accumulator such as `{$sum: '$n'}`. Throws 15952 for an unknown one. */
export function compileAccumulator(name: string, argument: Value, scope: Scope): AccumulatorPlan {
  const simple = SIMPLE_ACCUMULATORS.get(name);
  if (simple) {
    if (Array.isArray(argument) && name !== '$push' && name !== '$addToSet' && name !== '$first' && name !== '$last') {
      if (argument.length !== 1) throw new MongoError(40237, `The ${name} accumulator is a unary operator`);
      return { input: compileExpression(argument[0], scope), begin: () => simple(scope) };
    }
    return { input: compileExpression(argument, scope), begin: () => simple(scope) };
  }
  switch (name) {
    case '$count':
      if (!(argument instanceof Map) || argument.size > 0)
        throw new MongoError(Code.TypeMismatch, '$count takes no arguments, i.e. $count:{}');
      return { input: () => int32(1), begin: sum };
    case '$firstN':
    case '$lastN':
    case '$minN':
    case '$maxN':
      return counted(name, argument, scope);
    case '$top':
    case '$bottom':
    case '$topN':
    case '$bottomN':
      return ordered(name, argument, scope);
    case '$accumulator':
    case '$median':
    case '$percentile':
      throw new MongoError(Code.NotImplemented, `${name} is not supported`);
    default:
      throw new MongoError(15952, `unknown group operator '${name}'`);
  }
}

/** Reads `{field: {$op: argument}}`, the outputs of a grouping stage. */
export function compileOutputs(fields: Iterable<readonly [string, Value]>, scope: Scope): [string, AccumulatorPlan][] {
  return [...fields].map(([field, spec]) => {
    if (field.includes('.')) throw new MongoError(40235, `The field name '${field}' cannot contain '.'`);
    if (field.startsWith('$')) throw new MongoError(40236, `The field name '${field}' cannot be an operator name`);
    if (!(spec instanceof Map)) throw new MongoError(40234, `The field '${field}' must be an accumulator object`);
    const [entry] = spec;
    if (spec.size !== 1 || !entry) throw new MongoError(40238, `The field '${field}' must specify one accumulator`);
    return [field, compileAccumulator(entry[0], entry[1], scope)];
  });
}
