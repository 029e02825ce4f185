import { Code, MongoError } from '../errors.ts';
import {
  asInteger,
  compare,
  compareNumbers,
  type Doc,
  docOf,
  encodeKeyString,
  equal,
  isNumber,
  MISSING,
  type Missing,
  type NumberValue,
  remainderDecimals,
  toBigint,
  toDecimal,
  toDouble,
  TYPE_ALIASES,
  typeNameOf,
  typeOf,
  type Value,
} from '../values/index.ts';
import { compileRegex } from './regex.ts';

/** One keyword's rule: `passes` on a value, and what to report when it does not. */
export interface Rule {
  readonly keyword: string;
  readonly passes: (value: Value | Missing) => boolean;
  readonly explain: (value: Value | Missing) => Doc;
}

const JSON_TYPES: Readonly<Record<string, readonly number[]>> = {
  object: [3],
  array: [4],
  number: [1, 16, 18, 19],
  boolean: [8],
  string: [2],
  null: [10],
};
/** The error for a schema that is none. */
export function bad(message: string, code: number = Code.FailedToParse): MongoError {
  return new MongoError(code, message);
}

/** The error for a keyword's value of the wrong type. */
export function wrongType(keyword: string, expected: string): MongoError {
  return bad(`$jsonSchema keyword '${keyword}' must be ${expected}`, Code.TypeMismatch);
}

function count(keyword: string, value: Value): number {
  if (!isNumber(value)) throw wrongType(keyword, 'a number');
  const number = asInteger(value);
  if (number === undefined || number < 0) throw bad(`$jsonSchema keyword '${keyword}' must be a non-negative integer`);
  return number;
}

/** A keyword's value that must be a document. */
export function document(keyword: string, value: Value): Doc {
  if (!(value instanceof Map)) throw wrongType(keyword, 'an object');
  return value;
}

/** A keyword's value that must be an array with something in it. */
export function list(keyword: string, value: Value): Value[] {
  if (!Array.isArray(value)) throw wrongType(keyword, 'an array');
  if (value.length === 0) throw bad(`$jsonSchema keyword '${keyword}' cannot be an empty array`);
  return value;
}

function codePoints(text: string): number {
  let length = 0;
  for (const _ of text) length++;
  return length;
}

function typesOf(keyword: string, value: Value): Set<number> {
  const types = new Set<number>();
  for (const item of Array.isArray(value) ? list(keyword, value) : [value]) {
    if (typeof item !== 'string') throw wrongType(keyword, 'a string or an array of strings');
    const known = JSON_TYPES[item];
    if (keyword === 'type') {
      if (item === 'integer') throw bad("$jsonSchema type 'integer' is not currently supported.");
      if (!known) throw bad(`Unknown type name alias: ${item}`, Code.BadValue);
      for (const type of known) types.add(type);
    } else if (item === 'number') for (const type of [1, 16, 18, 19]) types.add(type);
    else {
      const type = TYPE_ALIASES.get(item);
      if (type === undefined) throw bad(`Unknown type name alias: ${item}`, Code.BadValue);
      types.add(type);
    }
  }
  return types;
}

function isMultiple(value: NumberValue, divisor: NumberValue): boolean {
  const [a, b] = [toBigint(value), toBigint(divisor)];
  if (a === undefined || b === undefined) return false;
  if (typeof value !== 'object' && typeof divisor !== 'object') return toDouble(value) % toDouble(divisor) === 0;
  return toDouble(remainderDecimals(toDecimal(value), toDecimal(divisor))) === 0;
}

/** A rule that speaks only of values of some type; others pass. */
export function only<T extends Value>(
  keyword: string,
  spec: Value,
  guard: (value: Value | Missing) => value is T,
  test: (value: T) => boolean,
  reason: string,
): Rule {
  return {
    keyword,
    passes: (value) => !guard(value) || test(value),
    explain: (value) =>
      docOf(
        'operatorName',
        keyword,
        'specifiedAs',
        docOf(keyword, spec),
        'reason',
        reason,
        'consideredValue',
        value === MISSING ? null : value,
      ),
  };
}

const isText = (value: Value | Missing): value is string => typeof value === 'string';
/** Guards for {@link only}. */
export const isArray = (value: Value | Missing): value is Value[] => Array.isArray(value);
export const isDocument = (value: Value | Missing): value is Doc => value instanceof Map;
export const isAny = (value: Value | Missing): value is Value => value !== MISSING;

/** Makes a keyword's rule from its value and the schema around it. */
export type Build = (value: Value, schema: Doc) => Rule | undefined;

function required(spec: Value): Rule {
  const names = list('required', spec).map((name) => {
    if (typeof name !== 'string') throw wrongType('required', 'an array of strings');
    return name;
  });
  return {
    keyword: 'required',
    passes: (value) => !(value instanceof Map) || names.every((name) => value.has(name)),
    explain: (value) =>
      docOf(
        'operatorName',
        'required',
        'specifiedAs',
        docOf('required', spec),
        'missingProperties',
        names.filter((name) => !(value as Doc).has(name)),
      ),
  };
}

function bound(keyword: 'minimum' | 'maximum'): Build {
  return (spec, schema) => {
    if (!isNumber(spec)) throw wrongType(keyword, 'a number');
    const exclusiveName = keyword === 'minimum' ? 'exclusiveMinimum' : 'exclusiveMaximum';
    const exclusive = schema.get(exclusiveName);
    if (exclusive !== undefined && typeof exclusive !== 'boolean') throw wrongType(exclusiveName, 'a boolean');
    const direction = keyword === 'minimum' ? 1 : -1;
    return only(
      keyword,
      spec,
      isNumber,
      (value) => {
        const order = compareNumbers(value, spec) * direction;
        return exclusive === true ? order > 0 : order >= 0;
      },
      'comparison failed',
    );
  };
}

function size(keyword: string, measure: (value: Value | Missing) => number | undefined, isMinimum: boolean): Build {
  return (spec) => {
    const limit = count(keyword, spec);
    return only(
      keyword,
      spec,
      isAny,
      (value) => {
        const actual = measure(value);
        return actual === undefined || (isMinimum ? actual >= limit : actual <= limit);
      },
      'specified size was not satisfied',
    );
  };
}

const textLength = (value: Value | Missing) => (typeof value === 'string' ? codePoints(value) : undefined);
const arrayLength = (value: Value | Missing) => (Array.isArray(value) ? value.length : undefined);
const fieldCount = (value: Value | Missing) => (value instanceof Map ? value.size : undefined);

function needs(keyword: string, other: string): Build {
  return (_spec, schema) => {
    if (!schema.has(other)) throw bad(`$jsonSchema keyword '${other}' must be a present if ${keyword} is present`);
    return undefined;
  };
}

function typeRule(keyword: string, spec: Value, types: ReadonlySet<number>): Rule {
  return {
    keyword,
    passes: (value) => value === MISSING || types.has(typeOf(value)),
    explain: (value) =>
      docOf(
        'operatorName',
        keyword,
        'specifiedAs',
        docOf(keyword, spec),
        'reason',
        'type did not match',
        'consideredValue',
        value === MISSING ? null : value,
        'consideredType',
        typeNameOf(value),
      ),
  };
}

/** The keywords that look at a value without another schema inside. */
export const SIMPLE_RULES: Readonly<Record<string, Build>> = {
  bsonType: (spec) => {
    const types = typesOf('bsonType', spec);
    return typeRule('bsonType', spec, types);
  },
  type: (spec) => typeRule('type', spec, typesOf('type', spec)),
  required,
  minItems: size('minItems', arrayLength, true),
  maxItems: size('maxItems', arrayLength, false),
  minLength: size('minLength', textLength, true),
  maxLength: size('maxLength', textLength, false),
  minProperties: size('minProperties', fieldCount, true),
  maxProperties: size('maxProperties', fieldCount, false),
  uniqueItems: (spec) => {
    if (typeof spec !== 'boolean') throw wrongType('uniqueItems', 'a boolean');
    if (!spec) return undefined;
    return only(
      'uniqueItems',
      spec,
      isArray,
      (value) => new Set(value.map((item) => encodeKeyString([item]))).size === value.length,
      'found a duplicate item',
    );
  },
  enum: (spec) => {
    const values = list('enum', spec);
    return only(
      'enum',
      spec,
      isAny,
      (value) => values.some((wanted) => equal(value, wanted)),
      'value was not found in enum',
    );
  },
  minimum: bound('minimum'),
  maximum: bound('maximum'),
  exclusiveMinimum: needs('exclusiveMinimum', 'minimum'),
  exclusiveMaximum: needs('exclusiveMaximum', 'maximum'),
  multipleOf: (spec) => {
    if (!isNumber(spec)) throw wrongType('multipleOf', 'a number');
    if (compare(spec, 0) <= 0) throw bad("$jsonSchema keyword 'multipleOf' must have a positive value");
    return only(
      'multipleOf',
      spec,
      isNumber,
      (value) => isMultiple(value, spec),
      'considered value is not a multiple of the specified value',
    );
  },
  pattern: (spec) => {
    if (typeof spec !== 'string') throw wrongType('pattern', 'a string');
    const regex = compileRegex(spec);
    return only('pattern', spec, isText, (value) => regex.test(value), 'regular expression did not match');
  },
};
