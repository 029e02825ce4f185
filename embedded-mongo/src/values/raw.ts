import { invalid, position, readName, readValue, sizeOf } from './reader.ts';
import { type Doc, MISSING, type Missing, type Value } from './types.ts';

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
  let at = offset + 4;
  while (at < end) {
    const type = buffer[at] as number;
    const name = readName(buffer, at + 1, end);
    const start = position();
    if (names.has(name)) {
      doc.set(name, readValue(type, buffer, start, end, 1));
      at = position();
    } else at = skipValue(type, buffer, start, end);
  }
  return doc;
}

/**
 * Decodes the document at `offset` without the named fields at its top, which are passed over unread. Throws
 * InvalidBSON (22) for damaged input, as far as it was looked at.
 */
export function decodeWithout(buffer: Buffer, names: ReadonlySet<string>, offset = 0): Doc {
  const end = offset + sizeOf(buffer, offset, buffer.length) - 1;
  const doc: Doc = new Map();
  let at = offset + 4;
  while (at < end) {
    const type = buffer[at] as number;
    const name = readName(buffer, at + 1, end);
    const start = position();
    if (names.has(name)) {
      at = skipValue(type, buffer, start, end);
      if (at < start) throw invalid('value with a negative length');
    } else {
      doc.set(name, readValue(type, buffer, start, end, 1));
      at = position();
    }
  }
  if (at !== end) throw invalid('document size does not fit its content');
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
