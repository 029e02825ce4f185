import type { Socket } from 'socket.io-client';
import { io } from 'socket.io-client';
import type { Fix } from '@opsboard/shared/positions/schema';
import { saysMore } from '@opsboard/shared/positions/thin';
import { mostPoints } from '@opsboard/shared/positions/times';
import type { WireError } from '@opsboard/shared/protocol/errors';
import { errorTable } from '@opsboard/shared/protocol/errors';
import type { ClientToServer, Plain, ServerToClient } from '@opsboard/shared/protocol/events';
import { socketPath } from '@opsboard/shared/protocol/events';
import { protocolVersion } from '@opsboard/shared/protocol/frames';
import { newId } from '../../server/src/platform/ids.ts';
import type { Sent, Worker } from './worker.ts';

type Line = Socket<ServerToClient, ClientToServer>;

/**
 * A driver's phone: does what its page does. What is done without network waits in order, with the time it was done;
 * positions are thinned, sent as they come, and kept until the server has them.
 */
export class Phone {
  readonly #worker: Worker;
  readonly #waiting: Sent[] = [];
  readonly #fixes: { route: string; fix: Fix }[] = [];
  #last: Fix | undefined;
  #socket: Line | undefined;
  #online = true;
  #sending: Promise<void> | undefined;

  constructor(worker: Worker) {
    this.#worker = worker;
  }

  get online(): boolean {
    return this.#online;
  }

  /** Loses the network, or finds it again: then everything that waits is sent. */
  async setOnline(online: boolean): Promise<void> {
    if (online === this.#online) return;
    this.#online = online;
    if (!online) return void this.#hangUp();
    await this.flush();
    this.#sendFixes();
  }

  /**
   * Does something. Without network it is taken as done.
   *
   * @returns the refusal, where it was asked and refused
   */
  async act(name: string, args: object): Promise<WireError | undefined> {
    const sent: Sent = { commandId: newId(), name, args, doneAt: Date.now() };
    if (this.#online && this.#waiting.length === 0) {
      try {
        const refusal = await this.#worker.send(sent);
        if (!refusal || !errorTable[refusal.code].retry) return refusal;
      } catch {
        // The server is away: it waits as it does without network.
      }
    }
    this.#waiting.push(sent);
    return undefined;
  }

  /** Sends what waits, in order and once each. What is refused is told to the desk. */
  flush(): Promise<void> {
    return (this.#sending ??= this.#flush().finally(() => (this.#sending = undefined)));
  }

  async #flush(): Promise<void> {
    for (let next = this.#waiting[0]; next && this.#online; next = this.#waiting[0]) {
      let refusal: WireError | undefined;
      try {
        refusal = await this.#worker.send(next);
      } catch {
        return;
      }
      if (refusal && errorTable[refusal.code].retry) return;
      this.#waiting.shift();
      const { id } = next.args as { id?: string };
      if (!refusal || refusal.code === 'nothing_to_change' || id === undefined) continue;
      const text = `${next.name} of ${new Date(next.doneAt ?? 0).toISOString().slice(11, 16)}: ${refusal.message}`;
      const args = { id, problem: newId(), reason: 'not_accepted', text };
      await this.#worker.command('route.report', args).catch(() => undefined);
    }
  }

  /** Where the phone is now. */
  moved(route: string, fix: Fix): void {
    if (!saysMore(this.#last, fix)) return;
    this.#last = fix;
    this.#fixes.push({ route, fix });
    if (this.#online) this.#sendFixes();
  }

  /** The route is over: where the phone goes now is nobody's business. */
  rest(): void {
    this.#last = undefined;
    this.#hangUp();
  }

  close(): void {
    this.#hangUp();
  }

  #hangUp(): void {
    this.#socket?.disconnect();
    this.#socket = undefined;
  }

  #line(): Line {
    if (this.#socket) return this.#socket;
    const socket: Line = io(this.#worker.url, {
      path: socketPath,
      transports: ['websocket'],
      forceNew: true,
      reconnectionDelay: 500,
      reconnectionDelayMax: 5_000,
      auth: { protocol: protocolVersion },
      extraHeaders: { cookie: this.#worker.cookie },
    });
    socket.on('hello', () => this.#sendFixes());
    this.#socket = socket;
    return socket;
  }

  /** The newest first, then what was kept, the oldest first. */
  #sendFixes(): void {
    const socket = this.#line();
    // Sent when it is greeted.
    if (!socket.connected || this.#fixes.length === 0) return;
    const newest = this.#fixes.pop()!;
    this.#report(socket, newest.route, [newest.fix]);
    while (this.#fixes.length > 0) {
      const { route } = this.#fixes[0]!;
      const other = this.#fixes.findIndex((one) => one.route !== route);
      const kept = this.#fixes.splice(0, Math.min(mostPoints, other === -1 ? Infinity : other));
      this.#report(
        socket,
        route,
        kept.map(({ fix }) => fix),
      );
    }
  }

  #report(socket: Line, route: string, points: Fix[]): void {
    // What has no answer goes along with the next one; a refusal means that nobody wants it.
    const keep = (): void => {
      this.#fixes.unshift(...points.map((fix) => ({ route, fix })));
      this.#fixes.sort((one, other) => one.fix.at - other.fix.at);
      this.#fixes.splice(0, this.#fixes.length - 20_000);
    };
    socket
      .timeout(20_000)
      .emitWithAck('position', { route, points })
      .then((answer: Plain) => {
        if (!answer.ok && errorTable[answer.error.code].retry) keep();
      }, keep);
  }
}
