import type { Socket as TcpSocket } from 'node:net';
import type { Socket as ConnectedSocket } from 'socket.io';
import type { ServerToClient } from '@opsboard/shared/protocol/events';
import type { Change, Frame } from '@opsboard/shared/protocol/frames';

/** One message, encoded once and written to any number of sockets as it is: a whole WebSocket frame. */
export type Packet = Buffer;

type EventName = keyof ServerToClient;

/**
 * Encodes an event as Socket.IO would: Engine.IO type 4 (message), Socket.IO type 2 (event), JSON, in one unmasked,
 * unfragmented WebSocket text frame.
 *
 * @param json the event's one argument, as JSON
 */
export function packetOf(name: EventName, json: string): Packet {
  const text = `42["${name}",${json}]`;
  const length = Buffer.byteLength(text);
  const head = length < 126 ? 2 : length < 65_536 ? 4 : 10;
  const packet = Buffer.allocUnsafe(head + length);
  packet[0] = 0x81;
  if (head === 2) packet[1] = length;
  else if (head === 4) {
    packet[1] = 126;
    packet.writeUInt16BE(length, 2);
  } else {
    packet[1] = 127;
    packet.writeUInt32BE(0, 2);
    packet.writeUInt32BE(length, 6);
  }
  packet.write(text, head);
  return packet;
}

/** The packet of a frame. */
export function framePacket(frame: Frame): Packet {
  return packetOf('frame', JSON.stringify(frame satisfies { changes: Change[] }));
}

/** What we use of `ws` below Engine.IO's transport. */
type Ws = {
  readyState: number;
  _socket: TcpSocket | null;
  _sender: { _state: number } | undefined;
  _extensions: { [name: string]: unknown };
  terminate(): void;
};
const wsOpen = 1;
const senderIdle = 0;

/**
 * One client's connection, written to directly. Going below Socket.IO saves its work per socket and message and, above
 * all, tells how many bytes the client has not taken yet. Frames may so overtake acknowledgements that Engine.IO still
 * holds, which the protocol allows.
 */
export class Line {
  readonly #ws: Ws;

  /** @throws {Error} when the connection is no uncompressed WebSocket, which the server's settings rule out */
  constructor(socket: Pick<ConnectedSocket, 'conn'>) {
    const ws = (socket.conn.transport as unknown as { socket?: Ws }).socket;
    if (!ws?._socket || ws._sender?._state !== senderIdle || Object.keys(ws._extensions).length > 0) {
      throw new Error('frames need a plain WebSocket');
    }
    this.#ws = ws;
  }

  /** Bytes handed over that the operating system has not taken. */
  get queued(): number {
    return this.#ws._socket?.writableLength ?? 0;
  }

  /** Writes a packet; does nothing on a connection that is closing. */
  write(packet: Packet): void {
    const { _socket: socket, readyState } = this.#ws;
    if (readyState === wsOpen && socket?.writable) socket.write(packet);
  }

  /** Calls back once when everything queued has been taken. Only to be asked while much is queued. */
  onceDrained(listener: () => void): void {
    this.#ws._socket?.once('drain', listener);
  }

  /** Ends the connection without a farewell. */
  terminate(): void {
    this.#ws.terminate();
  }
}
