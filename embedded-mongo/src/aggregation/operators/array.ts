import { Code, MongoError } from '../../errors.ts';
import {
  compareStrings,
  asInteger,
  compare,
  type Doc,
  docOf,
  encodeKeyString,
  equal,
  int32,
  isNumber,
  MISSING,
  type Missing,
  toDouble,
  typeNameOf,
  type Value,
} from '../../values/index.ts';
import { compileSort } from '../../projection/sort.ts';
import { bind, type Expr, type Scope } from '../scope.ts';
import { checkVariableName, compileExpression, isNullish, orNull, truthy } from '../compile.ts';
import {
  binary,
  compileArguments,
  named,
  namedArguments,
  namedOrMissing,
  type Operator,
  type OperatorTable,
  unary,
  variadic,
} from './operator.ts';

function arrayOf(value: Value | Missing, name: string, code: number, what = 'argument'): Value[] {
  if (!Array.isArray(value))
    throw new MongoError(code, `${name} requires an array as its ${what}, found: ${typeNameOf(value)}`);
  return value;
}

const elementAt = binary((array, index, name) => {
  if (isNullish(array) || isNullish(index)) return null;
  if (!Array.isArray(array))
    throw new MongoError(28689, `${name}'s first argument must be an array, but is ${typeNameOf(array)}`);
  if (!isNumber(index))
    throw new MongoError(28690, `${name}'s second argument must be a numeric value, but is ${typeNameOf(index)}`);
  const at = asInteger(index);
  if (at === undefined)
    throw new MongoError(
      28691,
      `${name}'s second argument must be representable as a 32-bit integer: ${String(index)}`,
    );
  const position = at < 0 ? array.length + at : at;
  return position >= 0 && position < array.length ? array[position] : MISSING;
});

function end(first: boolean): Operator {
  return unary((array, name) => {
    if (isNullish(array)) return null;
    if (!Array.isArray(array))
      throw new MongoError(28689, `${name}'s argument must be an array, but is ${typeNameOf(array)}`);
    return array.length === 0 ? MISSING : first ? array[0] : array.at(-1);
  });
}

const concatArrays = variadic((values, name) => {
  const result: Value[] = [];
  for (const value of values) {
    if (isNullish(value)) return null;
    if (!Array.isArray(value)) throw new MongoError(28664, `${name} only supports arrays, not ${typeNameOf(value)}`);
    for (const item of value) result.push(item);
  }
  return result;
});

const slice = variadic(
  (values, name) => {
    const [array, first, second] = values;
    if (values.some(isNullish)) return null;
    if (!Array.isArray(array))
      throw new MongoError(
        28724,
        `First argument to ${name} must be an array, but is of type: ${typeNameOf(array as Value)}`,
      );
    const from = asInteger(first as Value);
    if (from === undefined)
      throw new MongoError(
        28725,
        `Second argument to ${name} must be a numeric value, but is of type: ${typeNameOf(first as Value)}`,
      );
    if (values.length === 2) return from >= 0 ? array.slice(0, from) : array.slice(from);
    const count = asInteger(second as Value);
    if (count === undefined)
      throw new MongoError(
        28727,
        `Third argument to ${name} must be numeric, but is of type: ${typeNameOf(second as Value)}`,
      );
    if (count <= 0) throw new MongoError(28729, `Third argument to ${name} must be positive: ${count}`);
    const start = from >= 0 ? from : Math.max(0, array.length + from);
    return array.slice(start, start + count);
  },
  2,
  3,
);

const inArray = binary((value, array, name) => {
  if (!Array.isArray(array))
    throw new MongoError(40081, `${name} requires an array as a second argument, found: ${typeNameOf(array)}`);
  return array.some((item) => equal(item, value));
});

const indexOfArray = variadic(
  (values, name) => {
    const [array, wanted, start, stop] = values;
    if (isNullish(array as Value)) return null;
    const list = arrayOf(array as Value, name, 40090, 'first argument');
    const bound = (value: Value | Missing | undefined, fallback: number): number => {
      if (value === undefined) return fallback;
      const index = asInteger(value);
      if (index === undefined)
        throw new MongoError(
          40096,
          `${name} requires an integral starting index, found a value of type: ${typeNameOf(value)}`,
        );
      if (index < 0) throw new MongoError(40097, `${name} requires a nonnegative starting index, found: ${index}`);
      return index;
    };
    const last = Math.min(bound(stop, list.length), list.length);
    for (let index = bound(start, 0); index < last; index++)
      if (equal(list[index], wanted as Value)) return int32(index);
    return int32(-1);
  },
  2,
  4,
);

const range = variadic(
  (values, name) => {
    const [from, to, step] = values.map((value, index) => {
      const number = asInteger(value);
      if (number === undefined || Math.abs(number) > 2147483648) {
        throw new MongoError(
          [34443, 34445, 34447][index] as number,
          `${name} requires a numeric ${['starting', 'ending', 'step'][index]} value, found value of type: ${typeNameOf(value)}`,
        );
      }
      return number;
    }) as [number, number, number | undefined];
    const by = step ?? 1;
    if (by === 0) throw new MongoError(34449, `${name} requires a non-zero step value`);
    if ((to - from) / by > 1e7) throw new MongoError(Code.ExceededMemoryLimit, `${name} would use too much memory`);
    const result: Value[] = [];
    for (let at = from; by > 0 ? at < to : at > to; at += by) result.push(int32(at));
    return result;
  },
  2,
  3,
);

const reverse = unary((array, name) => {
  if (isNullish(array)) return null;
  return arrayOf(array, name, 34435).toReversed();
});

const sortArray: Operator = (argument, scope, name) => {
  const spec = namedArguments(argument, name, ['input', 'sortBy'], [], 2942500);
  const input = namedOrMissing(spec, 'input', scope);
  const sortBy = spec.get('sortBy');
  let order: (left: Value, right: Value) => number;
  if (sortBy instanceof Map) {
    const sort = compileSort(sortBy, scope.collation);
    const wrap = (value: Value): Doc => (value instanceof Map ? value : new Map());
    order = (left, right) => sort.compare(wrap(left), wrap(right));
  } else {
    const direction = asInteger(sortBy);
    if (direction !== 1 && direction !== -1)
      throw new MongoError(2942506, `${name} 'sortBy' must be 1, -1 or a sort specification`);
    order = (left, right) => compare(left, right, scope.collation?.compare) * direction;
  }
  return (root) => {
    const array = input(root);
    if (isNullish(array)) return null;
    // JavaScript puts undefined last whatever the comparison says.
    return arrayOf(array, name, 2942504)
      .map((value) => ({ value }))
      .sort((a, b) => order(a.value, b.value))
      .map(({ value }) => value);
  };
};

const zip: Operator = (argument, scope, name) => {
  const spec = namedArguments(argument, name, ['inputs'], ['useLongestLength', 'defaults'], 34464);
  const lists = spec.get('inputs');
  if (!Array.isArray(lists) || lists.length === 0)
    throw new MongoError(34461, `inputs must be an array of expressions, found ${typeNameOf(lists)}`);
  const inputs = lists.map((item) => compileExpression(item, scope));
  const longest = spec.get('useLongestLength') === true;
  const fallbacks = spec.get('defaults');
  if (fallbacks !== undefined && !Array.isArray(fallbacks))
    throw new MongoError(34462, `defaults must be an array of expressions`);
  if (fallbacks && !longest) throw new MongoError(34466, 'cannot specify defaults unless useLongestLength is true');
  const defaults = fallbacks?.map((item) => compileExpression(item, scope));
  if (defaults && defaults.length !== inputs.length)
    throw new MongoError(34467, 'defaults and inputs must have the same length');
  return (root) => {
    const arrays: Value[][] = [];
    for (const input of inputs) {
      const value = input(root);
      if (isNullish(value)) return null;
      arrays.push(arrayOf(value, name, 34468, 'input'));
    }
    const lengths = arrays.map((array) => array.length);
    const length = longest ? Math.max(...lengths) : Math.min(...lengths);
    return Array.from({ length }, (_, index) =>
      arrays.map((array, which) => (index < array.length ? array[index] : orNull(defaults?.[which]?.(root) ?? null))),
    );
  };
};

const map: Operator = (argument, scope, name) => {
  const spec = namedArguments(argument, name, ['input', 'in'], ['as'], 16879);
  const input = namedOrMissing(spec, 'input', scope);
  const variable = variableName(spec, 'as', 'this');
  const bound = bind(scope, [variable]);
  const body = compileExpression(spec.get('in'), bound.scope);
  const [slot] = bound.slots as [number];
  return (root) => {
    const array = input(root);
    if (isNullish(array)) return null;
    return arrayOf(array, name, 16883, 'input').map((item) => {
      scope.slots[slot] = item;
      return orNull(body(root));
    });
  };
};

function variableName(spec: Doc, key: string, fallback: string): string {
  if (!spec.has(key)) return fallback;
  const variable = spec.get(key);
  if (typeof variable !== 'string') throw new MongoError(Code.FailedToParse, `'${key}' must be a string`);
  return checkVariableName(variable);
}

const filter: Operator = (argument, scope, name) => {
  const spec = namedArguments(argument, name, ['input', 'cond'], ['as', 'limit'], 28646);
  const input = namedOrMissing(spec, 'input', scope);
  const limit = named(spec, 'limit', scope);
  const bound = bind(scope, [variableName(spec, 'as', 'this')]);
  const condition = compileExpression(spec.get('cond'), bound.scope);
  const [slot] = bound.slots as [number];
  return (root) => {
    const array = input(root);
    if (isNullish(array)) return null;
    let room = Infinity;
    const limitValue = limit?.(root);
    if (limitValue !== undefined && !isNullish(limitValue)) {
      const number = asInteger(limitValue);
      if (number === undefined)
        throw new MongoError(327391, `${name}: limit must be represented as a 32-bit integral value`);
      if (number < 1) throw new MongoError(327392, `${name}: limit must be greater than 0: ${number}`);
      room = number;
    }
    const result: Value[] = [];
    for (const item of arrayOf(array, name, 28651, 'input')) {
      if (result.length >= room) break;
      scope.slots[slot] = item;
      if (truthy(condition(root))) result.push(item);
    }
    return result;
  };
};

const reduce: Operator = (argument, scope, name) => {
  const spec = namedArguments(argument, name, ['input', 'initialValue', 'in'], [], 40076);
  const input = namedOrMissing(spec, 'input', scope);
  const initial = namedOrMissing(spec, 'initialValue', scope);
  const bound = bind(scope, ['this', 'value']);
  const body = compileExpression(spec.get('in'), bound.scope);
  const [thisSlot, valueSlot] = bound.slots as [number, number];
  return (root) => {
    const array = input(root);
    if (isNullish(array)) return null;
    let value = initial(root);
    for (const item of arrayOf(array, name, 40080, 'input')) {
      scope.slots[thisSlot] = item;
      scope.slots[valueSlot] = value;
      value = body(root);
    }
    return value;
  };
};

const letOperator: Operator = (argument, scope, name) => {
  const spec = namedArguments(argument, name, ['vars', 'in'], [], 16874);
  const vars = spec.get('vars');
  if (!(vars instanceof Map)) throw new MongoError(10065, 'invalid parameter: expected an object (vars)');
  const names = [...vars.keys()].map(checkVariableName);
  const values = [...vars.values()].map((value) => compileExpression(value, scope));
  const bound = bind(scope, names);
  const body = compileExpression(spec.get('in'), bound.scope);
  return (root) => {
    const results = values.map((value) => value(root));
    for (const [index, slot] of bound.slots.entries()) scope.slots[slot] = results[index] as Value;
    return body(root);
  };
};

function pairOf(item: Value): [string, Value] {
  if (Array.isArray(item)) {
    if (item.length !== 2) throw new MongoError(40397, '$arrayToObject requires an array of size 2 arrays');
    if (typeof item[0] !== 'string')
      throw new MongoError(
        40395,
        `$arrayToObject requires an array of key-value pairs, where the key must be of type string. Found key type: ${typeNameOf(item[0])}`,
      );
    return [item[0], item[1]];
  }
  if (!(item instanceof Map))
    throw new MongoError(40398, `Unrecognised input type format for $arrayToObject: ${typeNameOf(item)}`);
  if (item.size !== 2 || !item.has('k') || !item.has('v')) {
    throw new MongoError(
      40392,
      `$arrayToObject requires an object keys of 'k' and 'v'. Found incorrect number of keys:${item.size}`,
    );
  }
  const key = item.get('k');
  if (typeof key !== 'string')
    throw new MongoError(
      40394,
      `$arrayToObject requires an object with keys 'k' and 'v', where the value of 'k' must be of type string. Found type: ${typeNameOf(key)}`,
    );
  return [key, item.get('v')];
}

const arrayToObject = unary((array, name) => {
  if (isNullish(array)) return null;
  const result: Doc = new Map();
  for (const item of arrayOf(array, name, 40386, 'input')) result.set(...pairOf(item));
  return result;
});

const objectToArray = unary((value, name) => {
  if (isNullish(value)) return null;
  if (!(value instanceof Map))
    throw new MongoError(40390, `${name} requires a document input, found: ${typeNameOf(value)}`);
  return [...value].map(([k, v]) => docOf('k', k, 'v', v));
});

/** Values once each, in order of first appearance. */
function distinct(values: Iterable<Value>): Map<string, Value> {
  const seen = new Map<string, Value>();
  for (const value of values) {
    const key = encodeKeyString([value]);
    if (!seen.has(key)) seen.set(key, value);
  }
  return seen;
}

function setOperation(combine: (sets: Map<string, Value>[]) => Iterable<Value>): Operator {
  return variadic((values, name) => {
    const sets: Map<string, Value>[] = [];
    for (const value of values) {
      if (isNullish(value)) return null;
      if (!Array.isArray(value))
        throw new MongoError(
          17047,
          `All operands of ${name} must be arrays. One argument is of type: ${typeNameOf(value)}`,
        );
      sets.push(distinct(value));
    }
    return [...combine(sets)].sort((left, right) => compare(left, right));
  });
}

function setPair(apply: (left: Map<string, Value>, right: Map<string, Value>) => Value, nulls: boolean): Operator {
  return binary((left, right, name) => {
    if (nulls && (isNullish(left) || isNullish(right))) return null;
    return apply(distinct(arrayOf(left, name, 17048)), distinct(arrayOf(right, name, 17048)));
  });
}

const isSubset = (left: Map<string, Value>, right: Map<string, Value>) =>
  [...left.keys()].every((key) => right.has(key));

const setEquals = variadic((values, name) => {
  const sets = values.map((value) => distinct(arrayOf(value, name, 17044)));
  const [first] = sets as [Map<string, Value>];
  return sets.every((set) => set.size === first.size && isSubset(set, first));
}, 2);

function quantifier(name: string, test: (values: Value[]) => boolean): Operator {
  return (argument, scope) => {
    // Takes its one argument inside an array of one.
    const [list] = compileArguments(argument, scope, name, 1) as [Expr];
    return (root) => test(arrayOf(list(root), name, 17040));
  };
}

function counted(keep: (values: Value[], n: number, scope: Scope) => Value[]): Operator {
  return (argument, scope, name) => {
    const spec = namedArguments(argument, name, ['n', 'input'], [], 5787900);
    const count = namedOrMissing(spec, 'n', scope);
    const input = namedOrMissing(spec, 'input', scope);
    return (root) => keep(arrayOf(input(root), name, 5788200, 'input'), readCount(count(root), name), scope);
  };
}

/** The `n` of the operators that keep so many: a whole number above zero. */
export function readCount(value: Value | Missing, name: string): number {
  const count = isNumber(value) ? asInteger(value) : undefined;
  if (count === undefined)
    throw new MongoError(
      5787902,
      `Value for 'n' must be of integral type, but found ${typeNameOf(value)} (in ${name})`,
    );
  if (count <= 0) throw new MongoError(5787908, `'n' must be greater than 0, found ${count} (in ${name})`);
  return count;
}

function extremes(direction: 1 | -1) {
  return counted((values, n, scope) =>
    values
      .filter((value) => !isNullish(value))
      .sort((a, b) => compare(a, b, scope.collation?.compare ?? compareStrings) * direction)
      .slice(0, n),
  );
}

/** Operators on arrays and sets, and those that bind variables. */
export const ARRAYS: OperatorTable = [
  ['$arrayElemAt', elementAt],
  ['$first', end(true)],
  ['$last', end(false)],
  ['$concatArrays', concatArrays],
  ['$slice', slice],
  [
    '$size',
    unary((value) => {
      if (!Array.isArray(value))
        throw new MongoError(17124, `The argument to $size must be an array, but was of type: ${typeNameOf(value)}`);
      return int32(value.length);
    }),
  ],
  ['$isArray', unary((value) => Array.isArray(value))],
  ['$in', inArray],
  ['$indexOfArray', indexOfArray],
  ['$range', range],
  ['$reverseArray', reverse],
  ['$sortArray', sortArray],
  ['$zip', zip],
  ['$map', map],
  ['$filter', filter],
  ['$reduce', reduce],
  ['$let', letOperator],
  ['$arrayToObject', arrayToObject],
  ['$objectToArray', objectToArray],
  ['$setUnion', setOperation((sets) => distinct(sets.flatMap((set) => [...set.values()])).values())],
  [
    '$setIntersection',
    setOperation(([first, ...others]) =>
      first ? [...first].filter(([key]) => others.every((set) => set.has(key))).map(([, value]) => value) : [],
    ),
  ],
  [
    '$setDifference',
    setPair((left, right) => [...left].filter(([key]) => !right.has(key)).map(([, value]) => value), true),
  ],
  ['$setIsSubset', setPair((left, right) => isSubset(left, right), false)],
  ['$setEquals', setEquals],
  ['$allElementsTrue', quantifier('$allElementsTrue', (values) => values.every(truthy))],
  ['$anyElementTrue', quantifier('$anyElementTrue', (values) => values.some(truthy))],
  ['$firstN', counted((values, n) => values.slice(0, n))],
  ['$lastN', counted((values, n) => values.slice(-n))],
  ['$minN', extremes(1)],
  ['$maxN', extremes(-1)],
];

/** The numbers among values, as doubles. */
export function doubles(values: Iterable<Value | Missing>): number[] {
  return [...values].filter(isNumber).map(toDouble);
}
