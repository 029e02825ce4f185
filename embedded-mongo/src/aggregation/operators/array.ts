import { Code, MongoError } from '../../errors.ts';
import {
  compareStrings,
  asInteger,
  compare,
  type Doc,
  docOf,
  equal,
  int32,
  isNumber,
  MISSING,
  type Missing,
  typeNameOf,
  type Value,
  fitsLong,
  isWhole,
  toBigint,
} from '../../values/index.ts';
import { type Scope } from '../scope.ts';
import { compileExpression, isNullish, orNull } from '../compile.ts';
import {
  binary,
  namedArguments,
  namedOrMissing,
  type Operator,
  type OperatorTable,
  unary,
  variadic,
} from './operator.ts';

/** An array, anything else refused with `code`. */
export function arrayOf(value: Value | Missing, name: string, code: number, what = 'argument'): Value[] {
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

function counted(keep: (values: Value[], n: number, scope: Scope) => Value[]): Operator {
  return (argument, scope, name) => {
    const spec = namedArguments(argument, name, ['n', 'input'], [], COUNTED_CODES);
    const count = namedOrMissing(spec, 'n', scope);
    const input = namedOrMissing(spec, 'input', scope);
    return (root) => keep(arrayOf(input(root), name, 5788200, 'input'), readCount(count(root), name), scope);
  };
}

/** What may be wrong with the arguments of `$firstN` and its kin; see `namedArguments`. */
export const COUNTED_CODES = [5787900, 5787901, 5787906, 5787907];

/** The `n` of the operators that keep so many: a whole number above zero. */
export function readCount(value: Value | Missing, name: string): number {
  if (!isNumber(value)) {
    throw new MongoError(
      5787902,
      `Value for 'n' must be of integral type, but found ${typeNameOf(value)} (in ${name})`,
    );
  }
  const count = isWhole(value) ? toBigint(value) : undefined;
  if (count === undefined || !fitsLong(count)) {
    throw new MongoError(5787903, `Value for 'n' must be of integral type, but found ${String(value)} (in ${name})`);
  }
  if (count <= 0n) throw new MongoError(5787908, `'n' must be greater than 0, found ${count} (in ${name})`);
  return Number(count);
}

function extremes(direction: 1 | -1) {
  return counted((values, n, scope) =>
    values
      .filter((value) => !isNullish(value))
      .sort((a, b) => compare(a, b, scope.collation?.compare ?? compareStrings) * direction)
      .slice(0, n),
  );
}

/** Operators on arrays. */
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
  ['$zip', zip],
  ['$arrayToObject', arrayToObject],
  ['$objectToArray', objectToArray],
  ['$firstN', counted((values, n) => values.slice(0, n))],
  ['$lastN', counted((values, n) => values.slice(-n))],
  ['$minN', extremes(1)],
  ['$maxN', extremes(-1)],
];
