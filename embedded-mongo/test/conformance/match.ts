import { EJSON, Long, type Document } from 'bson';
import { Mismatch, RunnerError } from './failures.ts';

/** What special operators look up. */
export interface MatchContext {
  /** A value saved under a name earlier in the case. */
  entity(id: string): unknown;
  /** The logical session id of a session, known also after it has ended. */
  lsid(id: string): Document;
}

/**
 * Asserts that `actual` is what `expected` describes, by the rules of the Unified Test Format: numbers compare by value,
 * key order is free, a root document may have more keys, any other document may not, and `$$` operators stand for rules.
 *
 * @throws Mismatch
 */
export function assertMatches(
  expected: unknown,
  actual: unknown,
  context: MatchContext,
  root = false,
  path = '',
): void {
  if (isPlainDocument(expected)) {
    const operator = specialOperator(expected);
    if (operator !== undefined) return assertSpecial(operator, expected[operator], actual, context, root, path);
    return assertDocument(expected, actual, context, root, path);
  }
  if (Array.isArray(expected)) {
    if (!Array.isArray(actual)) fail(path, expected, actual, 'not an array');
    if (actual.length !== expected.length) {
      fail(path, expected, actual, `${expected.length} elements expected, ${actual.length} found`);
    }
    expected.forEach((element, index) => assertMatches(element, actual[index], context, false, `${path}[${index}]`));
    return;
  }
  if (!sameValue(expected, actual)) fail(path, expected, actual, 'different values');
}

/** As {@link assertMatches}, where an array's documents are root documents (results of cursors). */
export function assertResultMatches(expected: unknown, actual: unknown, context: MatchContext): void {
  if (!Array.isArray(expected)) return assertMatches(expected, actual, context, true);
  if (!Array.isArray(actual)) fail('', expected, actual, 'not an array');
  if (actual.length !== expected.length) {
    fail('', expected, actual, `${expected.length} elements expected, ${actual.length} found`);
  }
  expected.forEach((element, index) => assertMatches(element, actual[index], context, true, `[${index}]`));
}

function assertDocument(expected: Document, actual: unknown, context: MatchContext, root: boolean, path: string): void {
  if (!isPlainDocument(actual)) fail(path, expected, actual, 'not a document');
  for (const [key, value] of Object.entries(expected)) {
    assertMatches(value, actual[key], context, false, path === '' ? key : `${path}.${key}`);
  }
  if (root) return;
  const extra = Object.keys(actual).filter((key) => actual[key] !== undefined && !Object.hasOwn(expected, key));
  if (extra.length > 0) fail(path, expected, actual, `unexpected keys ${extra.join(', ')}`);
}

function assertSpecial(
  operator: string,
  operand: unknown,
  actual: unknown,
  context: MatchContext,
  root: boolean,
  path: string,
): void {
  switch (operator) {
    case '$$exists':
      if ((actual !== undefined) !== operand) fail(path, { $$exists: operand }, actual, 'presence differs');
      return;
    case '$$type': {
      const types = (Array.isArray(operand) ? operand : [operand]) as string[];
      if (!types.some((type) => hasType(actual, type))) fail(path, { $$type: operand }, actual, 'another type');
      return;
    }
    case '$$unsetOrMatches':
      if (actual !== undefined) assertMatches(operand, actual, context, root, path);
      return;
    case '$$matchesEntity':
      return assertMatches(context.entity(operand as string), actual, context, root, path);
    case '$$matchesHexBytes': {
      const hex =
        Buffer.isBuffer(actual) || actual instanceof Uint8Array ? Buffer.from(actual).toString('hex') : undefined;
      if (hex !== (operand as string).toLowerCase())
        fail(path, { $$matchesHexBytes: operand }, hex ?? actual, 'bytes differ');
      return;
    }
    case '$$sessionLsid':
      return assertMatches(context.lsid(operand as string), actual, context, false, path);
    case '$$lte': {
      const found = asNumber(actual);
      if (found === undefined || !(found <= (asNumber(operand) as number)))
        fail(path, { $$lte: operand }, actual, 'not ≤');
      return;
    }
    case '$$matchAsDocument':
      if (typeof actual !== 'string') fail(path, operand, actual, 'not a string of extended JSON');
      return assertMatches(operand, EJSON.parse(actual, { relaxed: true }), context, false, path);
    case '$$matchAsRoot':
      return assertMatches(operand, actual, context, true, path);
    default:
      throw new RunnerError(`the runner does not know the operator ${operator}`);
  }
}

function specialOperator(document: Document): string | undefined {
  const keys = Object.keys(document);
  return keys.length === 1 && keys[0]?.startsWith('$$') ? keys[0] : undefined;
}

/** A document, as opposed to a BSON value that happens to be a JavaScript object. */
function isPlainDocument(value: unknown): value is Document {
  if (value === null || typeof value !== 'object' || Array.isArray(value)) return false;
  const prototype: unknown = Object.getPrototypeOf(value);
  return prototype === Object.prototype || prototype === null;
}

/** By the mark that every copy of the BSON library sets: the driver loads another copy of it than this file does. */
function isBson(value: unknown, type: string): value is Document {
  return typeof value === 'object' && value !== null && (value as Document)['_bsontype'] === type;
}

function asNumber(value: unknown): number | bigint | undefined {
  if (typeof value === 'number' || typeof value === 'bigint') return value;
  if (isBson(value, 'Int32') || isBson(value, 'Double')) return Number(value);
  // A timestamp extends Long, and is no number.
  if (isBson(value, 'Timestamp')) return undefined;
  if (Long.isLong(value)) return value.toBigInt();
  return undefined;
}

function sameValue(expected: unknown, actual: unknown): boolean {
  const number = asNumber(expected);
  if (number !== undefined) {
    const found = asNumber(actual);
    // == compares a number with a bigint by value; NaN equals itself here.
    // eslint-disable-next-line eqeqeq
    return found !== undefined && (found == number || (Number.isNaN(found) && Number.isNaN(number)));
  }
  if (expected === null || typeof expected !== 'object') return expected === actual;
  if (actual === null || typeof actual !== 'object') return false;
  return typeName(expected) === typeName(actual) && EJSON.stringify({ v: expected }) === EJSON.stringify({ v: actual });
}

function typeName(value: unknown): string {
  return aliases.find((alias) => alias !== 'number' && hasType(value, alias)) ?? typeof value;
}

const aliases = [
  'double',
  'string',
  'array',
  'binData',
  'undefined',
  'objectId',
  'bool',
  'date',
  'null',
  'regex',
  'dbPointer',
  'javascript',
  'symbol',
  'int',
  'timestamp',
  'long',
  'decimal',
  'minKey',
  'maxKey',
  'number',
  'object',
];

function hasType(value: unknown, alias: string): boolean {
  const integer = typeof value === 'number' && Number.isInteger(value);
  const small = integer && Math.abs(value) <= 2 ** 31;
  switch (alias) {
    // The driver reads all three into a number: an integer may have been any of them, a fraction only a double.
    case 'double':
      return isBson(value, 'Double') || typeof value === 'number';
    case 'int':
      return isBson(value, 'Int32') || small;
    case 'long':
      return typeof value === 'bigint' || integer || (Long.isLong(value) && !isBson(value, 'Timestamp'));
    case 'decimal':
      return isBson(value, 'Decimal128');
    case 'number':
      return ['int', 'long', 'double', 'decimal'].some((type) => hasType(value, type));
    case 'string':
      return typeof value === 'string';
    case 'bool':
      return typeof value === 'boolean';
    case 'null':
      return value === null;
    case 'undefined':
      return value === undefined;
    case 'array':
      return Array.isArray(value);
    case 'object':
      return isPlainDocument(value);
    case 'binData':
      return isBson(value, 'Binary') || value instanceof Uint8Array;
    case 'objectId':
      return isBson(value, 'ObjectId');
    case 'date':
      return value instanceof Date;
    case 'regex':
      return value instanceof RegExp || isBson(value, 'BSONRegExp');
    case 'dbPointer':
      return isBson(value, 'DBRef');
    case 'javascript':
      return isBson(value, 'Code') && value['scope'] === null;
    case 'javascriptWithScope':
      return isBson(value, 'Code') && value['scope'] !== null;
    case 'symbol':
      return isBson(value, 'BSONSymbol');
    case 'timestamp':
      return isBson(value, 'Timestamp');
    case 'minKey':
      return isBson(value, 'MinKey');
    case 'maxKey':
      return isBson(value, 'MaxKey');
    default:
      throw new RunnerError(`the runner does not know the type ${alias}`);
  }
}

function fail(path: string, expected: unknown, actual: unknown, how: string): never {
  throw new Mismatch(`${path || '(root)'}: ${how}\n  expected ${show(expected)}\n  found    ${show(actual)}`);
}

/** A value in one line for a message, cut to a length that can be read. */
export function show(value: unknown): string {
  if (value === undefined) return 'undefined';
  let text: string;
  try {
    text = EJSON.stringify({ v: value }, { relaxed: true }).slice(5, -1);
  } catch {
    text = String(value);
  }
  return text.length > 600 ? `${text.slice(0, 600)}…` : text;
}
