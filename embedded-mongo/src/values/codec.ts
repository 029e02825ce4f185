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
import { BsonWriter } from './writer.ts';
import { type Doc, int32, MISSING, type Missing, type Value } from './types.ts';

/** The largest document that a client may store, in bytes. */
export const MAX_DOCUMENT_BYTES = 16 * 1024 * 1024;
/** What a command or reply may weigh: a document of full size and its wrapping. */
export const MAX_INTERNAL_BYTES = MAX_DOCUMENT_BYTES + 16 * 1024;
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

function invalid(message: string): MongoError {
  return new MongoError(Code.InvalidBSON, message);
}

let cursor = 0;

/** Reads a zero-terminated name at `cursor` and moves it behind the zero. */
function readName(buffer: Buffer, end: number): string {
  const start = cursor;
  let position = start;
  let hash = 0;
  let bits = 0;
  let byte = 0;
  while (position < end && (byte = buffer[position] as number) !== 0) {
    hash = (Math.imul(hash, 31) + byte) | 0;
    bits |= byte;
    position++;
  }
  if (position >= end) throw invalid('field name without an end');
  cursor = position + 1;
  const length = position - start;
  if (length > 40 || bits > 127) return buffer.toString('utf8', start, position);
  const slot = (hash ^ length) & (NAME_SLOTS - 1);
  const known = names[slot];
  if (known !== undefined && known.length === length) {
    let index = 0;
    while (index < length && known.charCodeAt(index) === buffer[start + index]) index++;
    if (index === length) return known;
  }
  const name = buffer.toString('latin1', start, position);
  names[slot] = name;
  return name;
}

function sizeOf(buffer: Buffer, start: number, limit: number): number {
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

/** Reads the value of the given type at `start`; leaves `cursor` behind it. */
function readValue(type: number, buffer: Buffer, start: number, limit: number, depth: number): Value {
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
      cursor = start;
      const pattern = readName(buffer, limit);
      return new BSONRegExp(pattern, readName(buffer, limit));
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

function readDoc(buffer: Buffer, start: number, limit: number, depth: number): Doc {
  if (depth > MAX_DEPTH) throw new MongoError(Code.Overflow, `Object nested deeper than ${MAX_DEPTH} levels`);
  const end = start + sizeOf(buffer, start, limit) - 1;
  const doc: Doc = new Map();
  let position = start + 4;
  while (position < end) {
    const type = buffer[position] as number;
    cursor = position + 1;
    const name = readName(buffer, end);
    const value = readValue(type, buffer, cursor, end, depth);
    doc.set(name, value);
    position = cursor;
  }
  if (position !== end) throw invalid('document size does not fit its content');
  cursor = end + 1;
  return doc;
}

function readArray(buffer: Buffer, start: number, limit: number, depth: number): Value[] {
  if (depth > MAX_DEPTH) throw new MongoError(Code.Overflow, `Object nested deeper than ${MAX_DEPTH} levels`);
  const end = start + sizeOf(buffer, start, limit) - 1;
  const items: Value[] = [];
  let position = start + 4;
  while (position < end) {
    const type = buffer[position] as number;
    position++;
    while (position < end && buffer[position] !== 0) position++;
    items.push(readValue(type, buffer, position + 1, end, depth));
    position = cursor;
  }
  if (position !== end) throw invalid('array size does not fit its content');
  cursor = end + 1;
  return items;
}

/**
 * Decodes the document at `offset`. Repeated keys: the last one counts, at the place of the first.
 * Throws InvalidBSON (22) for damaged input and Overflow (15) for too deep nesting.
 */
export function decode(buffer: Buffer, offset = 0): Doc {
  try {
    return readDoc(buffer, offset, buffer.length, 1);
  } catch (error) {
    // Lengths that lie make Node or bson throw errors of their own.
    throw error instanceof MongoError ? error : invalid(String((error as Error).message));
  }
}

/** The length in bytes of the document at `offset`, as it says itself. */
export function docSize(buffer: Buffer, offset = 0): number {
  return sizeOf(buffer, offset, buffer.length);
}

/** Encodes a document. Throws BSONObjectTooLarge (10334) above `maxBytes`. The buffer returned is the caller's. */
export function encode(doc: Doc, maxBytes = MAX_INTERNAL_BYTES): Buffer {
  const writer = BsonWriter.shared(maxBytes);
  writer.doc(doc);
  return writer.take();
}

/** Where an element lies in a buffer: its type and the bytes [start, end) of its value. */
export interface RawElement {
  readonly type: number;
  readonly start: number;
  readonly end: number;
}

/** The end of a value of the given type at `start`, without decoding it. */
function skipValue(type: number, buffer: Buffer, start: number, limit: number): number {
  switch (type) {
    case 0x01:
    case 0x09:
    case 0x11:
    case 0x12:
      return start + 8;
    case 0x02:
    case 0x0d:
    case 0x0e:
      return start + 4 + buffer.readInt32LE(start);
    case 0x03:
    case 0x04:
    case 0x0f:
      return start + buffer.readInt32LE(start);
    case 0x05:
      return start + 5 + buffer.readInt32LE(start);
    case 0x06:
    case 0x0a:
    case 0xff:
    case 0x7f:
      return start;
    case 0x07:
      return start + 12;
    case 0x08:
      return start + 1;
    case 0x10:
      return start + 4;
    case 0x13:
      return start + 16;
    case 0x0b:
      return buffer.indexOf(0, buffer.indexOf(0, start) + 1) + 1;
    case 0x0c:
      return start + 4 + buffer.readInt32LE(start) + 12;
    default:
      throw invalid(`unknown element type 0x${type.toString(16)} before ${limit}`);
  }
}

/**
 * Decodes only the named fields at the top of the document at `offset`, in the document's order. What a filter or a sort
 * does not look at costs next to nothing. For documents that were checked before: what is passed over is not.
 */
export function decodeFields(buffer: Buffer, names: ReadonlySet<string>, offset = 0): Doc {
  const end = offset + sizeOf(buffer, offset, buffer.length) - 1;
  const doc: Doc = new Map();
  let position = offset + 4;
  while (position < end) {
    const type = buffer[position] as number;
    cursor = position + 1;
    const name = readName(buffer, end);
    const start = cursor;
    if (names.has(name)) {
      doc.set(name, readValue(type, buffer, start, end, 1));
      position = cursor;
    } else position = skipValue(type, buffer, start, end);
  }
  return doc;
}

function nameEquals(buffer: Buffer, start: number, end: number, name: string): boolean {
  if (end - start !== name.length) return false;
  for (let index = 0; index < name.length; index++) if (buffer[start + index] !== name.charCodeAt(index)) return false;
  return true;
}

/** Finds a field of the document at `offset` without decoding others; MISSING if there is none. The name is ASCII. */
export function findRaw(buffer: Buffer, name: string, offset = 0): RawElement | Missing {
  const limit = offset + sizeOf(buffer, offset, buffer.length) - 1;
  let position = offset + 4;
  let found: RawElement | Missing = MISSING;
  while (position < limit) {
    const type = buffer[position] as number;
    let end = position + 1;
    while (end < limit && buffer[end] !== 0) end++;
    const start = end + 1;
    const next = skipValue(type, buffer, start, limit);
    if (next > limit || next < start) throw invalid('value is cut off');
    if (nameEquals(buffer, position + 1, end, name)) {
      found = { type, start, end: next };
      // The server puts _id first and never twice; for other names the last one counts, as in decode.
      if (name === '_id') return found;
    }
    position = next;
  }
  return found;
}

/** Decodes the value of an element that `findRaw` found. */
export function decodeRaw(buffer: Buffer, element: RawElement): Value {
  return readValue(element.type, buffer, element.start, element.end, 1);
}

/**
 * Reads the value at a dotted path without decoding the rest. A number in the path is an index where it meets an
 * array; there is no implicit descent into the elements of arrays. MISSING if the path leads nowhere.
 */
export function readPath(buffer: Buffer, path: string, offset = 0): Value | Missing {
  let at = offset;
  let rest = path;
  for (;;) {
    const dot = rest.indexOf('.');
    const element = findRaw(buffer, dot < 0 ? rest : rest.slice(0, dot), at);
    if (element === MISSING) return MISSING;
    if (dot < 0) return decodeRaw(buffer, element);
    if (element.type !== 0x03 && element.type !== 0x04) return MISSING;
    at = element.start;
    rest = rest.slice(dot + 1);
  }
}
