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
import { compareNumbers, typeRank } from './compare.ts';
import { decimalClass, decimalParts, decimalToDouble } from './decimal.ts';
import { type Doc, isNumber, typeOf, type Value } from './types.ts';

/**
 * Key strings: bytes whose order (memcmp, or the order of latin1 strings) is the order of the BSON values that they
 * were made from. Every component is prefix-free, so that components can be joined: type byte, payload. The type byte
 * is never 0 or 255. Values that compare equal encode equal, whatever their numeric types.
 */

// Ranks run from -1 to 127; shifted so that the byte 0 stays free for "end of document or array".
function typeByte(rank: number): number {
  return rank + 2;
}

let scratch = Buffer.allocUnsafeSlow(4096);
let length = 0;

function reserve(bytes: number): void {
  if (length + bytes <= scratch.length) return;
  const grown = Buffer.allocUnsafeSlow(Math.max(length + bytes, scratch.length * 2));
  scratch.copy(grown, 0, 0, length);
  scratch = grown;
}

/** A zero inside becomes 00 FF, the end is 00 01: a shorter text comes first in both directions. */
function putText(text: string): void {
  reserve(text.length * 6 + 2);
  const start = length;
  const { length: size } = text;
  let index = 0;
  while (index < size) {
    const code = text.charCodeAt(index);
    if (code === 0 || code > 127) break;
    scratch[start + index] = code;
    index++;
  }
  length = start + index;
  if (index < size) {
    for (const byte of Buffer.from(text.slice(index), 'utf8')) {
      scratch[length++] = byte;
      if (byte === 0) scratch[length++] = 0xff;
    }
  }
  scratch[length++] = 0;
  scratch[length++] = 1;
}

function putBytes(bytes: Uint8Array): void {
  reserve(bytes.length);
  scratch.set(bytes, length);
  length += bytes.length;
}

function putUint32(value: number): void {
  reserve(4);
  length = scratch.writeUInt32BE(value, length);
}

/** Writes a non-negative double so that its bits sort. */
function putMagnitude(value: number): void {
  length = scratch.writeDoubleBE(value, length);
}

function nextBelow(value: number): number {
  const bits = new DataView(new ArrayBuffer(8));
  bits.setFloat64(0, value);
  bits.setBigUint64(0, bits.getBigUint64(0) - 1n);
  return bits.getFloat64(0);
}

/**
 * Numbers: the largest double not above the magnitude, then 00 if it is the magnitude, else 01 and the exact digits.
 * The first bit is set, and negative numbers have all bits turned; NaN is all zeros.
 */
function putNumber(value: number | Int32 | bigint | Decimal128): void {
  reserve(64);
  const start = length;
  if (typeof value === 'number' || value instanceof Int32) {
    const number = typeof value === 'number' ? value : value.value;
    if (Number.isNaN(number)) {
      scratch.fill(0, start, start + 9);
      length += 9;
      return;
    }
    putMagnitude(Math.abs(number));
    scratch[length++] = 0;
    sign(start, number < 0);
    return;
  }
  let negative: boolean;
  let nearest: number;
  let digits: string;
  let exponent: number;
  if (typeof value === 'bigint') {
    negative = value < 0n;
    const magnitude = negative ? -value : value;
    nearest = Number(magnitude);
    if (BigInt(nearest) > magnitude) nearest = nextBelow(nearest);
    digits = BigInt(nearest) === magnitude ? '' : magnitude.toString();
    exponent = 0;
  } else {
    const double = decimalToDouble(value);
    if (decimalClass(value) !== 'finite') return putNumber(double);
    const parts = decimalParts(value);
    if (parts.coefficient === 0n) return putNumber(0);
    negative = parts.negative;
    nearest = Math.abs(double);
    const order = compareNumbers(value, negative ? -nearest : nearest) * (negative ? -1 : 1);
    if (order < 0) nearest = nearest === Infinity ? Number.MAX_VALUE : nextBelow(nearest);
    digits = order === 0 ? '' : parts.coefficient.toString();
    exponent = parts.exponent;
  }
  putMagnitude(nearest);
  if (digits === '') scratch[length++] = 0;
  else {
    scratch[length++] = 1;
    // Scientific form: exponent of the first digit, then the digits without the zeros at their end.
    length = scratch.writeUInt16BE(exponent + digits.length + 0x4000, length);
    length += scratch.write(digits.replace(/0+$/, ''), length, 'latin1');
    scratch[length++] = 0;
  }
  sign(start, negative);
}

function sign(start: number, negative: boolean): void {
  scratch[start] = (scratch[start] as number) | 0x80;
  if (negative) for (let index = start; index < length; index++) scratch[index] = ~(scratch[index] as number);
}

function putDate(value: Date): void {
  reserve(8);
  const time = value.getTime();
  const high = Math.floor(time / 4294967296);
  length = scratch.writeUInt32BE((high ^ 0x80000000) >>> 0, length);
  length = scratch.writeUInt32BE(time - high * 4294967296, length);
}

function putDoc(doc: Doc): void {
  for (const [name, value] of doc) {
    reserve(1);
    scratch[length++] = typeByte(typeRank(value));
    putText(name);
    putPayload(value);
  }
  reserve(1);
  scratch[length++] = 0;
}

function putPayload(value: Value): void {
  if (isNumber(value)) return putNumber(value);
  if (typeof value === 'string') return putText(value);
  if (value instanceof ObjectId) return putBytes(value.id);
  if (value instanceof Date) return putDate(value);
  if (typeof value === 'boolean') {
    reserve(1);
    scratch[length++] = value ? 2 : 1;
    return;
  }
  if (value === null || value === undefined) return;
  if (value instanceof Map) return putDoc(value);
  if (Array.isArray(value)) {
    for (const item of value) putValue(item);
    reserve(1);
    scratch[length++] = 0;
    return;
  }
  if (value instanceof Binary) {
    putUint32(value.position);
    putBytes([value.sub_type] as unknown as Uint8Array);
    return putBytes(value.buffer.subarray(0, value.position));
  }
  switch (typeOf(value)) {
    case 17:
      putUint32((value as Timestamp).t);
      return putUint32((value as Timestamp).i);
    case 14:
      return putText((value as BSONSymbol).value);
    case 11:
      putText((value as BSONRegExp).pattern);
      return putText((value as BSONRegExp).options);
    case 12:
      putUint32(Buffer.byteLength((value as DBRef).collection));
      putText((value as DBRef).collection);
      return putBytes((value as DBRef).oid.id);
    case 13:
      return putText((value as Code).code);
    case 15:
      putText((value as Code).code);
      return putDoc((value as Code).scope as unknown as Doc);
    default:
  }
}

function putValue(value: Value): void {
  reserve(1);
  scratch[length++] = typeByte(typeRank(value));
  putPayload(value);
}

function put(values: readonly Value[], directions: readonly number[] | undefined): void {
  length = 0;
  for (let index = 0; index < values.length; index++) {
    const start = length;
    putValue(values[index]);
    if (directions !== undefined && (directions[index] as number) < 0) {
      for (let at = start; at < length; at++) scratch[at] = ~(scratch[at] as number);
    }
  }
}

/**
 * The key string of a list of values. `directions`: 1 or -1 per value, all ascending when left out. Keys of the same
 * directions compare byte by byte exactly as their values do; the key of the first values is a prefix of the whole.
 */
export function encodeKey(values: readonly Value[], directions?: readonly number[]): Buffer {
  put(values, directions);
  return Buffer.from(scratch.subarray(0, length));
}

/** The same as a latin1 string: one character per byte, so that JavaScript's `<` is the order, and Maps take it. */
export function encodeKeyString(values: readonly Value[], directions?: readonly number[]): string {
  put(values, directions);
  return scratch.toString('latin1', 0, length);
}

/**
 * The first byte of every key of a type rank (see `typeRank`), for bounds of type bracketing: all values of a rank
 * lie in [byte, byte + 1). Descending components have their bits turned.
 */
export function keyTypeByte(rank: number): number {
  return typeByte(rank);
}
