const INDEX_NAMES: Buffer[] = [];

function indexName(index: number): Buffer {
  return (INDEX_NAMES[index] ??= Buffer.from(`\x03${index}\0`, 'latin1'));
}

const HEAD = {
  firstBatch: Buffer.from('\x04firstBatch\0', 'latin1'),
  nextBatch: Buffer.from('\x04nextBatch\0', 'latin1'),
};
const CURSOR = Buffer.from('\x03cursor\0', 'latin1');
const ID = Buffer.from('\x12id\0', 'latin1');
const NS = Buffer.from('\x02ns\0', 'latin1');
const OK = Buffer.concat([Buffer.from('\x01ok\0', 'latin1'), Buffer.from([0, 0, 0, 0, 0, 0, 0xf0, 0x3f])]);

/**
 * Makes the reply of a cursor from documents that are BSON already.
 * @param extra more fields of `cursor`, as a BSON document
 */
export function cursorReply(
  batch: 'firstBatch' | 'nextBatch',
  documents: readonly Buffer[],
  id: bigint,
  namespace: string,
  extra?: Buffer,
): Buffer {
  let arrayBytes = 5;
  for (let index = 0; index < documents.length; index++) {
    arrayBytes += indexName(index).length + (documents[index] as Buffer).length;
  }
  const nsBytes = Buffer.byteLength(namespace) + 1;
  const extraBytes = extra ? extra.length - 5 : 0;
  const cursorBytes = 5 + HEAD[batch].length + arrayBytes + extraBytes + ID.length + 8 + NS.length + 4 + nsBytes;
  const total = 5 + CURSOR.length + cursorBytes + OK.length;
  const reply = Buffer.allocUnsafe(total);
  let at = reply.writeInt32LE(total, 0);
  const put = (bytes: Buffer): void => {
    reply.set(bytes, at);
    at += bytes.length;
  };
  put(CURSOR);
  at = reply.writeInt32LE(cursorBytes, at);
  put(HEAD[batch]);
  at = reply.writeInt32LE(arrayBytes, at);
  for (let index = 0; index < documents.length; index++) {
    put(indexName(index));
    put(documents[index] as Buffer);
  }
  reply[at++] = 0;
  if (extra) put(extra.subarray(4, extra.length - 1));
  put(ID);
  at = reply.writeBigInt64LE(id, at);
  put(NS);
  at = reply.writeInt32LE(nsBytes, at);
  at += reply.write(namespace, at);
  reply[at++] = 0;
  reply[at++] = 0;
  put(OK);
  reply[at] = 0;
  return reply;
}
