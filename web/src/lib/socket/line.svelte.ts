import type { Socket } from 'socket.io-client';
import { io } from 'socket.io-client';
import type { PositionReport, PositionsNews } from '@opsboard/shared/positions/schema';
import type { PresenceNews, Whereabouts } from '@opsboard/shared/presence/schema';
import type { Ack, Command } from '@opsboard/shared/protocol/envelope';
import type { WireError } from '@opsboard/shared/protocol/errors';
import type { ClientToServer, Plain, ServerToClient } from '@opsboard/shared/protocol/events';
import { socketPath } from '@opsboard/shared/protocol/events';
import type { Frame, Hello } from '@opsboard/shared/protocol/frames';
import { clock } from '#lib/time/clock.svelte.ts';
import type { ClockSample } from './clock-offset.ts';
import { offsetOf } from './clock-offset.ts';

/** `connecting` before the first word, `live`, or `stale`: cut, silent, or a server that lost its own line. */
export type LineState = 'connecting' | 'live' | 'stale';

/** Silence after which the line counts as cut, milliseconds. Rooms get a frame each second. */
const silence = 3_000;
/** The version of {@link ServerToClient} and of everything in it. */
const protocol = 1;
/** Exchanges with the server's clock at each connection, and how many are remembered. */
const clockExchanges = 3;
const clockMemory = 8;

type Handlers = {
  hello(hello: Hello): void;
  frame(frame: Frame): void;
  /** The server refuses this connection as it is. */
  refused(error: WireError): void;
  /** The line is there no more; what was sent without an answer is of unknown outcome. */
  lost(): void;
};

/** The connection to the server: opens, heals alone, and knows how fresh it is. */
export class Line {
  /** Who follows who else is here. `opened`: the server has forgotten what was said before. */
  presence: { news(news: PresenceNews): void; opened(): void } | undefined;
  /** Who watches where drivers are; as {@link Line.presence}. */
  positions: { news(news: PositionsNews): void; opened(): void } | undefined;
  #socket: Socket<ServerToClient, ClientToServer> | undefined;
  #handlers: Handlers;
  #state = $state<LineState>('connecting');
  #heardAt = $state<number | undefined>(undefined);
  #retryAt = $state<number | undefined>(undefined);
  #clockOff = $state<number | undefined>(undefined);
  #serverStale = false;
  /** Monotonic, because the wall clock of this machine may jump. */
  #heardMono = 0;
  #samples: ClockSample[] = [];
  #watch: ReturnType<typeof setInterval> | undefined;

  constructor(handlers: Handlers) {
    this.#handlers = handlers;
  }

  get state(): LineState {
    return this.#state;
  }
  /** When the server was last heard, by its own clock. */
  get heardAt(): number | undefined {
    return this.#heardAt;
  }
  /** When the next attempt to connect is made, by the server's clock; undefined while connected. */
  get retryAt(): number | undefined {
    return this.#retryAt;
  }
  /** By how much the clock of the server's machine was moved, milliseconds; undefined while it is as it should be. */
  get clockOff(): number | undefined {
    return this.#clockOff;
  }
  get connected(): boolean {
    return this.#socket?.connected ?? false;
  }

  /** Opens the line; it then reconnects by itself, with growing and scattered pauses, until it is closed. */
  open(): void {
    if (this.#socket) return;
    const socket: Socket<ServerToClient, ClientToServer> = io({
      path: socketPath,
      transports: ['websocket'],
      auth: { protocol },
      reconnectionDelay: 300,
      reconnectionDelayMax: 2_000,
      randomizationFactor: 0.5,
      timeout: 8_000,
    });
    this.#socket = socket;
    socket.on('hello', (hello) => {
      this.#retryAt = undefined;
      this.#serverStale = false;
      this.#clockOff = undefined;
      this.#heard(hello.now);
      this.#handlers.hello(hello);
      this.presence?.opened();
      this.positions?.opened();
      void this.#measureClock(socket);
    });
    socket.on('frame', (frame) => {
      this.#serverStale = false;
      this.#heard(frame.now);
      this.#handlers.frame(frame);
    });
    socket.on('stale', ({ stale, now, clockOff }) => {
      this.#serverStale = stale;
      this.#clockOff = clockOff;
      if (stale) this.#judge();
      else this.#heard(now);
    });
    socket.on('presence', (news) => this.presence?.news(news));
    socket.on('positions', (news) => this.positions?.news(news));
    socket.on('cut', (error) => this.#handlers.refused(error));
    socket.on('connect_error', (problem: Error & { data?: unknown }) => {
      const error = problem.data as WireError | undefined;
      if (error && typeof error.code === 'string') this.#handlers.refused(error);
      this.#judge();
    });
    socket.on('disconnect', (reason) => {
      this.#handlers.lost();
      this.#judge();
      // Socket.IO does not come back by itself when the server ended it; the caller closes the line where it must not.
      if (reason === 'io server disconnect') setTimeout(() => this.#socket === socket && socket.connect(), 200);
    });
    // The manager announces an attempt when it begins: the pause before the next one is known from its back-off.
    socket.io.on('reconnect_attempt', () => (this.#retryAt = clock.exact() + 2_000));
    this.#watch ??= setInterval(() => this.#judge(), 1_000);
  }

  /** Closes the line until it is opened again. `stale`: what is on screen stays there and must say so. */
  close({ stale }: { stale: boolean }): void {
    this.#socket?.disconnect();
    this.#socket = undefined;
    clearInterval(this.#watch);
    this.#watch = undefined;
    this.#retryAt = undefined;
    if (!stale) this.#heardAt = undefined;
    this.#state = this.#heardAt === undefined ? 'connecting' : 'stale';
    clock.hold(this.#heardAt);
  }

  /** What is on screen is of an earlier day of this device, when the server was last heard at `at` by its clock. */
  silentSince(at: number): void {
    if (this.#heardAt !== undefined) return;
    this.#heardAt = at;
    this.#heardMono = -Infinity;
    this.#judge();
  }

  /** Tries again now, without waiting for the pause. */
  retryNow(): void {
    const socket = this.#socket;
    if (!socket) return;
    socket.disconnect();
    socket.connect();
  }

  /**
   * Sends a command. Undefined: the line broke before the answer, the outcome is unknown and the same command is to be
   * sent again.
   */
  async send(command: Command): Promise<Ack | undefined> {
    const socket = this.#socket;
    if (!socket?.connected) return undefined;
    try {
      return await socket.timeout(10_000).emitWithAck('command', command);
    } catch {
      return undefined;
    }
  }

  /** Says where this tab is; nobody waits for an answer. False while there is no line to say it on. */
  whereabouts(said: Whereabouts): boolean {
    if (!this.#socket?.connected) return false;
    this.#socket.emit('presence', said, () => {});
    return true;
  }

  /** Begins or ends to watch drivers; nobody waits for an answer. */
  watchPositions(on: boolean): void {
    if (this.#socket?.connected) this.#socket.emit('watchPositions', on, () => {});
  }

  /** Sends where this phone was. Undefined: there is no line, or it broke before the answer. */
  async position(report: PositionReport): Promise<Plain | undefined> {
    if (!this.#socket?.connected) return undefined;
    try {
      return await this.#socket.timeout(30_000).emitWithAck('position', report);
    } catch {
      return undefined;
    }
  }

  #heard(serverNow: number): void {
    this.#heardAt = serverNow;
    this.#heardMono = performance.now();
    // Between exchanges a frame tells whether this machine slept or its clock ran off.
    if (Math.abs(serverNow - clock.exact()) > 2_000) clock.setOffset(serverNow - clock.local());
    this.#judge();
  }

  #judge(): void {
    const quiet = performance.now() - this.#heardMono > silence;
    const cut = this.#serverStale || quiet || !this.connected;
    if (this.#heardAt === undefined) this.#state = 'connecting';
    else if (cut && (quiet || this.#serverStale)) this.#state = 'stale';
    else if (!cut) this.#state = 'live';
    clock.hold(this.#state === 'stale' ? this.#heardAt : undefined);
  }

  async #measureClock(socket: Socket<ServerToClient, ClientToServer>): Promise<void> {
    for (let i = 0; i < clockExchanges; i++) {
      const sentAt = clock.local();
      try {
        const serverNow = await socket.timeout(5_000).emitWithAck('clock');
        this.#samples.push({ sentAt, receivedAt: clock.local(), serverNow });
      } catch {
        return;
      }
    }
    this.#samples = this.#samples.slice(-clockMemory);
    const offset = offsetOf(this.#samples);
    if (offset !== undefined) clock.setOffset(offset);
  }
}
