import {
  Binary,
  BSONRegExp,
  BSONSymbol,
  Code as JsCode,
  DBRef,
  Decimal128,
  MaxKey,
  MinKey,
  ObjectId,
  Timestamp,
} from 'bson';
import { Code, MongoError } from '../errors.ts';
import { type Doc, int32, type Value } from './types.ts';

/** How deep documents and arrays may be nested. */
export const MAX_DEPTH = 200;

const MIN_KEY = new MinKey();
const MAX_KEY = new MaxKey();

// The constructor with an offset spares a copy of 12 bytes per id; the typings hide it.
const ObjectIdAt = ObjectId as unknown as new (bytes: Uint8Array, offset: number) => ObjectId;

// Field names repeat from document to document: a hash of the bytes, made while their end is sought, finds the string
// made before and spares both the native call and hashing a fresh string for the Map.
const NAME_SLOTS = 4096;
const names: (string | undefined)[] = new Array(NAME_SLOTS).fill(undefined);

/** The error for bytes that are no BSON. */
export function invalid(message: string): MongoError {
  return new MongoError(Code.InvalidBSON, message);
}

/** Where the last function that read something stopped. Reading never yields, so that one place serves everybody. */
let cursor = 0;

/** The place behind what was read last. */
export function position(): number {
  return cursor;
}

/** Reads a zero-terminated name. */
export function readName(buffer: Buffer, start: number, end: number): string {
  let at = start;
  let hash = 0;
  let bits = 0;
  let byte = 0;
  while (at < end && (byte = buffer[at] as number) !== 0) {
    hash = (Math.imul(hash, 31) + byte) | 0;
    bits |= byte;
    at++;
  }
  if (at >= end) throw invalid('field name without an end');
  cursor = at + 1;
  const length = at - start;
  if (length > 40 || bits > 127) return buffer.toString('utf8', start, at);
  const slot = (hash ^ length) & (NAME_SLOTS - 1);
  const known = names[slot];
  if (known !== undefined && known.length === length) {
    let index = 0;
    while (index < length && known.charCodeAt(index) === buffer[start + index]) index++;
    if (index === length) return known;
  }
  const name = buffer.toString('latin1', start, at);
  names[slot] = name;
  return name;
}

/** The size that the document at `start` says it has, checked against the limit and its end. */
export function sizeOf(buffer: Buffer, start: number, limit: number): number {
  if (start + 5 > limit) throw invalid('document is cut off');
  const size = buffer.readInt32LE(start);
  if (size < 5 || start + size > limit) throw invalid(`invalid document size ${size}`);
  if (buffer[start + size - 1] !== 0) throw invalid('document is not terminated');
  return size;
}

function readString(buffer: Buffer, start: number, limit: number): string {
  if (start + 5 > limit) throw invalid('string is cut off');
  const length = buffer.readInt32LE(start);
  const end = start + 4 + length;
  if (length < 1 || end > limit || buffer[end - 1] !== 0) throw invalid(`invalid string length ${length}`);
  cursor = end;
  return buffer.toString('utf8', start + 4, end - 1);
}

function need(limit: number, end: number): void {
  if (end > limit) throw invalid('value is cut off');
}

/** Reads the value of the given type at `start`. */
export function readValue(type: number, buffer: Buffer, start: number, limit: number, depth: number): Value {
  switch (type) {
    case 0x01:
      need(limit, (cursor = start + 8));
      return buffer.readDoubleLE(start);
    case 0x02:
      return readString(buffer, start, limit);
    case 0x03:
      return readDoc(buffer, start, limit, depth + 1);
    case 0x04:
      return readArray(buffer, start, limit, depth + 1);
    case 0x05:
      return readBinary(buffer, start, limit);
    case 0x06:
      cursor = start;
      return undefined;
    case 0x07:
      need(limit, (cursor = start + 12));
      return new ObjectIdAt(buffer, start);
    case 0x08: {
      need(limit, (cursor = start + 1));
      const byte = buffer[start] as number;
      if (byte > 1) throw invalid('boolean that is neither 0 nor 1');
      return byte === 1;
    }
    case 0x09:
      need(limit, (cursor = start + 8));
      return readDate(buffer, start);
    case 0x0a:
      cursor = start;
      return null;
    case 0x0b: {
      const pattern = readName(buffer, start, limit);
      return new BSONRegExp(pattern, readName(buffer, cursor, limit));
    }
    case 0x0c: {
      const collection = readString(buffer, start, limit);
      const at = cursor;
      need(limit, (cursor = at + 12));
      return new DBRef(collection, new ObjectIdAt(buffer, at));
    }
    case 0x0d:
      return new JsCode(readString(buffer, start, limit));
    case 0x0e:
      return new BSONSymbol(readString(buffer, start, limit));
    case 0x0f: {
      const code = readString(buffer, start + 4, limit);
      const scope = readDoc(buffer, cursor, limit, depth + 1);
      return new JsCode(code, scope as never);
    }
    case 0x10:
      need(limit, (cursor = start + 4));
      return int32(buffer.readInt32LE(start));
    case 0x11:
      need(limit, (cursor = start + 8));
      return new Timestamp({ t: buffer.readUInt32LE(start + 4), i: buffer.readUInt32LE(start) });
    case 0x12:
      need(limit, (cursor = start + 8));
      return buffer.readBigInt64LE(start);
    case 0x13:
      need(limit, (cursor = start + 16));
      return new Decimal128(Buffer.from(buffer.subarray(start, start + 16)));
    case 0xff:
      cursor = start;
      return MIN_KEY;
    case 0x7f:
      cursor = start;
      return MAX_KEY;
    default:
      throw invalid(`unknown element type 0x${type.toString(16)}`);
  }
}

function readDate(buffer: Buffer, start: number): Date {
  const date = new Date(buffer.readInt32LE(start + 4) * 4294967296 + buffer.readUInt32LE(start));
  // BSON's dates reach further than JavaScript's: refused, because such a date could not be written back as it was.
  if (Number.isNaN(date.getTime())) throw invalid('date out of range');
  return date;
}

function readBinary(buffer: Buffer, start: number, limit: number): Binary {
  need(limit, start + 5);
  let length = buffer.readInt32LE(start);
  const subtype = buffer[start + 4] as number;
  let from = start + 5;
  if (length < 0) throw invalid(`invalid binary length ${length}`);
  need(limit, (cursor = from + length));
  if (subtype === 2) {
    // The old subtype carries its length twice.
    if (length < 4) throw invalid('invalid length of an old binary');
    from += 4;
    length -= 4;
  }
  // A copy: the buffer is often a network message that must not be held alive, or is written over.
  return new Binary(Buffer.from(buffer.subarray(from, from + length)), subtype);
}

/** Reads a document at `start`. */
export function readDoc(buffer: Buffer, start: number, limit: number, depth: number): Doc {
  if (depth > MAX_DEPTH) throw new MongoError(Code.Overflow, `Object nested deeper than ${MAX_DEPTH} levels`);
  const end = start + sizeOf(buffer, start, limit) - 1;
  const doc: Doc = new Map();
  let at = start + 4;
  while (at < end) {
    const type = buffer[at] as number;
    const name = readName(buffer, at + 1, end);
    const value = readValue(type, buffer, cursor, end, depth);
    doc.set(name, value);
    at = cursor;
  }
  if (at !== end) throw invalid('document size does not fit its content');
  cursor = end + 1;
  return doc;
}

function readArray(buffer: Buffer, start: number, limit: number, depth: number): Value[] {
  if (depth > MAX_DEPTH) throw new MongoError(Code.Overflow, `Object nested deeper than ${MAX_DEPTH} levels`);
  const end = start + sizeOf(buffer, start, limit) - 1;
  const items: Value[] = [];
  let at = start + 4;
  while (at < end) {
    const type = buffer[at] as number;
    at++;
    while (at < end && buffer[at] !== 0) at++;
    items.push(readValue(type, buffer, at + 1, end, depth));
    at = cursor;
  }
  if (at !== end) throw invalid('array size does not fit its content');
  cursor = end + 1;
  return items;
}
