import type { BatchInView } from '@opsboard/shared/batches/schema';
import type { Organization } from '@opsboard/shared/organization/schema';
import type { Actor, Principal } from '@opsboard/shared/protocol/actors';
import type { ArgsOf, CommandName } from '@opsboard/shared/protocol/deciders';
import type { WireError } from '@opsboard/shared/protocol/errors';
import type { InView, LiveState } from '@opsboard/shared/protocol/fold';
import type { CatchUp, Cause, Change, Hello } from '@opsboard/shared/protocol/frames';
import { uuidv7From } from '@opsboard/shared/protocol/ids';
import type { Kind } from '@opsboard/shared/protocol/kinds';
import { personMay } from '@opsboard/shared/protocol/rights';
import type { Snapshot } from '@opsboard/shared/protocol/snapshot';
import { Session, type Me } from '#lib/session/session.svelte.ts';
import { call } from '#lib/socket/http.ts';
import { Line } from '#lib/socket/line.svelte.ts';
import { clock } from '#lib/time/clock.svelte.ts';
import { zone } from '#lib/time/zone.svelte.ts';
import { acting } from './hands.ts';
import type { Answer, ShownChange } from './replica.ts';
import { useRules, type InFlight } from './overlay.ts';
import { Replica } from './replica.ts';

export type { ShownChange } from './replica.ts';

/** One line of the activity list. */
export type Activity = {
  seq: number;
  at: number;
  done: number;
  actor: Actor;
  verb: string;
  kind: Kind;
  id: string;
  why?: string;
  commandId: string;
};

/** How many lines of activity are kept. */
const activityLength = 60;

/** Screens are drawn about this far apart, milliseconds. */
const drawing = 16;
/** The longest that others' changes wait for the answer to what this person does, milliseconds. */
const patience = 160;

/**
 * The page's whole state: who is signed in, the line, and the records with the page's own commands on top. Screens read
 * `version` (reactive) and then the maps, which are plain: 10,000 records cost nothing to watch.
 */
class App {
  readonly session = new Session((signedIn) => (signedIn ? this.#begin() : this.#end()));
  readonly line = new Line({
    hello: (hello) => this.#onHello(hello),
    frame: (frame) => this.#replica.frame(frame),
    refused: (error) => this.#onRefused(error),
    lost: () => this.#replica.lost(),
  });

  #version = $state(0);
  #namesVersion = $state(0);
  /** When the screens were last told of a change, by the page's monotonic clock; and while they wait, how to stop that. */
  #toldAt = 0;
  #waiting: (() => void) | undefined;
  #loaded = $state(false);
  #failure = $state.raw<WireError | undefined>(undefined);
  #activity = $state.raw<readonly Activity[]>([]);
  #listeners = new Set<(change: ShownChange) => void>();
  #batchFollowers = new Set<(before: BatchInView | undefined, after: BatchInView | undefined) => void>();
  /** Whose state this is: another person begins afresh. */
  #person: string | undefined;

  #replica = new Replica(
    {
      catchUp: (from, epoch) =>
        call<CatchUp>('GET', `/api/live/catch-up?from=${from}&epoch=${encodeURIComponent(epoch)}`),
      snapshot: (atLeast) => call<Snapshot>('GET', `/api/live/snapshot?atLeast=${atLeast}`),
      transmit: (command) => this.line.send(command),
      connected: () => this.line.connected,
      now: () => clock.exact(),
      newId: () => this.newId(),
      principal: () => this.#principal(),
    },
    {
      changed: () => {
        this.#loaded = this.#replica.loaded || this.#loaded;
        this.#changed();
      },
      touched: (kind, before, after) => {
        if (kind !== 'batch') {
          if (kind === 'organization' && after) zone.name = (after as Organization).timeZone;
          this.#namesVersion++;
          return;
        }
        for (const follower of this.#batchFollowers) {
          follower(before as BatchInView | undefined, after as BatchInView | undefined);
        }
      },
      shown: (change) => {
        for (const listener of this.#listeners) listener(change);
      },
      replaced: () => {
        this.#namesVersion++;
        const { organization } = this;
        if (organization) zone.name = organization.timeZone;
        void this.#readActivity();
        soon(() => void this.#fetchRules());
      },
      happened: (changes) => this.#onHappened(changes),
      failed: (error) => {
        if (error?.code === 'not_signed_in') this.session.ended();
        else if (!error || !this.#loaded) this.#failure = error;
      },
    },
  );

  /** Grows with every change of the records shown. Read it first; then the maps below are as new. */
  get version(): number {
    return this.#version;
  }
  /**
   * Grows with every change of a record that is not a batch. What looks up names reads this one: on a busy board
   * batches change hundreds of times for each name that does.
   */
  get namesVersion(): number {
    return this.#namesVersion;
  }
  /** Whether the first snapshot is here. */
  get loaded(): boolean {
    return this.#loaded;
  }
  /** Why the records could not be had. */
  get failure(): WireError | undefined {
    return this.#failure;
  }
  /** What happened last among the records in view, newest first. */
  get activity(): readonly Activity[] {
    return this.#activity;
  }
  /** The `seq` that is shown; 0 before the first snapshot. Not reactive: read `version` first. */
  get seq(): number {
    return this.#replica.seq;
  }
  get organization(): Organization | undefined {
    const [first] = this.all('organization').values();
    return first;
  }

  /** The records as the server said them, without what is only this page's. Not reactive; its maps change in place. */
  get live(): LiveState | undefined {
    return this.#replica.live;
  }

  all<K extends Kind>(kind: K): ReadonlyMap<string, InView<K>> {
    return this.#replica.all(kind);
  }
  get<K extends Kind>(kind: K, id: string): InView<K> | undefined {
    return this.#replica.all(kind).get(id);
  }

  /** Calls for every change on screen after the first snapshot; returns the stop. */
  onChange(listener: (change: ShownChange) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  /**
   * Calls for every batch that is replaced by another version, be it only for its `rev`, before `version` grows; not for
   * a snapshot, which replaces the maps as a whole. Returns the stop.
   */
  onBatch(follower: (before: BatchInView | undefined, after: BatchInView | undefined) => void): () => void {
    this.#batchFollowers.add(follower);
    return () => this.#batchFollowers.delete(follower);
  }

  newId(): string {
    return uuidv7From(clock.exact(), crypto.getRandomValues(new Uint8Array(10)));
  }

  /** What the rules would refuse, on what is shown now; undefined: nothing that a client can know. */
  preview<N extends CommandName>(name: N, args: ArgsOf<N>, doneAt?: number): WireError | undefined {
    return this.#replica.preview(name, args, doneAt);
  }

  /** Sends a command and shows it at once; refused here while the line is cut. See {@link Replica.send}. */
  send<N extends CommandName>(name: N, args: ArgsOf<N>, doneAt?: number): Promise<Answer> {
    if (this.line.state === 'live') {
      const answer = this.#replica.send(name, args, doneAt);
      // What a person does shows in the same turn: whoever sent it goes on with what is on the page.
      if (this.#waiting !== undefined) this.#tellChanged();
      return answer;
    }
    return Promise.resolve({ ok: false, error: cutNow, commandId: this.newId() });
  }

  /** Shows commands that something else keeps and sends. See {@link Replica.hold}. */
  hold(held: readonly InFlight[]): void {
    this.#replica.hold(held);
    if (this.#waiting !== undefined) this.#tellChanged();
  }

  /**
   * Goes on where this device was when it last spoke with the server, until that answers: a phone without network.
   *
   * @param at when that was, by the server's clock
   */
  restore(me: Me, live: LiveState | undefined, at: number | undefined): void {
    this.session.remembered(me);
    if (live) this.#replica.restore(live);
    if (at !== undefined) this.line.silentSince(at);
  }

  #begin(): void {
    const person = this.session.me?.id;
    // What belongs to one person must not be there for the next one.
    if (person !== this.#person) this.#forget();
    this.#person = person;
    this.line.open();
  }

  #end(): void {
    // While the page asks for the password again, it goes on showing what it last knew, as stale.
    const expired = this.session.state === 'expired';
    this.line.close({ stale: expired });
    this.#replica.lost();
    if (!expired) this.#forget();
  }

  #forget(): void {
    this.#replica.forget(cutNow);
    this.#namesVersion++;
    this.#loaded = false;
    this.#activity = [];
  }

  /**
   * Tells the screens, at once after quiet and then once per drawing: at 200 changes a second frames arrive more often
   * than anybody can see, and each telling costs a walk over the page. What the person at this page does is answered
   * first: for the few frames that takes, others' changes wait.
   */
  #changed(): void {
    if (this.#waiting !== undefined) return;
    if (document.hidden || (performance.now() - this.#toldAt >= drawing && !acting())) {
      this.#tellChanged();
      return;
    }
    const tell = (): void => {
      if (acting()) frame = requestAnimationFrame(tell);
      else this.#tellChanged();
    };
    let frame = requestAnimationFrame(tell);
    // No longer than this: hands that never rest, and a page hidden meanwhile, which is not drawn but counts in its title.
    const timer = setTimeout(() => this.#tellChanged(), patience);
    this.#waiting = () => {
      cancelAnimationFrame(frame);
      clearTimeout(timer);
    };
  }

  #tellChanged(): void {
    this.#waiting?.();
    this.#waiting = undefined;
    this.#toldAt = performance.now();
    this.#version++;
  }

  #onHello(hello: Hello): void {
    if (this.session.me && this.session.me.id !== hello.person) void this.session.check();
    void this.#replica.hello(hello);
  }

  #onRefused(error: WireError): void {
    if (error.code === 'not_signed_in') this.session.ended();
    else if (error.code === 'unsupported_protocol') this.#failure = error;
  }

  #onHappened(changes: readonly Change[]): void {
    this.#addActivity(changes.flatMap((one) => ('cause' in one ? [activityOf(one.kind, one.id, one.cause)] : [])));
    const me = changes.find((one) => one.kind === 'person' && one.id === this.session.me?.id);
    const record = me && this.get('person', me.id);
    if (record) this.session.updated({ name: record.name, rev: record.rev });
  }

  #principal(): Extract<Principal, { type: 'person' }> | undefined {
    const me = this.session.me;
    if (!me) return undefined;
    return { type: 'person', org: me.org, id: me.id, role: me.role, ...(me.branches ? { branches: me.branches } : {}) };
  }

  /** Without them the page waits for the server's answers; it tries again with the next snapshot. */
  async #fetchRules(): Promise<void> {
    const module = await import('@opsboard/shared/protocol/deciders').catch(() => undefined);
    if (!module) return;
    useRules(module.deciders);
    // What was asked of them before they were here is asked again: a button that they refuse was offered meanwhile.
    this.#changed();
  }

  async #readActivity(): Promise<void> {
    const principal = this.#principal();
    if (!principal || !personMay(principal, 'journal.read')) return;
    const answer = await call<{ activity: Activity[] }>('GET', `/api/activity?limit=${activityLength}`);
    if (answer.ok) this.#addActivity(answer.value.activity);
  }

  #addActivity(items: readonly Activity[]): void {
    if (items.length === 0) return;
    const known = new Map(this.#activity.map((item) => [`${item.seq}/${item.id}`, item]));
    for (const item of items) known.set(`${item.seq}/${item.id}`, item);
    this.#activity = [...known.values()].toSorted((a, b) => b.seq - a.seq).slice(0, activityLength);
  }
}

/** When the page has drawn what it has. Safari has no idle callback. */
const soon = (then: () => void): void => {
  if ('requestIdleCallback' in globalThis) requestIdleCallback(then, { timeout: 2_000 });
  else setTimeout(then, 200);
};

const cutNow: WireError = {
  code: 'unavailable',
  message: 'The line to the server is cut. Try again when it is back.',
};

function activityOf(kind: Kind, id: string, cause: Cause): Activity {
  const { seq, at, done, by, verb, commandId, why } = cause;
  return { seq, at, done, actor: by, verb, kind, id, commandId, ...(why === undefined ? {} : { why }) };
}

/** The one state of this page. */
export const app = new App();
