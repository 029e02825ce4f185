import type { Socket as NetSocket } from 'node:net';
import type { Socket } from 'socket.io-client';
import { io } from 'socket.io-client';
import { deciders } from '@opsboard/shared/protocol/deciders';
import type { Command } from '@opsboard/shared/protocol/envelope';
import type { WireError } from '@opsboard/shared/protocol/errors';
import type { ClientToServer, ServerToClient } from '@opsboard/shared/protocol/events';
import { socketPath } from '@opsboard/shared/protocol/events';
import { protocolVersion } from '@opsboard/shared/protocol/frames';
import type { CatchUp } from '@opsboard/shared/protocol/frames';
import type { Snapshot } from '@opsboard/shared/protocol/snapshot';
import { newId } from '../../server/src/platform/ids.ts';
import { useRules } from '../../web/src/lib/store/overlay.ts';
import { Replica } from '../../web/src/lib/store/replica.ts';
import type { Result } from '../../web/src/lib/socket/http.ts';
import type { Client } from './client.ts';
import { until } from './until.ts';
import type { World, PersonName } from './world.ts';

useRules(deciders);

type Wire = { _socket?: NetSocket; terminate(): void };

/** What a page in a browser does, without the page: the web app's own replica on a real connection. */
export class BoardClient implements AsyncDisposable {
  readonly who: PersonName;
  /** Its session, for what goes over HTTP. */
  readonly http: Client;
  readonly replica: Replica;
  readonly socket: Socket<ServerToClient, ClientToServer>;
  readonly failures: WireError[] = [];
  hellos = 0;

  constructor(world: World, who: PersonName, http: Client) {
    this.who = who;
    this.http = http;
    const person = world.people[who];
    const fetched = async <T>(path: string): Promise<Result<T>> => {
      try {
        const { status, body } = await http.get<T | WireError>(path);
        return status === 200 ? { ok: true, value: body as T } : { ok: false, error: body as WireError };
      } catch {
        return { ok: false, error: { code: 'unavailable', message: 'no server' } };
      }
    };
    this.replica = new Replica(
      {
        catchUp: (from, epoch) => fetched<CatchUp>(`/api/live/catch-up?from=${from}&epoch=${epoch}`),
        snapshot: (atLeast) => fetched<Snapshot>(`/api/live/snapshot?atLeast=${atLeast}`),
        transmit: (command) => this.#transmit(command),
        connected: () => this.socket.connected,
        now: () => Date.now(),
        newId: () => newId(),
        principal: () => ({
          type: 'person',
          org: world.org,
          id: person.id,
          role: person.role,
          ...(person.branches ? { branches: person.branches } : {}),
        }),
      },
      {
        changed: () => {},
        failed: (error) => {
          if (error) this.failures.push(error);
        },
      },
    );
    this.socket = io(http.url, {
      path: socketPath,
      transports: ['websocket'],
      forceNew: true,
      reconnectionDelay: 10,
      reconnectionDelayMax: 300,
      auth: { protocol: protocolVersion },
      extraHeaders: { cookie: http.cookie ?? '' },
    });
    this.socket.on('hello', (hello) => {
      this.hellos++;
      void this.replica.hello(hello);
    });
    this.socket.on('frame', (frame) => this.replica.frame(frame));
    this.socket.on('disconnect', (reason) => {
      this.replica.lost();
      if (reason === 'io server disconnect') this.socket.connect();
    });
  }

  async #transmit(command: Command) {
    try {
      return await this.socket.timeout(5_000).emitWithAck('command', command);
    } catch {
      return undefined;
    }
  }

  get #wire(): Wire | undefined {
    return (this.socket.io.engine as unknown as { transport?: { ws?: Wire } } | undefined)?.transport?.ws;
  }

  /** Cuts the line without a goodbye; it comes back by itself. */
  cut(): void {
    this.#wire?.terminate();
  }

  /** Stops reading what the server sends: it fills the network's buffers, then the server's. */
  pause(): void {
    this.#wire?._socket?.pause();
  }

  resume(): void {
    this.#wire?._socket?.resume();
  }

  /** Resolves when the replica stands at `seq` or beyond and nothing of its own is under way. */
  async settled(seq: number, timeoutMs = 20_000): Promise<void> {
    await until(
      `${this.who} reaches ${seq}, stands at ${this.replica.seq} with ${this.replica.underWay} under way`,
      () => this.replica.seq >= seq && this.replica.underWay === 0,
      timeoutMs,
    );
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.socket.disconnect();
  }
}

/** Connects as somebody to one of the processes and waits for the first state. */
export async function openBoard(world: World, who: PersonName, url: string): Promise<BoardClient> {
  const board = new BoardClient(world, who, await world.as(who, url));
  await until(`${who} has a state`, () => board.replica.loaded);
  return board;
}
