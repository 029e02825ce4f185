import {
  Binary,
  type BSONRegExp,
  type BSONSymbol,
  type Code,
  type DBRef,
  type Decimal128,
  Int32,
  type MaxKey,
  type MinKey,
  ObjectId,
  type Timestamp,
} from 'bson';

/** A BSON document. A Map, because objects would reorder keys that look like integers. */
export type Doc = Map<string, Value>;

/**
 * A BSON value with its type kept apart: a JavaScript number is a double, `Int32` an int, a bigint a long.
 * Values are immutable by convention: nobody writes into a document, array or Int32 after it was handed on.
 */
export type Value =
  | number
  | Int32
  | bigint
  | Decimal128
  | string
  | boolean
  | null
  | undefined
  | Date
  | ObjectId
  | Binary
  | Timestamp
  | BSONRegExp
  | MinKey
  | MaxKey
  | Code
  | BSONSymbol
  | DBRef
  | Doc
  | Value[];

/** Stands for "there is no such field", which is not the same as null or undefined. */
export const MISSING: unique symbol = Symbol('missing');
export type Missing = typeof MISSING;

/** Numbers of the BSON types, as on the wire and as `$type` takes them. */
export const Type = {
  double: 1,
  string: 2,
  object: 3,
  array: 4,
  binData: 5,
  undefined: 6,
  objectId: 7,
  bool: 8,
  date: 9,
  null: 10,
  regex: 11,
  dbPointer: 12,
  javascript: 13,
  symbol: 14,
  javascriptWithScope: 15,
  int: 16,
  timestamp: 17,
  long: 18,
  decimal: 19,
  minKey: -1,
  maxKey: 127,
} as const;

/** Alias to number, as `$type` and `$jsonSchema` know them ("number" is four types and handled by them). */
export const TYPE_ALIASES: ReadonlyMap<string, number> = new Map(Object.entries(Type));

const ALIAS_OF = new Map<number, string>(Object.entries(Type).map(([name, number]) => [number, name]));

/** The alias of a type number ("objectId"), as error messages and `$type` expressions print it. */
export function typeName(type: number): string {
  return ALIAS_OF.get(type) ?? String(type);
}

/** The BSON type number of a value. */
export function typeOf(value: Value): number {
  switch (typeof value) {
    case 'number':
      return 1;
    case 'string':
      return 2;
    case 'boolean':
      return 8;
    case 'bigint':
      return 18;
    case 'undefined':
      return 6;
    default:
  }
  if (value === null) return 10;
  if (value instanceof Int32) return 16;
  if (value instanceof Map) return 3;
  if (Array.isArray(value)) return 4;
  if (value instanceof ObjectId) return 7;
  if (value instanceof Date) return 9;
  if (value instanceof Binary) return 5;
  switch ((value as { _bsontype?: string })._bsontype) {
    case 'Timestamp':
      return 17;
    case 'Decimal128':
      return 19;
    case 'BSONRegExp':
      return 11;
    case 'MinKey':
      return -1;
    case 'MaxKey':
      return 127;
    case 'Code':
      return (value as Code).scope ? 15 : 13;
    case 'BSONSymbol':
      return 14;
    case 'DBRef':
      return 12;
    default:
      throw new TypeError(`not a BSON value: ${Object.prototype.toString.call(value)}`);
  }
}

/** The alias of a value's type, "missing" for no value. */
export function typeNameOf(value: Value | Missing): string {
  return value === MISSING ? 'missing' : typeName(typeOf(value));
}

/** Whether a value is a document. */
export function isDoc(value: Value | Missing): value is Doc {
  return value instanceof Map;
}

/** Whether a value is of one of the four numeric types. */
export function isNumber(value: Value | Missing): value is number | Int32 | bigint | Decimal128 {
  return (
    typeof value === 'number' ||
    value instanceof Int32 ||
    typeof value === 'bigint' ||
    (typeof value === 'object' && value !== null && (value as { _bsontype?: string })._bsontype === 'Decimal128')
  );
}

// Int32 objects are immutable here, so the frequent small ones are made once.
const SMALL_INTS: Int32[] = Array.from({ length: 1280 }, (_, index) => new Int32(index - 256));

/** The int32 value of a JavaScript number that is known to fit. */
export function int32(value: number): Int32 {
  return value >= -256 && value < 1024 ? (SMALL_INTS[value + 256] as Int32) : new Int32(value);
}

/** A document from pairs, mostly for replies and tests: `docOf('ok', 1, 'n', int32(2))`. */
export function docOf(...pairs: (string | Value)[]): Doc {
  const doc: Doc = new Map();
  for (let index = 0; index < pairs.length; index += 2) doc.set(pairs[index] as string, pairs[index + 1] as Value);
  return doc;
}
