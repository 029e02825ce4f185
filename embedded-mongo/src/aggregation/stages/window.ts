import { Code, MongoError } from '../../errors.ts';
import { compileSort } from '../../projection/sort.ts';
import {
  asInteger,
  type Doc,
  encodeKeyString,
  int32,
  isNumber,
  MISSING,
  toDouble,
  type Value,
} from '../../values/index.ts';
import { compileAccumulator } from '../accumulators.ts';
import { compileExpression } from '../expression.ts';
import type { Scope } from '../scope.ts';
import { addToDate, readUnit } from '../operators/date-units.ts';
import { UTC } from '../operators/time-zone.ts';
import { outputPath, setAt } from './basic.ts';
import { type StageBuilder, stageDocument } from './stage.ts';

type Keys = readonly (readonly Value[])[];
/** The values of one output field, for the sorted documents of a partition. */
type WindowFunction = (docs: readonly Doc[], keys: Keys) => Value[];

/** For a partition: from which document to which, both included, a window reaches for the document at an index. */
type Bounds = (docs: readonly Doc[], keys: Keys) => (index: number) => [number, number];

function bad(message: string): MongoError {
  return new MongoError(Code.FailedToParse, message);
}

function documentBound(value: Value): (index: number, length: number) => number {
  if (value === 'current') return (index) => index;
  if (value === 'unbounded') throw bad("'unbounded' needs its side");
  const offset = asInteger(value);
  if (offset === undefined) throw bad('window bounds must be numbers, "current" or "unbounded"');
  return (index) => index + offset;
}

function documentBounds(spec: Value): Bounds {
  if (!Array.isArray(spec) || spec.length !== 2) throw bad("'documents' must be an array of two bounds");
  const [low, high] = spec as [Value, Value];
  const from = low === 'unbounded' ? () => 0 : documentBound(low);
  const to = high === 'unbounded' ? (_index: number, length: number) => length - 1 : documentBound(high);
  return ({ length }) =>
    (index) => [Math.max(0, from(index, length)), Math.min(length - 1, to(index, length))];
}

function rangeBounds(spec: Value, unitValue: Value, direction: number): Bounds {
  if (!Array.isArray(spec) || spec.length !== 2) throw bad("'range' must be an array of two bounds");
  if (direction !== 1) throw new MongoError(5339902, 'Range-based bounds require a sortBy that ascends');
  const [low, high] = spec as [Value, Value];
  const unit = unitValue === undefined ? undefined : readUnit(unitValue, '$setWindowFields');
  const numeric = (key: Value): number => {
    if (unit ? !(key instanceof Date) : !isNumber(key)) {
      throw new MongoError(5429414, `Range-based windows need ${unit ? 'dates' : 'numbers'} in the sortBy field`);
    }
    return key instanceof Date ? key.getTime() : toDouble(key as number);
  };
  const limit = (bound: Value, key: Value, otherwise: number): number => {
    if (bound === 'unbounded') return otherwise;
    if (bound === 'current') return numeric(key);
    if (!isNumber(bound)) throw bad('window bounds must be numbers, "current" or "unbounded"');
    numeric(key);
    return unit
      ? addToDate(key as Date, unit, toDouble(bound), UTC).getTime()
      : toDouble(key as number) + toDouble(bound);
  };
  return (docs, keys) => {
    // Sorted, for that is what the keys are by.
    const numbers = docs.map((_doc, index) => numeric(keys[index]?.[0]));
    /** How many numbers are below the border, or not above it. */
    const count = (border: number, inclusive: boolean): number => {
      let start = 0;
      let end = numbers.length;
      while (start < end) {
        const middle = (start + end) >> 1;
        const number = numbers[middle] as number;
        if (number < border || (inclusive && number === border)) start = middle + 1;
        else end = middle;
      }
      return start;
    };
    return (index) => {
      const key = keys[index]?.[0];
      return [count(limit(low, key, -Infinity), false), count(limit(high, key, Infinity), true) - 1];
    };
  };
}

function same(left: readonly Value[] | undefined, right: readonly Value[] | undefined): boolean {
  return encodeKeyString(left ?? []) === encodeKeyString(right ?? []);
}

function ranking(name: string): WindowFunction {
  return (docs, keys) => {
    let rank = 0;
    let dense = 0;
    return docs.map((_doc, index) => {
      if (index === 0 || !same(keys[index], keys[index - 1])) {
        rank = index + 1;
        dense++;
      }
      return int32(name === '$rank' ? rank : name === '$denseRank' ? dense : index + 1);
    });
  };
}

function shift(argument: Value, scope: Scope): WindowFunction {
  const spec = stageDocument(argument, '$shift', Code.FailedToParse, ['output', 'by', 'default'], ['output', 'by']);
  const output = compileExpression(spec.get('output'), scope);
  const by = asInteger(spec.get('by'));
  if (by === undefined) throw bad("'$shift:by' field must be an integer");
  const otherwise = spec.has('default') ? compileExpression(spec.get('default'), scope)(new Map()) : null;
  return (docs) =>
    docs.map((_doc, index) => {
      const other = docs[index + by];
      const value = other ? output(other) : otherwise;
      return value === MISSING ? null : value;
    });
}

function carryForward(argument: Value, scope: Scope): WindowFunction {
  const input = compileExpression(argument, scope);
  return (docs) => {
    let last: Value = null;
    return docs.map((doc) => {
      const value = input(doc);
      if (value !== MISSING && value !== null && value !== undefined) last = value;
      return last;
    });
  };
}

function accumulate(name: string, argument: Value, window: Value, scope: Scope, direction: number): WindowFunction {
  const plan = compileAccumulator(name, argument, scope);
  let bounds: Bounds = (docs) => () => [0, docs.length - 1];
  let fixed = true;
  let running = false;
  if (window !== undefined) {
    const spec = stageDocument(window, 'window', Code.FailedToParse, ['documents', 'range', 'unit']);
    if (spec.has('documents') && spec.has('range'))
      throw bad("Window bounds can specify either 'documents' or 'range', not both.");
    if (spec.has('documents')) {
      const list = spec.get('documents');
      bounds = documentBounds(list);
      running = Array.isArray(list) && list[0] === 'unbounded' && list[1] === 'current';
      fixed = false;
    } else if (spec.has('range')) {
      bounds = rangeBounds(spec.get('range'), spec.get('unit'), direction);
      fixed = false;
    }
  }
  const over = (docs: readonly Doc[], from: number, to: number): Value => {
    const accumulator = plan.begin(null);
    for (let index = from; index <= to; index++) accumulator.add(plan.input(docs[index] as Doc));
    const value = accumulator.result();
    return value === MISSING ? null : value;
  };
  return (docs, keys) => {
    if (fixed) {
      const value = over(docs, 0, docs.length - 1);
      return docs.map(() => value);
    }
    if (running && (name === '$sum' || name === '$avg' || name === '$min' || name === '$max')) {
      const accumulator = plan.begin(null);
      return docs.map((doc) => {
        accumulator.add(plan.input(doc));
        return accumulator.result() as Value;
      });
    }
    const reach = bounds(docs, keys);
    return docs.map((_doc, index) => over(docs, ...reach(index)));
  };
}

function compileFunction(spec: Value, scope: Scope, sortBy: Doc | undefined): WindowFunction {
  if (!(spec instanceof Map)) throw bad("The field 'output' must hold objects with a window function");
  const [name, ...others] = [...spec.keys()].filter((key) => key !== 'window');
  if (name === undefined || others.length > 0)
    throw bad('an output of $setWindowFields must have exactly one window function');
  const argument = spec.get(name);
  switch (name) {
    case '$rank':
    case '$denseRank':
    case '$documentNumber':
      if (!sortBy) throw new MongoError(5371601, `${name} must be specified with a top level sortBy expression`);
      if (name !== '$documentNumber' && sortBy.size !== 1) {
        throw new MongoError(
          5371602,
          `${name} must be specified with a top level sortBy expression with exactly one element`,
        );
      }
      if (spec.has('window')) throw new MongoError(5371601, `${name} does not accept a 'window' field`);
      return ranking(name);
    case '$shift':
      if (!sortBy) throw new MongoError(5371601, "'$shift' requires a sortBy");
      return shift(argument, scope);
    case '$locf':
      return carryForward(argument, scope);
    case '$derivative':
    case '$integral':
    case '$expMovingAvg':
    case '$linearFill':
    case '$covariancePop':
    case '$covarianceSamp':
      throw new MongoError(Code.NotImplemented, `${name} is not supported`);
    default: {
      const direction = sortBy ? (asInteger([...sortBy.values()][0]) ?? 1) : 1;
      return accumulate(name, argument, spec.get('window'), scope, sortBy && sortBy.size > 1 ? 0 : direction);
    }
  }
}

/** `$setWindowFields`. */
export const setWindowFields: StageBuilder = (argument, { scope }, name) => {
  const spec = stageDocument(argument, name, Code.FailedToParse, ['partitionBy', 'sortBy', 'output'], ['output']);
  const partition = spec.has('partitionBy') ? compileExpression(spec.get('partitionBy'), scope) : undefined;
  const sortBy = spec.get('sortBy');
  if (sortBy !== undefined && !(sortBy instanceof Map)) throw bad('sortBy must be an object');
  const sort = sortBy ? compileSort(sortBy, scope.collation) : undefined;
  const output = spec.get('output');
  if (!(output instanceof Map)) throw bad('output must be an object');
  const outputs = [...output].map(
    ([field, value]) => [outputPath(field), compileFunction(value, scope, sortBy)] as const,
  );
  return function* windows(input) {
    const partitions = new Map<string, Doc[]>();
    for (const doc of input) {
      const value = partition ? partition(doc) : null;
      const key = encodeKeyString([value === MISSING ? null : value]);
      const list = partitions.get(key);
      if (list) list.push(doc);
      else partitions.set(key, [doc]);
    }
    for (const list of partitions.values()) {
      const docs = sort ? sort.sorted(list) : list;
      const keys = sort ? docs.map((doc) => sort.keyOf(doc)) : [];
      const columns = outputs.map(([path, apply]) => [path, apply(docs, keys)] as const);
      for (const [index, doc] of docs.entries()) {
        yield columns.reduce((current, [path, values]) => setAt(current, path, values[index] as Value), doc);
      }
    }
  };
};
