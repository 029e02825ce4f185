import type { Binary, BSONRegExp, BSONSymbol, Code as JsCode, DBRef, Decimal128, Timestamp } from 'bson';
import { Int32, ObjectId } from 'bson';
import { Code, MongoError } from '../errors.ts';
import { type Doc, typeOf, type Value } from './types.ts';

const INITIAL_BYTES = 64 * 1024;
// A scratch buffer that one huge document has stretched is given back.
const KEEP_BYTES = 1024 * 1024;

/** Writes documents into one growing scratch buffer. Encoding never yields, so that one instance serves everybody. */
export class BsonWriter {
  private buffer = Buffer.allocUnsafeSlow(INITIAL_BYTES);
  private length = 0;
  private maxBytes = 0;
  private depth = 0;

  /** The one writer, emptied. */
  static shared(maxBytes: number): BsonWriter {
    SHARED.length = 0;
    SHARED.depth = 0;
    SHARED.maxBytes = maxBytes;
    return SHARED;
  }

  /** What was written, as a buffer of the caller's own. */
  take(): Buffer {
    if (this.length > this.maxBytes) this.tooLarge();
    const result = Buffer.allocUnsafe(this.length);
    this.buffer.copy(result, 0, 0, this.length);
    if (this.buffer.length > KEEP_BYTES) this.buffer = Buffer.allocUnsafeSlow(INITIAL_BYTES);
    return result;
  }

  private tooLarge(): never {
    throw new MongoError(
      Code.BSONObjectTooLarge,
      `BSONObj size: ${this.length} is invalid. Size must be between 0 and ${this.maxBytes}`,
    );
  }

  private reserve(bytes: number): void {
    const wanted = this.length + bytes;
    if (wanted <= this.buffer.length) return;
    // Three bytes are reserved per character of a string, so that the limit on the reservation is a loose one.
    if (this.length > this.maxBytes) this.tooLarge();
    const grown = Buffer.allocUnsafeSlow(Math.max(wanted, this.buffer.length * 2));
    this.buffer.copy(grown, 0, 0, this.length);
    this.buffer = grown;
  }

  private name(name: string): void {
    this.reserve(name.length * 3 + 32);
    const { buffer } = this;
    const start = this.length;
    const { length } = name;
    for (let index = 0; index < length; index++) {
      const code = name.charCodeAt(index);
      if (code === 0)
        throw new MongoError(Code.BadValue, 'field names and regular expressions cannot contain a null byte');
      if (code > 127) {
        if (name.includes('\0')) throw new MongoError(Code.BadValue, 'field names cannot contain a null byte');
        const written = buffer.write(name, start, 'utf8');
        buffer[start + written] = 0;
        this.length = start + written + 1;
        return;
      }
      buffer[start + index] = code;
    }
    buffer[start + length] = 0;
    this.length = start + length + 1;
  }

  private string(value: string): void {
    const { length } = value;
    this.reserve(length * 3 + 32);
    const { buffer } = this;
    const start = this.length + 4;
    let written = 0;
    if (length < 24) {
      while (written < length) {
        const code = value.charCodeAt(written);
        if (code > 127) break;
        buffer[start + written] = code;
        written++;
      }
    }
    if (written < length) written = buffer.write(value, start, 'utf8');
    buffer[start + written] = 0;
    buffer.writeInt32LE(written + 1, start - 4);
    this.length = start + written + 1;
  }

  /** Appends a whole document. */
  doc(doc: Doc): void {
    const start = this.open();
    for (const [name, value] of doc) this.element(name, value);
    this.close(start);
  }

  private array(items: Value[]): void {
    const start = this.open();
    for (let index = 0; index < items.length; index++) this.element(String(index), items[index]);
    this.close(start);
  }

  private open(): number {
    if (++this.depth > 250) throw new MongoError(Code.Overflow, 'Object nested too deeply to be encoded');
    this.reserve(32);
    const start = this.length;
    this.length += 4;
    return start;
  }

  private close(start: number): void {
    this.reserve(32);
    this.buffer[this.length++] = 0;
    this.buffer.writeInt32LE(this.length - start, start);
    this.depth--;
  }

  private element(name: string, value: Value): void {
    // The type byte is set last: the value decides it, and the name comes in between.
    const at = this.length;
    this.reserve(1);
    this.length++;
    this.name(name);
    // Before the assignment, because writing the value may put a larger buffer in the place of this one.
    const type = this.value(value);
    this.buffer[at] = type;
  }

  /** Appends a value, having 32 bytes reserved by the name before it, and returns its type byte. */
  private value(value: Value): number {
    const start = this.length;
    switch (typeof value) {
      case 'string':
        this.string(value);
        return 0x02;
      case 'number':
        this.length = this.buffer.writeDoubleLE(value, start);
        return 0x01;
      case 'boolean':
        this.buffer[start] = value ? 1 : 0;
        this.length++;
        return 0x08;
      case 'bigint':
        this.length = this.buffer.writeBigInt64LE(value, start);
        return 0x12;
      case 'undefined':
        return 0x06;
      default:
    }
    if (value === null) return 0x0a;
    if (value instanceof Int32) {
      this.length = this.buffer.writeInt32LE(value.value, start);
      return 0x10;
    }
    if (value instanceof Map) {
      this.doc(value);
      return 0x03;
    }
    if (Array.isArray(value)) {
      this.array(value);
      return 0x04;
    }
    if (value instanceof ObjectId) {
      this.buffer.set(value.id, start);
      this.length += 12;
      return 0x07;
    }
    if (value instanceof Date) {
      const time = value.getTime();
      if (Number.isNaN(time)) throw new MongoError(Code.BadValue, 'date out of range');
      const high = Math.floor(time / 4294967296);
      this.buffer.writeUInt32LE(time - high * 4294967296, start);
      this.length = this.buffer.writeInt32LE(high, start + 4);
      return 0x09;
    }
    return this.rareValue(value, start);
  }

  private rareValue(value: Exclude<Value, Doc | Value[]>, start: number): number {
    switch (typeOf(value)) {
      case 5:
        this.binary(value as Binary);
        return 0x05;
      case 17:
        this.buffer.writeUInt32LE((value as Timestamp).i, start);
        this.length = this.buffer.writeUInt32LE((value as Timestamp).t, start + 4);
        return 0x11;
      case 19:
        this.buffer.set((value as Decimal128).bytes, start);
        this.length += 16;
        return 0x13;
      case 11:
        this.name((value as BSONRegExp).pattern);
        this.name((value as BSONRegExp).options);
        return 0x0b;
      case -1:
        return 0xff;
      case 127:
        return 0x7f;
      case 13:
        this.string((value as JsCode).code);
        return 0x0d;
      case 15:
        this.length += 4;
        this.string((value as JsCode).code);
        this.doc((value as JsCode).scope as unknown as Doc);
        this.buffer.writeInt32LE(this.length - start, start);
        return 0x0f;
      case 14:
        this.string((value as BSONSymbol).value);
        return 0x0e;
      default:
        this.string((value as DBRef).collection);
        this.reserve(12);
        this.buffer.set((value as DBRef).oid.id, this.length);
        this.length += 12;
        return 0x0c;
    }
  }

  private binary(value: Binary): void {
    const bytes = value.buffer.subarray(0, value.position);
    const old = value.sub_type === 2;
    this.reserve(bytes.length + 16);
    this.length = this.buffer.writeInt32LE(bytes.length + (old ? 4 : 0), this.length);
    this.buffer[this.length++] = value.sub_type;
    if (old) this.length = this.buffer.writeInt32LE(bytes.length, this.length);
    this.buffer.set(bytes, this.length);
    this.length += bytes.length;
  }
}

const SHARED = new BsonWriter();
