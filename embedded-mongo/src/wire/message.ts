/** Operation codes of the wire protocol that this server knows. */
export const OpCode = { reply: 1, query: 2004, compressed: 2012, msg: 2013 } as const;

/** The largest message that is taken, as a replica set announces it. */
export const MAX_MESSAGE_BYTES = 48_000_000;
/** The largest document that a client may store. */
export const MAX_DOCUMENT_BYTES = 16 * 1024 * 1024;
/** The largest number of statements of one write command. */
export const MAX_WRITE_BATCH = 100_000;

const CHECKSUM_PRESENT = 1;
const MORE_TO_COME = 2;
const EXHAUST_ALLOWED = 1 << 16;

/** A request taken apart as far as needed to find its command: the documents in it are still BSON. */
export interface Request {
  readonly id: number;
  /** The command's document. */
  readonly body: Buffer;
  /** Document sequences (sections of kind 1) by the name of the field that they stand for. */
  readonly sequences: ReadonlyMap<string, Buffer[]> | undefined;
  /** The client does not read a reply. */
  readonly moreToCome: boolean;
  /** The client takes further replies without asking again. */
  readonly exhaustAllowed: boolean;
  /** The request came as OP_QUERY, as the first one of a connection may; the database is named in the message. */
  readonly legacyDatabase: string | undefined;
}

/** A message that breaks the protocol so that nothing after it can be trusted: the connection is closed. */
export class WireError extends Error {}

function documentAt(buffer: Buffer, offset: number, end: number): Buffer {
  if (offset + 5 > end) throw new WireError('a document is cut off');
  const length = buffer.readInt32LE(offset);
  if (length < 5 || offset + length > end) throw new WireError('the length of a document is wrong');
  return buffer.subarray(offset, offset + length);
}

function parseMsg(id: number, message: Buffer): Request {
  const flags = message.readUInt32LE(16);
  if ((flags & 0xffff & ~(CHECKSUM_PRESENT | MORE_TO_COME)) !== 0) throw new WireError('unknown required flag bits');
  const end = message.length - (flags & CHECKSUM_PRESENT ? 4 : 0);
  let offset = 20;
  let body: Buffer | undefined;
  let sequences: Map<string, Buffer[]> | undefined;
  while (offset < end) {
    const kind = message[offset++];
    if (kind === 0) {
      if (body !== undefined) throw new WireError('two bodies in one message');
      body = documentAt(message, offset, end);
      offset += body.length;
    } else if (kind === 1) {
      if (offset + 4 > end) throw new WireError('a section is cut off');
      const sectionEnd = offset + message.readInt32LE(offset);
      const nameEnd = message.indexOf(0, offset + 4);
      if (sectionEnd > end || nameEnd < 0 || nameEnd >= sectionEnd) throw new WireError('a section is cut off');
      const name = message.toString('utf8', offset + 4, nameEnd);
      const documents: Buffer[] = [];
      offset = nameEnd + 1;
      while (offset < sectionEnd) {
        const document = documentAt(message, offset, sectionEnd);
        documents.push(document);
        offset += document.length;
      }
      sequences ??= new Map();
      if (sequences.has(name)) throw new WireError('two sections of one name');
      sequences.set(name, documents);
    } else {
      throw new WireError(`a section of unknown kind ${kind}`);
    }
  }
  if (body === undefined) throw new WireError('a message without a body');
  return {
    id,
    body,
    sequences,
    moreToCome: (flags & MORE_TO_COME) !== 0,
    exhaustAllowed: (flags & EXHAUST_ALLOWED) !== 0,
    legacyDatabase: undefined,
  };
}

function parseQuery(id: number, message: Buffer): Request {
  const nameEnd = message.indexOf(0, 20);
  if (nameEnd < 0) throw new WireError('a query is cut off');
  const namespace = message.toString('utf8', 20, nameEnd);
  if (!namespace.endsWith('.$cmd')) throw new WireError('OP_QUERY is taken for the handshake only');
  const body = documentAt(message, nameEnd + 9, message.length);
  const legacyDatabase = namespace.slice(0, -'.$cmd'.length);
  return { id, body, sequences: undefined, moreToCome: false, exhaustAllowed: false, legacyDatabase };
}

/** Takes one whole message apart. Throws {@link WireError}. */
export function parseMessage(message: Buffer): Request {
  const id = message.readInt32LE(4);
  const opCode = message.readInt32LE(12);
  if (opCode === OpCode.msg && message.length >= 26) return parseMsg(id, message);
  if (opCode === OpCode.query && message.length >= 34) return parseQuery(id, message);
  if (opCode === OpCode.compressed) throw new WireError('compressed messages were not negotiated');
  throw new WireError(`unknown operation code ${opCode}`);
}

/** Cuts a stream of bytes into messages. */
export class Framer {
  #parts: Buffer[] = [];
  #have = 0;
  #need = 16;

  /** Takes what arrived and hands over each message that is whole. Throws {@link WireError} for impossible lengths. */
  push(chunk: Buffer, onMessage: (message: Buffer) => void): void {
    if (this.#have > 0) {
      this.#parts.push(chunk);
      this.#have += chunk.length;
      if (this.#have < this.#need) return;
      chunk = Buffer.concat(this.#parts, this.#have);
      this.#parts = [];
      this.#have = 0;
    }
    let offset = 0;
    while (chunk.length - offset >= 4) {
      const length = chunk.readInt32LE(offset);
      if (length < 16 || length > MAX_MESSAGE_BYTES) throw new WireError(`a message of ${length} bytes`);
      this.#need = length;
      if (chunk.length - offset < length) break;
      onMessage(chunk.subarray(offset, offset + length));
      offset += length;
    }
    if (offset < chunk.length) {
      if (chunk.length - offset < 4) this.#need = 4;
      this.#parts.push(offset === 0 ? chunk : chunk.subarray(offset));
      this.#have = chunk.length - offset;
    }
  }
}

const TAIL = (() => {
  const field = (type: number, name: string, value: Buffer): Buffer =>
    Buffer.concat([Buffer.from([type]), Buffer.from(`${name}\0`), value]);
  const doc = (...fields: Buffer[]): Buffer => {
    const body = Buffer.concat(fields);
    const length = Buffer.alloc(4);
    length.writeInt32LE(body.length + 5);
    return Buffer.concat([length, body, Buffer.from([0])]);
  };
  const hash = Buffer.concat([Buffer.from([20, 0, 0, 0, 0]), Buffer.alloc(20)]);
  const signature = doc(field(5, 'hash', hash), field(18, 'keyId', Buffer.alloc(8)));
  const clusterTime = doc(field(17, 'clusterTime', Buffer.alloc(8, 0xff)), field(3, 'signature', signature));
  return Buffer.concat([
    field(3, '$clusterTime', clusterTime),
    field(17, 'operationTime', Buffer.alloc(8, 0xff)),
    Buffer.from([0]),
  ]);
})();
const MARK = Buffer.alloc(8, 0xff);
const CLUSTER_TIME_AT = TAIL.indexOf(MARK);
const OPERATION_TIME_AT = TAIL.indexOf(MARK, CLUSTER_TIME_AT + 8);

/**
 * Makes the OP_MSG for a reply.
 * @param body the reply's document without its times
 * @param seconds and increment: the cluster time, which each reply carries
 * @param moreToCome another reply to the same request will follow
 */
export function replyMessage(
  id: number,
  responseTo: number,
  body: Buffer,
  seconds: number,
  increment: number,
  moreToCome: boolean,
): Buffer {
  const length = 21 + body.length - 1 + TAIL.length;
  const message = Buffer.allocUnsafe(length);
  message.writeInt32LE(length, 0);
  message.writeInt32LE(id, 4);
  message.writeInt32LE(responseTo, 8);
  message.writeInt32LE(OpCode.msg, 12);
  message.writeUInt32LE(moreToCome ? MORE_TO_COME : 0, 16);
  message[20] = 0;
  message.set(body.length > 5 ? body.subarray(0, body.length - 1) : body.subarray(0, 4), 21);
  message.writeInt32LE(length - 21, 21);
  const tail = 21 + body.length - 1;
  message.set(TAIL, tail);
  message.writeUInt32LE(increment, tail + CLUSTER_TIME_AT);
  message.writeUInt32LE(seconds, tail + CLUSTER_TIME_AT + 4);
  message.writeUInt32LE(increment, tail + OPERATION_TIME_AT);
  message.writeUInt32LE(seconds, tail + OPERATION_TIME_AT + 4);
  return message;
}

/** Makes the OP_REPLY for a handshake that came as OP_QUERY. */
export function legacyReplyMessage(id: number, responseTo: number, body: Buffer): Buffer {
  const head = Buffer.alloc(36);
  head.writeInt32LE(36 + body.length, 0);
  head.writeInt32LE(id, 4);
  head.writeInt32LE(responseTo, 8);
  head.writeInt32LE(OpCode.reply, 12);
  head.writeUInt32LE(8, 16);
  head.writeInt32LE(1, 32);
  return Buffer.concat([head, body]);
}
