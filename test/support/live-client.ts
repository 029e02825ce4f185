import type { Socket as NetSocket } from 'node:net';
import { io } from 'socket.io-client';
import type { Socket } from 'socket.io-client';
import type { ArgsOf, CommandName } from '@opsboard/shared/protocol/deciders';
import type { Ack } from '@opsboard/shared/protocol/envelope';
import type { WireError } from '@opsboard/shared/protocol/errors';
import { socketPath } from '@opsboard/shared/protocol/events';
import type { ClientToServer, ServerToClient } from '@opsboard/shared/protocol/events';
import type { LiveState } from '@opsboard/shared/protocol/fold';
import { applyFrame } from '@opsboard/shared/protocol/fold';
import type { CatchUp, Frame, Hello } from '@opsboard/shared/protocol/frames';
import { protocolVersion } from '@opsboard/shared/protocol/frames';
import type { Snapshot } from '@opsboard/shared/protocol/snapshot';
import { decodeSnapshot } from '@opsboard/shared/protocol/snapshot';
import { newId } from '../../server/src/platform/ids.ts';
import type { Client } from './client.ts';
import { until } from './until.ts';

type BoardSocket = Socket<ServerToClient, ClientToServer>;

export type LiveOptions = {
  /** The `Origin` header; none unless given, as a program has none. */
  origin?: string;
  /** More headers of the request that opens the line. */
  headers?: { [name: string]: string };
  /** Another protocol version, to be refused. */
  protocol?: number;
  /** Connect again after the line was cut or the server ended; off unless given. */
  reconnect?: boolean;
  /** Follow the state (snapshot, frames, catch-up). On unless turned off: then only frames are recorded. */
  follow?: boolean;
};

/**
 * A board without a screen: it signs in with a client's cookie, keeps a replica as the protocol says, and remembers every
 * byte that came over the socket and in answers about the live state.
 */
export class LiveClient implements AsyncDisposable {
  readonly socket: BoardSocket;
  readonly http: Client;
  /** Everything received, as text: socket messages and bodies of snapshots and catch-ups. */
  readonly raw: string[] = [];
  readonly frames: Frame[] = [];
  readonly hellos: Hello[] = [];
  readonly cuts: WireError[] = [];
  readonly refusals: WireError[] = [];
  /** `stale` as the server said it last. */
  stale = false;
  state: LiveState | undefined;
  /** What went wrong while following; a test that ignores it is told by {@link reached}. */
  failure: Error | undefined;
  snapshots = 0;
  catchUps = 0;
  #waiting: Frame[] = [];
  #fetching = false;

  constructor(client: Client, options: LiveOptions = {}) {
    this.http = client;
    this.socket = io(client.url, {
      path: socketPath,
      transports: ['websocket'],
      forceNew: true,
      reconnection: options.reconnect ?? false,
      reconnectionDelay: 20,
      reconnectionDelayMax: 200,
      auth: { protocol: options.protocol ?? protocolVersion },
      extraHeaders: {
        ...(client.cookie === undefined ? {} : { cookie: client.cookie }),
        ...(options.origin === undefined ? {} : { origin: options.origin }),
        ...options.headers,
      },
    }) as BoardSocket;
    const follow = options.follow ?? true;
    const { socket } = this;
    const listen = (): void => {
      socket.io.engine.on('data', (data: unknown) => {
        if (typeof data === 'string') this.raw.push(data);
      });
    };
    socket.io.on('open', listen);
    socket.on('hello', (hello) => {
      this.hellos.push(hello);
      const fresh = this.state?.epoch === hello.epoch && this.state.audience === hello.audience;
      if (!fresh) this.state = undefined;
      if (follow) void this.#advance();
    });
    socket.on('frame', (frame) => {
      this.frames.push(frame);
      if (!follow) return;
      this.#waiting.push(frame);
      void this.#advance();
    });
    socket.on('stale', ({ stale }) => (this.stale = stale));
    socket.on('cut', (error) => void this.cuts.push(error));
    socket.on('connect_error', (error) => {
      const { data } = error as Error & { data?: WireError };
      if (data) this.refusals.push(data);
    });
    socket.on('disconnect', (reason) => {
      // socket.io-client does not come back by itself when the server hung up.
      if (options.reconnect && reason === 'io server disconnect') socket.connect();
    });
  }

  get seq(): number {
    return this.state?.seq ?? -1;
  }

  /** Applies what is waiting; fetches what is missing. One at a time. */
  async #advance(): Promise<void> {
    if (this.#fetching || this.failure) return;
    this.#fetching = true;
    try {
      const hello = this.hellos.at(-1);
      if (!hello) return;
      if (!this.state) await this.#snapshot(hello.seq);
      for (let frame = this.#waiting[0]; frame && this.state; frame = this.#waiting[0]) {
        if (applyFrame(this.state, frame) === 'gap') await this.#catchUp(this.state);
        else this.#waiting.shift();
      }
    } catch (error) {
      // A server that goes away in the middle is met again at the next hello.
      if (this.socket.connected) this.failure = error instanceof Error ? error : new Error(String(error));
    } finally {
      this.#fetching = false;
    }
  }

  async #snapshot(atLeast: number): Promise<void> {
    const { status, body, text } = await this.http.get<Snapshot>(`/api/live/snapshot?atLeast=${atLeast}`);
    if (status !== 200) throw new Error(`no snapshot: ${status} ${text}`);
    this.raw.push(text);
    this.snapshots++;
    this.state = decodeSnapshot(body);
  }

  async #catchUp(state: LiveState): Promise<void> {
    const { status, body, text } = await this.http.get<CatchUp>(
      `/api/live/catch-up?from=${state.seq}&epoch=${state.epoch}&audience=${encodeURIComponent(state.audience)}`,
    );
    if (status !== 200) throw new Error(`no catch-up: ${status} ${text}`);
    this.raw.push(text);
    this.catchUps++;
    if ('snapshot' in body) await this.#snapshot(state.seq);
    else if (applyFrame(state, body.frame) === 'gap') throw new Error('a catch-up with a gap');
  }

  /** Sends a command over the socket. */
  send<N extends CommandName>(name: N, args: ArgsOf<N>, commandId = newId()): Promise<Ack> {
    return this.emit({ commandId, name, args });
  }

  /** Sends anything at all as a command. */
  emit(command: unknown, timeoutMs = 10_000): Promise<Ack> {
    return this.socket.timeout(timeoutMs).emitWithAck('command', command as never) as unknown as Promise<Ack>;
  }

  /** Resolves when the replica has reached a seq. @throws {Error} when it does not, or following failed */
  async reached(seq: number, timeoutMs = 10_000): Promise<this> {
    await until(
      `the replica reaches ${seq}`,
      () => {
        if (this.failure) throw this.failure;
        return this.seq >= seq;
      },
      timeoutMs,
    );
    return this;
  }

  /** Resolves when connected and greeted, or refused. */
  async settled(timeoutMs = 10_000): Promise<this> {
    await until('hello or a refusal', () => this.hellos.length > 0 || this.refusals.length > 0, timeoutMs);
    return this;
  }

  /** Cuts the line without a goodbye, as a network does; with `reconnect` it comes back by itself. */
  cutLine(): void {
    const engine = this.socket.io.engine as unknown as { transport: { ws?: { terminate?(): void; close(): void } } };
    const { ws } = engine.transport;
    if (ws?.terminate) ws.terminate();
    else ws?.close();
  }

  /** Stops reading what the server sends, until {@link resume}: it fills the network's buffers, then the server's. */
  pause(): void {
    this.#wire?.pause();
  }
  resume(): void {
    this.#wire?.resume();
  }
  get #wire(): NetSocket | undefined {
    const engine = this.socket.io.engine as unknown as { transport: { ws?: { _socket?: NetSocket } } };
    return engine.transport.ws?._socket;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.socket.disconnect();
  }
}

/** Connects with a signed-in client's cookie and waits for hello and, when it follows, for the first snapshot. */
export async function connectLive(client: Client, options: LiveOptions = {}): Promise<LiveClient> {
  const live = await new LiveClient(client, options).settled();
  if (live.refusals.length === 0 && options.follow !== false) await live.reached(0);
  return live;
}
