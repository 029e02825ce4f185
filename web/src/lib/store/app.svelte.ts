import type { Batch } from '@opsboard/shared/batches/schema';
import type { Organization } from '@opsboard/shared/organization/schema';
import type { Actor, Principal } from '@opsboard/shared/protocol/actors';
import type { ArgsOf, CommandName } from '@opsboard/shared/protocol/deciders';
import type { Entry } from '@opsboard/shared/protocol/entries';
import type { Command } from '@opsboard/shared/protocol/envelope';
import type { WireError } from '@opsboard/shared/protocol/errors';
import type { AnyInView, InView, LiveState } from '@opsboard/shared/protocol/fold';
import { applyFrame, emptyLiveSet } from '@opsboard/shared/protocol/fold';
import type { CatchUp, Cause, Change, Frame, Hello } from '@opsboard/shared/protocol/frames';
import { uuidv7From } from '@opsboard/shared/protocol/ids';
import type { Kind } from '@opsboard/shared/protocol/kinds';
import { sameValue } from '@opsboard/shared/protocol/patch';
import { allKinds } from '@opsboard/shared/protocol/kinds';
import type { Snapshot } from '@opsboard/shared/protocol/snapshot';
import { decodeSnapshot } from '@opsboard/shared/protocol/snapshot';
import { Session } from '#lib/session/session.svelte.ts';
import { call } from '#lib/socket/http.ts';
import { Line } from '#lib/socket/line.svelte.ts';
import { clock } from '#lib/time/clock.svelte.ts';
import { zone } from '#lib/time/zone.svelte.ts';
import type { InFlight, Overlay } from './overlay.ts';
import { decideHere, overlayOf, viewOver } from './overlay.ts';

/** A change on screen. `mine`: made by this page. `before` and `after` are the record as shown. */
export type ShownChange = {
  kind: Kind;
  id: string;
  before: AnyInView | undefined;
  after: AnyInView | undefined;
  mine: boolean;
  /** Absent while the change is only this page's own, not yet the server's. */
  cause: Cause | undefined;
  at: number;
};

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

type Send = { ok: true; seq: number } | { ok: false; error: WireError };
type Waiting = InFlight & { settle: (result: Send) => void; sending: boolean };

/** How many lines of activity are kept. */
const activityLength = 60;
/** Frames kept while a snapshot or catch-up is under way; more, and a catch-up fetches them anyhow. */
const backlogLength = 500;
/** A command that the server could not take just now is sent again after this, milliseconds, and so often. */
const retryPause = 1_000;
const retries = 5;

/**
 * The page's whole state: who is signed in, the line, and the records as of one `seq` with the page's own commands on
 * top. Screens read `version` (reactive) and then the maps, which are plain: 10,000 records cost nothing to watch.
 */
class App {
  readonly session = new Session((signedIn) => (signedIn ? this.#begin() : this.#end()));
  readonly line = new Line({
    hello: (hello) => void this.#onHello(hello),
    frame: (frame) => this.#onFrame(frame),
    refused: (error) => this.#onRefused(error),
    lost: () => this.#onLost(),
  });

  #version = $state(0);
  #loaded = $state(false);
  #failure = $state.raw<WireError | undefined>(undefined);
  #activity = $state.raw<readonly Activity[]>([]);

  /** What the server said, at one `seq`. */
  #live: LiveState | undefined;
  /** The live state with the overlay on top: what screens read. */
  #shown = emptyTables();
  #overlay: Overlay = new Map();
  #inFlight: Waiting[] = [];
  /** Commands of this page, to tell one's own changes when they come back. */
  #own = new Set<string>();
  #backlog: Frame[] = [];
  /** The synchronization under way; a newer one makes it void. */
  #sync: symbol | undefined;
  #listeners = new Set<(change: ShownChange) => void>();
  /** Whose state this is: another person begins afresh. */
  #person: string | undefined;

  /** Grows with every change of the records shown. Read it first; then the maps below are as new. */
  get version(): number {
    return this.#version;
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
  /** The `seq` that is shown; 0 before the first snapshot. */
  get seq(): number {
    return this.#live?.seq ?? 0;
  }
  get organization(): Organization | undefined {
    const [first] = this.all('organization').values();
    return first;
  }

  all<K extends Kind>(kind: K): ReadonlyMap<string, InView<K>> {
    return this.#shown[kind] as unknown as ReadonlyMap<string, InView<K>>;
  }
  get<K extends Kind>(kind: K, id: string): InView<K> | undefined {
    return this.all(kind).get(id);
  }

  /** Calls for every change on screen after the first snapshot; returns the stop. */
  onChange(listener: (change: ShownChange) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  newId(): string {
    return uuidv7From(clock.exact(), crypto.getRandomValues(new Uint8Array(10)));
  }

  /** What the rules would refuse, on what is shown now; undefined: nothing that a client can know. */
  preview<N extends CommandName>(name: N, args: ArgsOf<N>): WireError | undefined {
    const principal = this.#principal();
    if (!principal) return undefined;
    const decision = decideHere(viewOver(this.#shown, new Map()), name, args, principal, clock.exact());
    return decision && !decision.ok ? decision.error : undefined;
  }

  /**
   * Sends a command and shows it at once. Resolves with the server's word. A line that breaks meanwhile does not lose
   * it: it is sent again, under the same id, when the line is back.
   */
  send<N extends CommandName>(name: N, args: ArgsOf<N>): Promise<Send & { commandId: string }> {
    const command = { commandId: this.newId(), name, args } as unknown as Command;
    if (this.line.state !== 'live') return Promise.resolve({ ...cutNow, commandId: command.commandId });
    this.#own.add(command.commandId);
    return new Promise((resolve) => {
      const waiting: Waiting = {
        command,
        at: clock.exact(),
        sending: false,
        settle: (result) => resolve({ ...result, commandId: command.commandId }),
      };
      this.#inFlight.push(waiting);
      this.#showOverlay();
      void this.#transmit(waiting, 0);
    });
  }

  /** A batch with its parts, and its timeline, oldest first; also one that is archived. */
  async readBatch(id: string): Promise<{ ok: true; batch: Batch; entries: readonly Entry[] } | { ok: false; error: WireError }> {
    const [batch, timeline] = await Promise.all([
      call<{ batch: Batch }>('GET', `/api/batches/${encodeURIComponent(id)}`),
      call<{ entries: Entry[] }>('GET', `/api/batches/${encodeURIComponent(id)}/timeline`),
    ]);
    if (!batch.ok) return batch;
    if (!timeline.ok) return timeline;
    return { ok: true, batch: batch.value.batch, entries: timeline.value.entries };
  }

  // ---- the line ----

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
    this.#onLost();
    if (!expired) this.#forget();
  }

  #forget(): void {
    this.#live = undefined;
    for (const waiting of this.#inFlight) waiting.settle(cutNow);
    this.#inFlight = [];
    this.#overlay = new Map();
    this.#shown = emptyTables();
    this.#loaded = false;
    this.#activity = [];
    this.#version++;
  }

  #onRefused(error: WireError): void {
    if (error.code === 'not_signed_in') this.session.ended();
    else if (error.code === 'unsupported_protocol') this.#failure = error;
  }

  #onLost(): void {
    this.#sync = undefined;
    this.#backlog = [];
    for (const waiting of this.#inFlight) waiting.sending = false;
  }

  async #onHello(hello: Hello): Promise<void> {
    const live = this.#live;
    if (live && live.audience !== hello.audience) this.#forget();
    else if (live && live.epoch !== hello.epoch) this.#live = undefined;
    if (this.session.me && this.session.me.id !== hello.person) void this.session.check();
    if (!this.#live || this.#live.seq < hello.seq) await this.#synchronize(hello.seq);
    for (const waiting of this.#inFlight) {
      if (!waiting.sending && waiting.seq === undefined) void this.#transmit(waiting, 0, true);
    }
  }

  #onFrame(frame: Frame): void {
    if (this.#sync) {
      this.#backlog.push(frame);
      if (this.#backlog.length > backlogLength) this.#backlog.shift();
      return;
    }
    if (!this.#live) return;
    if (!this.#apply(frame)) void this.#synchronize(frame.to);
  }

  /** Brings the state to at least `seq`: by a catch-up where there is a state, else by a snapshot. */
  async #synchronize(seq: number): Promise<void> {
    const token = Symbol();
    this.#sync = token;
    const current = (): boolean => this.#sync === token;
    for (let pause = 500; current(); pause = Math.min(pause * 2, 8_000)) {
      const error = await this.#fetchState(seq, current);
      if (!current()) return;
      if (!error) break;
      if (error.code === 'not_signed_in') return this.session.ended();
      if (!this.#loaded) this.#failure = error;
      await new Promise((resolve) => setTimeout(resolve, pause));
    }
    if (!current()) return;
    this.#failure = undefined;
    this.#sync = undefined;
    const backlog = this.#backlog;
    this.#backlog = [];
    for (const frame of backlog) this.#onFrame(frame);
  }

  async #fetchState(seq: number, current: () => boolean): Promise<WireError | undefined> {
    const live = this.#live;
    if (live) {
      const query = `from=${live.seq}&epoch=${encodeURIComponent(live.epoch)}`;
      const answer = await call<CatchUp>('GET', `/api/live/catch-up?${query}`);
      if (!answer.ok) return answer.error;
      if (!current()) return undefined;
      const value = answer.value;
      const usable = value.epoch === live.epoch && value.audience === live.audience;
      if (usable && 'frame' in value && this.#apply(value.frame)) return undefined;
    }
    const answer = await call<Snapshot>('GET', `/api/live/snapshot?atLeast=${seq}`);
    if (!answer.ok) return answer.error;
    if (current()) this.#replace(decodeSnapshot(answer.value));
    return undefined;
  }

  // ---- the state ----

  #replace(live: LiveState): void {
    this.#live = live;
    this.#shown = emptyTables();
    for (const kind of allKinds) this.#shown[kind] = new Map<string, AnyInView>(live.records[kind]);
    this.#overlay = new Map();
    this.#loaded = true;
    this.#dropArrived();
    this.#showOverlay();
    this.#version++;
    const { organization } = this;
    if (organization) zone.name = organization.timeZone;
    void this.#readActivity();
  }

  /** Applies a frame; false means a gap. */
  #apply(frame: Frame): boolean {
    const live = this.#live!;
    const changed: Change[] = [];
    const causes = new Map<string, Cause | undefined>();
    let outcome: ReturnType<typeof applyFrame>;
    try {
      outcome = applyFrame(live, frame, (one) => {
        changed.push(one);
        causes.set(`${one.kind}/${one.id}`, 'cause' in one ? one.cause : undefined);
      });
    } catch (problem) {
      // A patch for a record that is not here cannot be: whatever went wrong, a snapshot mends it.
      console.error(problem);
      this.#live = undefined;
      return false;
    }
    if (outcome === 'gap') return false;
    if (outcome === 'old') return true;
    this.#dropArrived();
    this.#reshow(changed, (kind, id) => causes.get(`${kind}/${id}`));
    this.#addActivity(changed.flatMap((one) => ('cause' in one ? [activityOf(one.kind, one.id, one.cause)] : [])));
    const me = changed.find((one) => one.kind === 'person' && one.id === this.session.me?.id);
    const record = me && this.get('person', me.id);
    if (record) this.session.updated({ name: record.name, rev: record.rev });
    return true;
  }

  /** Acknowledged commands whose `seq` has been applied are part of the state now. */
  #dropArrived(): void {
    const seq = this.seq;
    this.#inFlight = this.#inFlight.filter((waiting) => waiting.seq === undefined || waiting.seq > seq);
  }

  #showOverlay(): void {
    this.#reshow([], () => undefined);
  }

  /** Makes `#shown` equal to the live state with the present overlay, for what changed and what the overlay touches. */
  #reshow(changed: readonly { kind: Kind; id: string }[], cause: (kind: Kind, id: string) => Cause | undefined): void {
    const live = this.#live?.records ?? emptyLiveSet();
    const principal = this.#principal();
    const before = this.#overlay;
    const overlay = principal ? overlayOf(live, this.#inFlight, principal) : new Map();
    this.#overlay = overlay;
    const touched = new Map<string, { kind: Kind; id: string }>();
    for (const one of changed) touched.set(`${one.kind}/${one.id}`, one);
    for (const layer of [before, overlay]) {
      for (const [kind, table] of layer) for (const id of table.keys()) touched.set(`${kind}/${id}`, { kind, id });
    }
    const told: ShownChange[] = [];
    for (const { kind, id } of touched.values()) {
      const table = this.#shown[kind];
      const was = table.get(id);
      const is = overlay.get(kind)?.get(id) ?? live[kind].get(id);
      if (was === is) continue;
      if (is) table.set(id, is);
      else table.delete(id);
      if (was && is && sameValue({ ...was, rev: 0 }, { ...is, rev: 0 })) continue;
      const why = cause(kind, id);
      const mine = why ? this.#own.has(why.commandId) : true;
      told.push({ kind, id, before: was, after: is, mine, cause: why, at: why?.at ?? clock.exact() });
    }
    if (touched.size > 0) this.#version++;
    for (const one of told) for (const listener of this.#listeners) listener(one);
  }

  // ---- commands ----

  async #transmit(waiting: Waiting, attempt: number, resend = attempt > 0): Promise<void> {
    if (waiting.sending) return;
    waiting.sending = true;
    const ack = await this.line.send(resend ? { ...waiting.command, resend: true } : waiting.command);
    waiting.sending = false;
    // No answer: sent again when the line is back, which says hello.
    if (!ack) {
      if (this.line.connected) setTimeout(() => void this.#transmit(waiting, attempt + 1, true), retryPause);
      return;
    }
    if (ack.ok) {
      waiting.seq = ack.seq;
      this.#dropArrived();
      this.#showOverlay();
      waiting.settle({ ok: true, seq: ack.seq });
    } else if (ack.error.code === 'unavailable' && attempt < retries) {
      setTimeout(() => void this.#transmit(waiting, attempt + 1, true), retryPause);
    } else {
      this.#inFlight = this.#inFlight.filter((one) => one !== waiting);
      this.#showOverlay();
      waiting.settle({ ok: false, error: ack.error });
    }
  }

  #principal(): Principal | undefined {
    const me = this.session.me;
    return me && { type: 'person', org: me.org, id: me.id, role: me.role, ...(me.branches ? { branches: me.branches } : {}) };
  }

  // ---- activity ----

  async #readActivity(): Promise<void> {
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

type ShownTables = { [K in Kind]: Map<string, AnyInView> };
const emptyTables = (): ShownTables => ({ ...emptyLiveSet() }) as ShownTables;

const cutNow = {
  ok: false,
  error: { code: 'unavailable', message: 'The line to the server is cut. Try again when it is back.' },
} as const satisfies Send;

function activityOf(kind: Kind, id: string, cause: Cause): Activity {
  const { seq, at, done, by, verb, commandId, why } = cause;
  return { seq, at, done, actor: by, verb, kind, id, commandId, ...(why === undefined ? {} : { why }) };
}

/** The one state of this page. */
export const app = new App();
