import {
  Binary,
  type BSONRegExp,
  type BSONSymbol,
  type Code,
  type DBRef,
  type Decimal128,
  Int32,
  ObjectId,
  type Timestamp,
} from 'bson';
import { decimalClass, decimalParts, decimalToDouble } from './decimal.ts';
import { type Doc, isNumber, MISSING, type Missing, typeOf, type Value } from './types.ts';

/** Compares two strings, where a collation asks for another order than that of the bytes. */
export type StringComparator = (left: string, right: string) => number;

/** The place of a BSON type in the order across types; numbers share one, strings and symbols share one. */
export function typeRank(value: Value | Missing): number {
  if (value === MISSING) return 0;
  return RANKS[typeOf(value) + 1] as number;
}

// Index: type number + 1, so that MinKey (-1) has a slot.
const RANKS: number[] = [];
for (const [type, rank] of [
  [-1, -1],
  [6, 0],
  [10, 5],
  [1, 10],
  [16, 10],
  [18, 10],
  [19, 10],
  [2, 15],
  [14, 15],
  [3, 20],
  [4, 25],
  [5, 30],
  [7, 35],
  [8, 40],
  [9, 45],
  [17, 47],
  [11, 50],
  [12, 55],
  [13, 60],
  [15, 65],
  [127, 127],
] as const) {
  RANKS[type + 1] = rank;
}

/** Code point order of two strings, which is the order of their UTF-8 bytes; JavaScript's own is that of UTF-16. */
export function compareStrings(left: string, right: string): number {
  if (left === right) return 0;
  const length = Math.min(left.length, right.length);
  for (let index = 0; index < length; index++) {
    const a = left.charCodeAt(index);
    const b = right.charCodeAt(index);
    if (a === b) continue;
    if (a >= 0xd800 && b >= 0xd800) {
      // Surrogates stand for code points above all that UTF-16 writes in one unit.
      const aPair = a <= 0xdfff;
      if (aPair !== b <= 0xdfff) return aPair ? 1 : -1;
    }
    return a < b ? -1 : 1;
  }
  return left.length < right.length ? -1 : 1;
}

function compareDoubles(left: number, right: number): number {
  if (left < right) return -1;
  if (left > right) return 1;
  if (left === right) return 0;
  // NaN equals itself and comes before all other numbers.
  if (Number.isNaN(left)) return Number.isNaN(right) ? 0 : -1;
  return 1;
}

/** A finite double as an exact fraction of two integers, the lower one a power of two. */
function exactDouble(value: number): { numerator: bigint; denominator: bigint } {
  let scaled = value;
  let power = 0;
  while (!Number.isInteger(scaled)) {
    scaled *= 2;
    power++;
  }
  return { numerator: BigInt(scaled), denominator: 1n << BigInt(power) };
}

function compareDecimalTo(left: Decimal128, right: number | bigint | Decimal128): number {
  const leftDouble = decimalToDouble(left);
  const rightDouble = typeof right === 'object' ? decimalToDouble(right) : Number(right);
  // Rounding keeps the order, so that the doubles decide where they differ; equal ones are compared exactly.
  if (leftDouble !== rightDouble) return compareDoubles(leftDouble, rightDouble);
  const finite = decimalClass(left) === 'finite' && (typeof right !== 'object' || decimalClass(right) === 'finite');
  if (!finite) {
    if (Number.isFinite(leftDouble)) return 0;
    // One is infinite, or both are: a finite decimal beyond the doubles is nearer to zero than infinity.
    const rank = (value: Decimal128 | number | bigint): number =>
      typeof value === 'object' && decimalClass(value) === 'finite' ? Math.sign(leftDouble) : 2 * Math.sign(leftDouble);
    return Math.sign(rank(left) - rank(right));
  }
  const a = decimalParts(left);
  let numerator = a.negative ? -a.coefficient : a.coefficient;
  let denominator = 1n;
  if (a.exponent >= 0) numerator *= 10n ** BigInt(a.exponent);
  else denominator = 10n ** BigInt(-a.exponent);
  let other: { numerator: bigint; denominator: bigint };
  if (typeof right === 'object') {
    const b = decimalParts(right);
    const coefficient = b.negative ? -b.coefficient : b.coefficient;
    other =
      b.exponent >= 0
        ? { numerator: coefficient * 10n ** BigInt(b.exponent), denominator: 1n }
        : { numerator: coefficient, denominator: 10n ** BigInt(-b.exponent) };
  } else if (typeof right === 'bigint') other = { numerator: right, denominator: 1n };
  else if (!Number.isFinite(right)) return right > 0 ? -1 : 1;
  else other = exactDouble(right);
  const difference = numerator * other.denominator - other.numerator * denominator;
  return difference < 0n ? -1 : difference > 0n ? 1 : 0;
}

/** Compares numbers of any of the four types by their exact values. */
export function compareNumbers(
  left: number | Int32 | bigint | Decimal128,
  right: number | Int32 | bigint | Decimal128,
): number {
  const a = left instanceof Int32 ? left.value : left;
  const b = right instanceof Int32 ? right.value : right;
  if (typeof a === 'number' && typeof b === 'number') return compareDoubles(a, b);
  if (typeof a === 'object') return compareDecimalTo(a, b);
  if (typeof b === 'object') return 0 - compareDecimalTo(b, a);
  // JavaScript compares bigint and number exactly; only NaN needs a rule.
  if (a < b) return -1;
  if (a > b) return 1;
  // Neither less nor greater: equal, or one of them is NaN, which comes first.
  if (Number.isNaN(a)) return -1;
  return Number.isNaN(b) ? 1 : 0;
}

function compareBytes(left: Uint8Array, right: Uint8Array): number {
  return Math.sign(Buffer.compare(left, right));
}

function compareBinaries(left: Binary, right: Binary): number {
  if (left.position !== right.position) return left.position < right.position ? -1 : 1;
  if (left.sub_type !== right.sub_type) return left.sub_type < right.sub_type ? -1 : 1;
  return compareBytes(left.buffer.subarray(0, left.position), right.buffer.subarray(0, right.position));
}

// bson keeps an id as four integers of 24 bits; comparing them spares two buffers and is what its own equals does.
interface IdWords {
  readonly i0: number;
  readonly i1: number;
  readonly i2: number;
  readonly i3: number;
}

function compareIds(left: ObjectId, right: ObjectId): number {
  const a = left as unknown as IdWords;
  const b = right as unknown as IdWords;
  return Math.sign(a.i0 - b.i0 || a.i1 - b.i1 || a.i2 - b.i2 || a.i3 - b.i3);
}

/** Compares documents field by field, in the order in which the fields stand: by type, name, then value. */
export function compareDocs(left: Doc, right: Doc, strings: StringComparator = compareStrings): number {
  if (left === right) return 0;
  const others = right.entries();
  for (const [name, value] of left) {
    const next = others.next();
    if (next.done) return 1;
    const [otherName, otherValue] = next.value;
    const ranks = typeRank(value) - typeRank(otherValue);
    if (ranks !== 0) return ranks < 0 ? -1 : 1;
    const order = compareStrings(name, otherName) || compareSameRank(value, otherValue, strings);
    if (order !== 0) return order;
  }
  return left.size < right.size ? -1 : 0;
}

function compareArrays(left: Value[], right: Value[], strings: StringComparator): number {
  const length = Math.min(left.length, right.length);
  for (let index = 0; index < length; index++) {
    const order = compare(left[index], right[index], strings);
    if (order !== 0) return order;
  }
  return Math.sign(left.length - right.length);
}

function textOf(value: string | BSONSymbol): string {
  return typeof value === 'string' ? value : value.value;
}

function compareSameRank(left: Value, right: Value, strings: StringComparator): number {
  if (left === right) return 0;
  if (isNumber(left)) return compareNumbers(left, right as number);
  if (typeof left === 'string') return strings(left, textOf(right as string));
  if (left instanceof Map) return compareDocs(left, right as Doc, strings);
  if (Array.isArray(left)) return compareArrays(left, right as Value[], strings);
  if (left instanceof ObjectId) return compareIds(left, right as ObjectId);
  if (left instanceof Date) return compareDoubles(left.getTime(), (right as Date).getTime());
  if (typeof left === 'boolean') return left ? 1 : -1;
  if (left instanceof Binary) return compareBinaries(left, right as Binary);
  switch (typeOf(left)) {
    case 17: {
      const a = left as Timestamp;
      const b = right as Timestamp;
      return Math.sign(a.t - b.t || a.i - b.i);
    }
    case 14:
      return strings(textOf(left as BSONSymbol), textOf(right as string));
    case 11: {
      const a = left as BSONRegExp;
      const b = right as BSONRegExp;
      return compareStrings(a.pattern, b.pattern) || compareStrings(a.options, b.options);
    }
    case 12: {
      const a = left as DBRef;
      const b = right as DBRef;
      // As MongoDB: the size of the encoded value first.
      const sizes = Buffer.byteLength(a.collection) - Buffer.byteLength(b.collection);
      return Math.sign(sizes) || compareStrings(a.collection, b.collection) || compareIds(a.oid, b.oid);
    }
    case 13:
      return compareStrings((left as Code).code, (right as Code).code);
    case 15: {
      const a = left as Code;
      const b = right as Code;
      return compareStrings(a.code, b.code) || compareDocs(a.scope as unknown as Doc, b.scope as unknown as Doc);
    }
    default:
      // undefined, null, MinKey, MaxKey: each has one value.
      return 0;
  }
}

/**
 * The order of BSON values, over all types: negative, zero or positive. Numbers of different types compare by value,
 * documents by the order of their fields. MISSING compares as undefined does. `strings` takes a collation's order.
 */
export function compare(
  left: Value | Missing,
  right: Value | Missing,
  strings: StringComparator = compareStrings,
): number {
  if (left === right) return 0;
  if (typeof left === 'string' && typeof right === 'string') return strings(left, right);
  const ranks = typeRank(left) - typeRank(right);
  if (ranks !== 0) return ranks < 0 ? -1 : 1;
  if (left === MISSING || right === MISSING) return 0;
  return compareSameRank(left, right, strings);
}

/** Whether two values are the same to a query: `compare` finds no difference. */
export function equal(left: Value | Missing, right: Value | Missing): boolean {
  return left === right || compare(left, right) === 0;
}

/** Whether two values are the same to the last bit: also the numeric type, the sign of zero, and trailing zeros. */
export function identical(left: Value, right: Value): boolean {
  if (left === right) return typeof left !== 'number' || Object.is(left, right);
  const type = typeOf(left);
  if (type !== typeOf(right)) return false;
  if (typeof left === 'number') return Object.is(left, right);
  if (left instanceof Map) {
    const other = right as Doc;
    if (left.size !== other.size) return false;
    const entries = other.entries();
    for (const [name, value] of left) {
      const [otherName, otherValue] = entries.next().value as [string, Value];
      if (name !== otherName || !identical(value, otherValue)) return false;
    }
    return true;
  }
  if (Array.isArray(left)) {
    const other = right as Value[];
    return left.length === other.length && left.every((item, index) => identical(item, other[index]));
  }
  if (type === 19) return compareBytes((left as Decimal128).bytes, (right as Decimal128).bytes) === 0;
  return compareSameRank(left, right, compareStrings) === 0;
}
