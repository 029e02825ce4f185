import type { BSONSymbol } from 'bson';
import { MongoError } from '../../errors.ts';
import {
  asInteger,
  compareStrings,
  int32,
  isNumber,
  type Missing,
  toDouble,
  typeNameOf,
  typeOf,
  type Value,
} from '../../values/index.ts';
import { isNullish } from '../compile.ts';
import type { Expr } from '../scope.ts';
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
import { dateToIso } from './date-format.ts';

/** A value as text, where an expression takes numbers and dates for text too; null becomes ''. */
export function coerceToString(value: Value | Missing, name: string): string {
  if (isNullish(value)) return '';
  if (typeof value === 'string') return value;
  if (isNumber(value)) return numberToString(value);
  if (value instanceof Date) return dateToIso(value);
  const type = typeOf(value);
  if (type === 14) return (value as BSONSymbol).value;
  if (type === 17) return String(value);
  throw new MongoError(16007, `can't convert from BSON type ${typeNameOf(value)} to String (in ${name})`);
}

/** A number as MongoDB prints it. */
export function numberToString(value: Value): string {
  if (typeof value === 'number') {
    if (Number.isNaN(value)) return 'NaN';
    if (!Number.isFinite(value)) return value > 0 ? 'Infinity' : '-Infinity';
    if (Object.is(value, -0)) return '-0';
    const text = String(value);
    return text.replace(/e([+-])(\d)$/, 'e$10$2');
  }
  return String(value);
}

function textArgument(value: Value | Missing, name: string, code: number, what = 'a string'): string {
  if (typeof value !== 'string') throw new MongoError(code, `${name} requires ${what}, found: ${typeNameOf(value)}`);
  return value;
}

const concat = variadic((values, name) => {
  let text = '';
  let hasNull = false;
  for (const value of values) {
    if (isNullish(value)) hasNull = true;
    else if (typeof value === 'string') text += value;
    else throw new MongoError(16702, `${name} only supports strings, not ${typeNameOf(value)}`);
  }
  return hasNull ? null : text;
});

function asciiCase(text: string, upper: boolean): string {
  // Only ASCII letters change, as in MongoDB.
  return upper
    ? text.replace(/[a-z]+/g, (part) => part.toUpperCase())
    : text.replace(/[A-Z]+/g, (part) => part.toLowerCase());
}

function substringBytes(values: (Value | Missing)[], name: string): Value {
  const [text, start, length] = values;
  const bytes = Buffer.from(coerceToString(text as Value, name), 'utf8');
  if (!isNumber(start as Value))
    throw new MongoError(
      16034,
      `${name}: starting index must be a numeric type (is BSON type ${typeNameOf(start as Value)})`,
    );
  if (!isNumber(length as Value))
    throw new MongoError(16035, `${name}: length must be a numeric type (is BSON type ${typeNameOf(length as Value)})`);
  const from = Math.trunc(toDouble(start as number));
  const count = Math.trunc(toDouble(length as number));
  if (from < 0) throw new MongoError(50752, `${name}: starting index must be non-negative (got: ${from})`);
  if (from >= bytes.length) return '';
  const to = count < 0 ? bytes.length : Math.min(bytes.length, from + count);
  const isContinuation = (at: number) => at < bytes.length && ((bytes[at] as number) & 0xc0) === 0x80;
  if (isContinuation(from))
    throw new MongoError(28656, `${name}: Invalid range, starting index is a UTF-8 continuation byte.`);
  if (isContinuation(to))
    throw new MongoError(28657, `${name}: Invalid range, ending index is in the middle of a UTF-8 character.`);
  return bytes.toString('utf8', from, to);
}

function substringPoints(values: (Value | Missing)[], name: string): Value {
  const [text, start, length] = values;
  const points = [...coerceToString(text as Value, name)];
  const from = asInteger(start as Value);
  const count = asInteger(length as Value);
  if (!isNumber(start as Value))
    throw new MongoError(
      34450,
      `${name}: starting index must be a numeric type (is BSON type ${typeNameOf(start as Value)})`,
    );
  if (from === undefined)
    throw new MongoError(34451, `${name}: starting index cannot be represented as a 32-bit integral value`);
  if (!isNumber(length as Value))
    throw new MongoError(34452, `${name}: length must be a numeric type (is BSON type ${typeNameOf(length as Value)})`);
  if (count === undefined)
    throw new MongoError(34453, `${name}: length cannot be represented as a 32-bit integral value`);
  if (count < 0) throw new MongoError(34454, `${name}: length must be a nonnegative integer.`);
  if (from < 0) throw new MongoError(34455, `${name}: the starting index must be nonnegative integer.`);
  return points.slice(from, from + count).join('');
}

const split = binary((text, separator, name) => {
  if (isNullish(text) || isNullish(separator)) return null;
  if (typeof text !== 'string')
    throw new MongoError(
      40085,
      `${name} requires an expression that evaluates to a string as a first argument, found: ${typeNameOf(text)}`,
    );
  if (typeof separator !== 'string')
    throw new MongoError(
      40086,
      `${name} requires an expression that evaluates to a string as a second argument, found: ${typeNameOf(separator)}`,
    );
  if (separator === '') throw new MongoError(40087, `${name} requires a non-empty separator`);
  return text.split(separator);
});

const WHITESPACE = new Set([
  '\0',
  ' ',
  '\t',
  '\n',
  '\v',
  '\f',
  '\r',
  '\u00a0',
  '\u1680',
  ...'\u2000\u2001\u2002\u2003\u2004\u2005\u2006\u2007\u2008\u2009\u200a',
]);

function trim(left: boolean, right: boolean): Operator {
  return (argument, scope, name) => {
    const spec = namedArguments(argument, name, ['input'], ['chars'], 50694);
    const input = namedOrMissing(spec, 'input', scope);
    const chars = named(spec, 'chars', scope);
    return (root) => {
      const text = input(root);
      if (isNullish(text)) return null;
      if (typeof text !== 'string')
        throw new MongoError(50699, `${name} requires its input to be a string, got ${typeNameOf(text)} instead.`);
      let set = WHITESPACE;
      if (chars) {
        const value = chars(root);
        if (isNullish(value)) return null;
        if (typeof value !== 'string')
          throw new MongoError(50700, `${name} requires 'chars' to be a string, got ${typeNameOf(value)} instead.`);
        set = new Set(value);
      }
      const points = [...text];
      let from = 0;
      let to = points.length;
      if (left) while (from < to && set.has(points[from] as string)) from++;
      if (right) while (to > from && set.has(points[to - 1] as string)) to--;
      return points.slice(from, to).join('');
    };
  };
}

function indexOf(bytes: boolean): Operator {
  return variadic(
    (values, name) => {
      const [text, wanted, start, end] = values;
      if (isNullish(text as Value)) return null;
      const haystack = textArgument(text as Value, name, bytes ? 40091 : 40093, 'a string as the first argument');
      const needle = textArgument(wanted as Value, name, bytes ? 40092 : 40094, 'a string as the second argument');
      const index = (value: Value | Missing | undefined, fallback: number, what: string): number => {
        if (value === undefined) return fallback;
        const number = asInteger(value);
        if (number === undefined)
          throw new MongoError(
            40096,
            `${name} requires an integral ${what} index, found a value of type: ${typeNameOf(value)}`,
          );
        if (number < 0) throw new MongoError(40097, `${name} requires a nonnegative ${what} index, found: ${number}`);
        return number;
      };
      if (bytes) {
        const hay = Buffer.from(haystack);
        const found = hay.subarray(0, index(end, hay.length, 'ending')).indexOf(needle, index(start, 0, 'starting'));
        return int32(index(start, 0, 'starting') > hay.length ? -1 : found);
      }
      const points = [...haystack];
      const wantedPoints = [...needle];
      const last = Math.min(index(end, points.length, 'ending'), points.length) - wantedPoints.length;
      for (let at = index(start, 0, 'starting'); at <= last; at++) {
        if (wantedPoints.every((point, offset) => points[at + offset] === point)) return int32(at);
      }
      return int32(-1);
    },
    2,
    4,
  );
}

function replace(all: boolean): Operator {
  return (argument, scope, name) => {
    const spec = namedArguments(argument, name, ['input', 'find', 'replacement'], [], 51750);
    const parts = ['input', 'find', 'replacement'].map((key) => namedOrMissing(spec, key, scope));
    return (root) => {
      const values = parts.map((part) => part(root));
      for (const [index, value] of values.entries()) {
        if (!isNullish(value) && typeof value !== 'string') {
          throw new MongoError(
            51746 - index,
            `${name} requires that '${['input', 'find', 'replacement'][index]}' be a string, found: ${typeNameOf(value)}`,
          );
        }
      }
      if (values.some(isNullish)) return null;
      const [input, find, replacement] = values as [string, string, string];
      return all ? input.replaceAll(find, () => replacement) : input.replace(find, () => replacement);
    };
  };
}

const compareCase = binary((left, right, name) => {
  const [a, b] = [asciiCase(coerceToString(left, name), true), asciiCase(coerceToString(right, name), true)];
  return int32(compareStrings(a, b));
});

const length = (code: number, measure: (text: string) => number) =>
  unary((value, name) => int32(measure(textArgument(value, name, code, 'a string argument'))));

/** Rebinds the arguments of `$substr`, which is `$substrBytes` under its old name. */
const substr: Operator = (argument, scope, name) => {
  const items = compileArguments(argument, scope, name, 3) as [Expr, Expr, Expr];
  return (root) =>
    substringBytes(
      items.map((item) => item(root)),
      name,
    );
};

const toCase = (upper: boolean) => unary((value, name) => asciiCase(coerceToString(value, name), upper));

/** Operators on text. */
export const STRINGS: OperatorTable = [
  ['$concat', concat],
  ['$toLower', toCase(false)],
  ['$toUpper', toCase(true)],
  ['$substr', substr],
  ['$substrBytes', substr],
  ['$substrCP', variadic(substringPoints, 3, 3)],
  ['$strLenBytes', length(34473, (text) => Buffer.byteLength(text))],
  ['$strLenCP', length(34471, (text) => [...text].length)],
  ['$strcasecmp', compareCase],
  ['$split', split],
  ['$trim', trim(true, true)],
  ['$ltrim', trim(true, false)],
  ['$rtrim', trim(false, true)],
  ['$indexOfBytes', indexOf(true)],
  ['$indexOfCP', indexOf(false)],
  ['$replaceOne', replace(false)],
  ['$replaceAll', replace(true)],
];
