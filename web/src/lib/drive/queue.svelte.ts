import type { ArgsOf, CommandName } from '@opsboard/shared/protocol/deciders';
import type { Command } from '@opsboard/shared/protocol/envelope';
import type { WireError } from '@opsboard/shared/protocol/errors';
import { uuidv7From } from '@opsboard/shared/protocol/ids';
import { app } from '#lib/app.ts';
import { clock } from '#lib/time/clock.svelte.ts';
import { hourMinute } from '#lib/time/format.ts';
import { zone } from '#lib/time/zone.svelte.ts';
import { alone } from './alone.ts';
import type { KeptAction, KeptFile } from './kept/action.ts';
import { stampedTime } from './kept/action.ts';
import type { Actions } from './kept/actions.ts';
import { heldActions, storedActions, waits } from './kept/actions.ts';
import { database } from './kept/database.ts';
import { said } from './said.ts';
import type { Sent } from './send.ts';
import { sendAll } from './send.ts';
import { phoneTime } from './time.svelte.ts';

/** An action that has not reached the server, or that the server did not take. */
export type QueuedAction = Pick<KeptAction, 'commandId' | 'name' | 'args' | 'said' | 'doneAt' | 'files'>;
export type RefusedAction = QueuedAction & { error: WireError; at: number };

/** What an action came to on this phone. The server's word comes later. */
export type Acted = { ok: true; commandId: string } | { ok: false; error: WireError };

/**
 * `offline`: no network; `stale`: the server is there but not up to date, or does not speak; `sending`: what waited is on
 * its way; `live`.
 */
export type PhoneLine = 'offline' | 'stale' | 'sending' | 'live';

/** Pauses between attempts, milliseconds: from the first to the longest, doubling. */
const firstPause = 1_000;
const longestPause = 30_000;

/** Pages of this browser tell each other of changes here. */
const channelName = 'opsboard-drive';

/**
 * What a driver does, kept on the phone until the server has it. An action is decided by the shared rules, put into the
 * browser's store, shown, and only then sent, each once and in order, over HTTP. It survives closing the page, restarting
 * the phone, a killed server and the end of the session.
 */
class Queue {
  #all = $state.raw<readonly KeptAction[]>([]);
  #sending = $state(false);
  #onLine = $state(typeof navigator === 'undefined' || navigator.onLine);
  #ofOthers = $state(0);
  #trouble = $state<string | undefined>(undefined);
  #person: string | undefined;
  #actions: Actions = storedActions;
  #turn: Promise<unknown> = Promise.resolve();
  #running = false;
  #again = false;
  #pause = firstPause;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #channel = typeof BroadcastChannel === 'undefined' ? undefined : new BroadcastChannel(channelName);

  /** What the server has not got yet, in the order in which it was done. */
  get waiting(): readonly QueuedAction[] {
    return this.#all.filter(waits);
  }
  /** What the server did not take, until it is dismissed. */
  get refused(): readonly RefusedAction[] {
    return this.#all.flatMap((one) => (one.refused ? [{ ...one, ...one.refused }] : []));
  }
  /** Until when what is shown is what the server has, by its clock; undefined: never yet. */
  get inStepAt(): number | undefined {
    return app.line.state === 'live' ? clock.now : app.line.heardAt;
  }
  get line(): PhoneLine {
    if (app.line.state === 'live') return this.#sending ? 'sending' : 'live';
    if (!this.#onLine || !app.line.connected) return 'offline';
    return 'stale';
  }
  /** How many actions of somebody else wait here. They are sent when that person signs in on this phone. */
  get ofOthers(): number {
    return this.#ofOthers;
  }
  /** Why nothing survives closing this page, as a sentence; undefined: it does. */
  get trouble(): string | undefined {
    return this.#trouble;
  }

  /** Follows the network and the other pages of this browser. Called once. */
  start(): void {
    addEventListener('online', () => this.#network(true));
    addEventListener('offline', () => this.#network(false));
    document.addEventListener('visibilitychange', () => document.hidden || this.sendNow());
    this.#channel?.addEventListener('message', () => void this.#read());
  }

  /** Whose actions these are from now on; undefined: nobody's, nothing is sent. */
  async open(person: string | undefined): Promise<void> {
    if (person !== this.#person) {
      this.#person = person;
      this.#all = [];
    }
    if (person === undefined) return clearTimeout(this.#timer);
    try {
      await database();
    } catch {
      this.#actions = heldActions();
      this.#trouble =
        'This browser keeps nothing on this phone: it is in private mode, or its store is full or switched off. ' +
        'What you do without network is lost when the page is closed.';
    }
    await this.#read();
    this.sendNow();
  }

  /**
   * Does something: refused at once where the rules say so; otherwise kept, shown and sent. Files are sent before it.
   */
  act<N extends CommandName>(name: N, args: ArgsOf<N>, files: readonly KeptFile[] = []): Promise<Acted> {
    const acted = this.#turn.then(() => this.#act(name, args, files));
    this.#turn = acted.catch(() => undefined);
    return acted;
  }

  /** Somebody has seen that an action was refused. */
  async dismiss(commandId: string): Promise<void> {
    if (this.#person === undefined) return;
    await this.#actions.remove([commandId], this.#person);
    await this.#changed();
  }

  /** Sends what waits now, without waiting for the next attempt. */
  sendNow(): void {
    this.#pause = firstPause;
    void this.#run();
  }

  /** What the phone's kept state has reached is part of it now. @param seq of the state that is kept */
  async arrived(seq: number): Promise<void> {
    const person = this.#person;
    const gone = this.#all.filter(({ acked }) => acked && acked.seq <= seq).map(({ commandId }) => commandId);
    if (person === undefined || gone.length === 0) return;
    await this.#actions.remove(gone, person);
    await this.#read();
  }

  async #act<N extends CommandName>(name: N, args: ArgsOf<N>, files: readonly KeptFile[]): Promise<Acted> {
    const person = this.#person;
    if (person === undefined) return { ok: false, error: nobody };
    const refusal = app.preview(name, args);
    // What only the server can know is asked of it, later.
    if (refusal && refusal.code !== 'unavailable') return { ok: false, error: refusal };
    const stamp = phoneTime.stamp(Math.max(this.inStepAt ?? 0, this.#all.at(-1)?.doneAt ?? 0));
    const commandId = app.newId();
    // Without what the page's reactivity wraps around it.
    const plain = JSON.parse(JSON.stringify(args)) as KeptAction['args'];
    try {
      await this.#actions.add({
        person,
        commandId,
        name,
        args: plain,
        said: said(name, plain),
        doneAt: phoneTime.offsetNow() === undefined ? stampedTime(stamp) : Math.round(clock.exact()),
        stamp,
        files: [...files],
      });
    } catch (problem) {
      return {
        ok: false,
        error: problem instanceof DOMException && problem.name === 'QuotaExceededError' ? full : lost,
      };
    }
    await this.#changed();
    void navigator.storage?.persist?.().catch(() => false);
    this.sendNow();
    return { ok: true, commandId };
  }

  #network(there: boolean): void {
    this.#onLine = there;
    if (!there) return;
    app.line.retryNow();
    this.sendNow();
  }

  async #changed(): Promise<void> {
    await this.#read();
    this.#channel?.postMessage('changed');
  }

  async #read(): Promise<void> {
    const person = this.#person;
    if (person === undefined) return;
    const all = await this.#actions.all(person).catch(() => undefined);
    if (!all || person !== this.#person) return;
    this.#all = all;
    app.hold(
      all.flatMap(({ commandId, name, args, doneAt, acked, refused }) => {
        const command = { commandId, name, args } as unknown as Command;
        return refused ? [] : [{ command, at: doneAt, ...(acked ? { seq: acked.seq } : {}) }];
      }),
    );
    this.#ofOthers = await this.#actions.ofOthers(person).catch(() => 0);
  }

  async #run(): Promise<void> {
    const person = this.#person;
    if (person === undefined || app.session.state !== 'signed_in' || !this.#all.some(waits)) return;
    if (this.#running) {
      this.#again = true;
      return;
    }
    clearTimeout(this.#timer);
    this.#running = true;
    this.#sending = true;
    const outcome = await this.#send(person).catch((): Sent => 'unreachable');
    this.#running = false;
    this.#sending = false;
    await this.#changed();
    if (outcome === 'not_signed_in') {
      await app.session.check();
    } else if (this.#again && outcome === 'all') {
      this.#again = false;
      void this.#run();
    } else if (this.#all.some(waits)) {
      this.#timer = setTimeout(() => void this.#run(), this.#pause * (0.75 + Math.random() / 2));
      this.#pause = Math.min(this.#pause * 2, longestPause);
    }
  }

  #send(person: string): Promise<Sent> {
    return alone(`${channelName}/${person}`, () =>
      sendAll({
        actions: this.#actions,
        person,
        fetch: (input, init) => fetch(input, init),
        newId: (now) => uuidv7From(now, crypto.getRandomValues(new Uint8Array(10))),
        changed: () => void this.#changed(),
        time: (at) => hourMinute(at, zone.name),
        offset: phoneTime.offsetNow(),
      }),
    );
  }
}

const nobody: WireError = { code: 'not_signed_in', message: 'Nobody is signed in on this phone. Sign in first.' };
const full: WireError = {
  code: 'unavailable',
  message: 'This phone has no room left, so this was not recorded. Delete something from the phone, then do it again.',
};
const lost: WireError = {
  code: 'unavailable',
  message: 'This phone could not keep that, so it was not recorded. Close the page, open it again, then do it again.',
};

/** The one queue of this page. */
export const queue = new Queue();
