import type { ArgsOf, CommandName } from '@opsboard/shared/protocol/deciders';
import type { Command } from '@opsboard/shared/protocol/envelope';
import type { WireError } from '@opsboard/shared/protocol/errors';
import { newId } from '../../server/src/platform/ids.ts';
import type { KeptAction } from '../../web/src/lib/drive/kept/action.ts';
import { stampedTime } from '../../web/src/lib/drive/kept/action.ts';
import { heldActions, waits } from '../../web/src/lib/drive/kept/actions.ts';
import { sendAll } from '../../web/src/lib/drive/send.ts';
import type { BoardClient } from './board-client.ts';

/** What a bad line does to one request: it never gets there, or its answer never comes back. */
export type Loss = 'request' | 'answer' | undefined;

export type PhoneOutside = {
  /** The process that is asked now. */
  url(): string;
  loses(): Loss;
  now?(): number;
};

/**
 * A driver's phone without a screen: the app's own line of kept actions and its own sending, over HTTP, beside the
 * replica of a board. Nothing of it is ever thrown away, so that a test can look at everything that was done.
 */
export class DriverPhone {
  readonly board: BoardClient;
  readonly #person: string;
  readonly #actions = heldActions();
  readonly #outside: PhoneOutside;
  #last = 0;
  #pages = 0;

  constructor(board: BoardClient, person: string, outside: PhoneOutside) {
    this.board = board;
    this.#person = person;
    this.#outside = outside;
  }

  #now(): number {
    return (this.#outside.now ?? Date.now)();
  }

  /** Everything that was ever done on it, in order. */
  all(): Promise<KeptAction[]> {
    return this.#actions.all(this.#person);
  }

  /** How many actions the server has not answered yet. */
  async waiting(): Promise<number> {
    return (await this.all()).filter(waits).length;
  }

  /** Does something: refused at once by the rules, else kept and shown. @returns the refusal */
  async act<N extends CommandName>(name: N, args: ArgsOf<N>): Promise<WireError | undefined> {
    const refusal = this.board.replica.preview(name, args);
    if (refusal && refusal.code !== 'unavailable') return refusal;
    const stamp = { wall: this.#now(), offset: 0, after: this.#last };
    this.#last = stampedTime(stamp);
    await this.#actions.add({
      person: this.#person,
      commandId: newId(),
      name,
      args: args as KeptAction['args'],
      said: name,
      doneAt: this.#last,
      stamp,
      files: [],
    });
    await this.#show();
    return undefined;
  }

  /** One attempt to send what waits. Two at a time are two pages of one phone; there is no third. */
  async send(): Promise<void> {
    if (this.#pages === 2) return;
    this.#pages++;
    await this.#attempt().finally(() => this.#pages--);
  }

  /** @returns whether nothing waits now */
  async #attempt(): Promise<boolean> {
    const outcome = await sendAll({
      actions: this.#actions,
      person: this.#person,
      fetch: (path, init) => this.#fetch(path as string, init),
      newId: () => newId(),
      changed: () => void this.#show(),
      time: (at) => new Date(at).toISOString(),
      offset: 0,
    });
    await this.#show();
    return outcome === 'all';
  }

  /** Sends until nothing waits, however often the line breaks. */
  async sendEverything(): Promise<void> {
    while (!(await this.#attempt())) await new Promise((resolve) => setTimeout(resolve, 20));
  }

  async #fetch(path: string, init: RequestInit | undefined): Promise<Response> {
    const loss = this.#outside.loses();
    if (loss === 'request') throw new TypeError('Failed to fetch');
    const headers = new Headers(init?.headers);
    headers.set('cookie', this.board.http.cookie ?? '');
    const response = await fetch(this.#outside.url() + path, { ...init, headers });
    if (loss !== 'answer') return response;
    await response.arrayBuffer();
    throw new TypeError('Failed to fetch');
  }

  async #show(): Promise<void> {
    const all = await this.all();
    this.board.replica.hold(
      all
        .filter((one) => waits(one) || one.acked)
        .map(({ commandId, name, args, doneAt, acked }) => ({
          command: { commandId, name, args } as unknown as Command,
          at: doneAt,
          ...(acked ? { seq: acked.seq } : {}),
        })),
    );
  }
}
