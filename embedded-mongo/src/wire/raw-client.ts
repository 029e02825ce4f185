import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { deserialize, type Document, serialize } from 'bson';
import { OpCode } from './message.ts';

/** A client for tests that says exactly what it is told, which the driver would not. */
export interface RawClient extends Disposable {
  readonly socket: Socket;
  /** Sends a command and gives the next reply, whatever it says. */
  run(command: Document): Promise<Document>;
  send(command: Document, flags?: number): void;
  /** The next reply. */
  reply(): Promise<Document>;
}

/** The message of a command. */
export function messageOf(command: Document, flags = 0): Buffer {
  const body = serialize(command);
  const head = Buffer.alloc(21);
  head.writeInt32LE(21 + body.length, 0);
  head.writeInt32LE(7, 4);
  head.writeInt32LE(OpCode.msg, 12);
  head.writeUInt32LE(flags, 16);
  return Buffer.concat([head, body]);
}

export async function connectRaw(port: number): Promise<RawClient> {
  const socket = connect(port, '127.0.0.1');
  await once(socket, 'connect');
  let received = Buffer.alloc(0);
  const replies: Document[] = [];
  const waiting: ((reply: Document) => void)[] = [];
  socket.on('data', (chunk: Buffer) => {
    received = Buffer.concat([received, chunk]);
    while (received.length >= 4 && received.length >= received.readInt32LE(0)) {
      const length = received.readInt32LE(0);
      const at = received.readInt32LE(12) === OpCode.reply ? 36 : 21;
      const reply = deserialize(received.subarray(at, length), { useBigInt64: true });
      received = received.subarray(length);
      const next = waiting.shift();
      if (next) next(reply);
      else replies.push(reply);
    }
  });
  const reply = (): Promise<Document> => {
    const known = replies.shift();
    if (known) return Promise.resolve(known);
    return new Promise((resolve, reject) => {
      waiting.push(resolve);
      socket.once('close', () => reject(new Error('the connection was closed')));
    });
  };
  const send = (command: Document, flags?: number): void => void socket.write(messageOf(command, flags));
  return {
    socket,
    send,
    reply,
    run: (command) => {
      send(command);
      return reply();
    },
    [Symbol.dispose]: () => socket.destroy(),
  };
}
