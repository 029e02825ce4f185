import type { Principal } from '@opsboard/shared/protocol/actors';
import type { ArgsOf, CommandName } from '@opsboard/shared/protocol/deciders';
import type { Ack, Command } from '@opsboard/shared/protocol/envelope';
import type { WireError } from '@opsboard/shared/protocol/errors';
import type { AnyInView, InView, LiveState } from '@opsboard/shared/protocol/fold';
import { applyFrame, emptyLiveSet } from '@opsboard/shared/protocol/fold';
import type { CatchUp, Cause, Change, Frame, Hello } from '@opsboard/shared/protocol/frames';
import type { Kind } from '@opsboard/shared/protocol/kinds';
import { allKinds } from '@opsboard/shared/protocol/kinds';
import { sameValue } from '@opsboard/shared/protocol/patch';
import type { Snapshot } from '@opsboard/shared/protocol/snapshot';
import { decodeSnapshot } from '@opsboard/shared/protocol/snapshot';
import type { Result } from '../socket/http.ts';
import type { InFlight, Overlay } from './overlay.ts';
import { decideHere, overlayOf, viewOver } from './overlay.ts';

/** What the replica needs of the outside. */
export type Outside = {
  catchUp(from: number, epoch: string): Promise<Result<CatchUp>>;
  snapshot(atLeast: number): Promise<Result<Snapshot>>;
  /** Sends a command; undefined: no answer came, the outcome is unknown. */
  transmit(command: Command): Promise<Ack | undefined>;
  connected(): boolean;
  /** The server's time, milliseconds. */
  now(): number;
  newId(): string;
  principal(): Principal | undefined;
};

/** What the replica tells. */
export type Listener = {
  /** The records shown are other ones than before. */
  changed(): void;
  /** A record was put in another's place, be it only for its `rev`; told before `changed`, and not for a snapshot. */
  touched?(kind: Kind, before: AnyInView | undefined, after: AnyInView | undefined): void;
  /** One record is shown differently; not called for a snapshot. */
  shown?(change: ShownChange): void;
  /** A snapshot replaced everything. */
  replaced?(): void;
  /** A frame was applied: what others, and this page, did. */
  happened?(changes: readonly Change[]): void;
  /** The state cannot be had; it is tried again unless the session is over. Undefined: it could. */
  failed?(error: WireError | undefined): void;
};

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

/** The server's word on a command. */
export type Answer = ({ ok: true; seq: number } | { ok: false; error: WireError }) & { commandId: string };

type Waiting = InFlight & {
  settle: (ack: Ack) => void;
  /** The transmission whose answer is awaited; undefined: none, or the line broke under it. */
  sending: symbol | undefined;
};
type Tables = { [K in Kind]: Map<string, AnyInView> };

/** Frames kept while a snapshot or a catch-up is under way; what is dropped here is caught up with afterwards. */
const backlogLength = 500;
/** A command that the server could not take just now is sent again after this, milliseconds, and so often. */
const retryPause = 1_000;
const retries = 5;

const emptyTables = (): Tables => ({ ...emptyLiveSet() }) as Tables;
const pauseOf = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

/**
 * A client's copy of the live set: follows frames, catches up over gaps, begins afresh where the protocol says so, and
 * shows the client's own commands on top while they are under way. Knows nothing of a screen or a socket.
 */
export class Replica {
  #outside: Outside;
  #listener: Listener;
  /** What the server said, at one `seq`. */
  #live: LiveState | undefined;
  /** The live state with the overlay on top: what screens read. */
  #shown = emptyTables();
  #overlay: Overlay = new Map();
  #inFlight: Waiting[] = [];
  /** Commands that somebody else sends, and that are shown until their `seq` is here: what waits on a phone. */
  #held: readonly InFlight[] = [];
  /** Commands sent from here, to tell one's own changes when they come back. */
  #own = new Set<string>();
  #backlog: Frame[] = [];
  /** The synchronization under way; a newer one makes it void. */
  #sync: symbol | undefined;

  constructor(outside: Outside, listener: Listener) {
    this.#outside = outside;
    this.#listener = listener;
  }

  /** The `seq` that is shown; 0 before the first snapshot. */
  get seq(): number {
    return this.#live?.seq ?? 0;
  }
  /** Whether there is a state to show. */
  get loaded(): boolean {
    return this.#live !== undefined;
  }
  /** What the server said, at one `seq`. Its maps change in place. */
  get live(): LiveState | undefined {
    return this.#live;
  }
  /** Commands that the state does not hold yet. */
  get underWay(): number {
    return this.#inFlight.length;
  }

  /** All records of a kind as shown, by id. The map is the replica's own and changes in place. */
  all<K extends Kind>(kind: K): ReadonlyMap<string, InView<K>> {
    return this.#shown[kind] as unknown as ReadonlyMap<string, InView<K>>;
  }

  /** What the rules would refuse, on what is shown now; undefined: nothing that a client can know. */
  preview<N extends CommandName>(name: N, args: ArgsOf<N>, doneAt?: number): WireError | undefined {
    const principal = this.#outside.principal();
    if (!principal) return undefined;
    const view = viewOver(this.#shown, new Map());
    const decision = decideHere(view, name, args, principal, this.#outside.now(), doneAt);
    return decision && !decision.ok ? decision.error : undefined;
  }

  /**
   * Sends a command and shows it at once. Resolves with the server's word. A line that breaks meanwhile does not lose
   * it: it is sent again, under the same id, when the line is back.
   *
   * @param doneAt when it was done, where that was earlier
   */
  send<N extends CommandName>(name: N, args: ArgsOf<N>, doneAt?: number): Promise<Answer> {
    const command = { commandId: this.#outside.newId(), name, args, ...(doneAt && { doneAt }) } as unknown as Command;
    const { commandId } = command;
    this.#own.add(commandId);
    return new Promise((resolve) => {
      const waiting: Waiting = {
        command,
        at: this.#outside.now(),
        sending: undefined,
        settle: (ack) => resolve(ack.ok ? { ok: true, seq: ack.seq, commandId } : { ...ack, commandId }),
      };
      this.#inFlight.push(waiting);
      this.#reshow([]);
      void this.#transmit(waiting, 0);
    });
  }

  /**
   * Shows commands that are kept and sent elsewhere, below this client's own. One leaves when its `seq` is applied.
   *
   * @param held all of them, in order
   */
  hold(held: readonly InFlight[]): void {
    this.#held = held;
    for (const { command } of held) this.#own.add(command.commandId);
    this.#dropArrived();
    this.#reshow([]);
  }

  /** Goes on from a state that was kept; one that came from the server meanwhile is better. */
  restore(live: LiveState): void {
    if (!this.#live) this.#replace(live);
  }

  /** Throws everything away; commands under way are answered with `error`. */
  forget(error: WireError): void {
    for (const waiting of this.#inFlight) waiting.settle({ ok: false, error });
    this.#inFlight = [];
    this.#held = [];
    this.#live = undefined;
    this.#overlay = new Map();
    this.#shown = emptyTables();
    this.lost();
    this.#listener.changed();
  }

  // ---- the line ----

  /** A connection begins: comes up to where the server stands, then sends again what is of unknown outcome. */
  async hello(hello: Hello): Promise<void> {
    const live = this.#live;
    if (live && (live.audience !== hello.audience || live.epoch !== hello.epoch)) this.#live = undefined;
    if (!this.#live || this.#live.seq < hello.seq) await this.#synchronize(hello.seq);
    for (const waiting of [...this.#inFlight]) {
      if (!waiting.sending && waiting.seq === undefined) void this.#transmit(waiting, 0, true);
    }
  }

  /** A frame arrived. */
  frame(frame: Frame): void {
    if (this.#sync) {
      this.#backlog.push(frame);
      if (this.#backlog.length > backlogLength) this.#backlog.shift();
    } else if (this.#live && !this.#apply(frame)) void this.#synchronize(frame.to);
  }

  /** The line is gone: what was under way on it is void. */
  lost(): void {
    this.#sync = undefined;
    this.#backlog = [];
    for (const waiting of this.#inFlight) waiting.sending = undefined;
  }

  /** Brings the state to at least `seq`: by a catch-up where there is a state, else by a snapshot. */
  async #synchronize(seq: number): Promise<void> {
    const token = Symbol();
    this.#sync = token;
    const current = (): boolean => this.#sync === token;
    for (let pause = 500; current(); pause = Math.min(pause * 2, 8_000)) {
      const error = await this.#fetchState(seq, current);
      if (!current()) return;
      this.#listener.failed?.(error);
      if (!error) break;
      if (error.code === 'not_signed_in') return;
      await pauseOf(pause);
    }
    if (!current()) return;
    this.#sync = undefined;
    const backlog = this.#backlog;
    this.#backlog = [];
    for (const frame of backlog) this.frame(frame);
  }

  async #fetchState(seq: number, current: () => boolean): Promise<WireError | undefined> {
    const live = this.#live;
    if (live) {
      const answer = await this.#outside.catchUp(live.seq, live.epoch);
      if (!answer.ok) return answer.error;
      if (!current()) return undefined;
      const { value } = answer;
      const usable = value.epoch === live.epoch && value.audience === live.audience;
      if (usable && 'frame' in value && this.#apply(value.frame)) return undefined;
    }
    const answer = await this.#outside.snapshot(seq);
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
    this.#dropArrived();
    this.#reshow([]);
    this.#listener.replaced?.();
    this.#listener.changed();
  }

  /** Applies a frame; false means that something before it is missing. */
  #apply(frame: Frame): boolean {
    const changes: Change[] = [];
    try {
      const outcome = applyFrame(this.#live!, frame, (change) => changes.push(change));
      if (outcome === 'gap') return false;
      if (outcome === 'old') return true;
    } catch (problem) {
      // A patch for a record that is not here cannot be: whatever went wrong, a snapshot mends it.
      console.error(problem);
      this.#live = undefined;
      return false;
    }
    this.#dropArrived();
    this.#reshow(changes);
    if (changes.length > 0) this.#listener.happened?.(changes);
    return true;
  }

  /** Acknowledged commands whose `seq` has been applied are part of the state now. */
  #dropArrived(): void {
    const { seq } = this;
    const waits = (one: InFlight): boolean => one.seq === undefined || one.seq > seq;
    this.#inFlight = this.#inFlight.filter(waits);
    this.#held = this.#held.filter(waits);
  }

  /** Makes what is shown equal to the live state with the present overlay, where a frame or an overlay touched it. */
  #reshow(changes: readonly Change[]): void {
    const live = this.#live?.records ?? emptyLiveSet();
    const principal = this.#outside.principal();
    const before = this.#overlay;
    const overlay = principal ? overlayOf(live, [...this.#held, ...this.#inFlight], principal) : new Map();
    this.#overlay = overlay;
    const touched = new Map<string, { kind: Kind; id: string; cause?: Cause }>();
    for (const layer of [before, overlay]) {
      for (const [kind, table] of layer) for (const id of table.keys()) touched.set(`${kind}/${id}`, { kind, id });
    }
    for (const change of changes) touched.set(`${change.kind}/${change.id}`, change);
    if (touched.size === 0) return;
    const told: ShownChange[] = [];
    for (const { kind, id, cause } of touched.values()) {
      const table = this.#shown[kind];
      const was = table.get(id);
      const is = overlay.get(kind)?.get(id) ?? live[kind].get(id);
      if (was === is) continue;
      if (is) table.set(id, is);
      else table.delete(id);
      this.#listener.touched?.(kind, was, is);
      if (was && is && sameValue({ ...was, rev: 0 }, { ...is, rev: 0 })) continue;
      const mine = cause ? this.#own.has(cause.commandId) : true;
      told.push({ kind, id, before: was, after: is, mine, cause, at: cause?.at ?? this.#outside.now() });
    }
    this.#listener.changed();
    for (const one of told) this.#listener.shown?.(one);
  }

  // ---- commands ----

  async #transmit(waiting: Waiting, attempt: number, resend = attempt > 0): Promise<void> {
    if (waiting.sending || !this.#inFlight.includes(waiting)) return;
    const sending = Symbol();
    waiting.sending = sending;
    const ack = await this.#outside.transmit(resend ? { ...waiting.command, resend: true } : waiting.command);
    if (waiting.sending === sending) waiting.sending = undefined;
    // It has been sent again meanwhile, on a new line.
    else if (!ack) return;
    if (!ack) {
      // No answer came. Without a line, the next hello sends it again.
      if (this.#outside.connected()) await this.#again(waiting, attempt);
    } else if (ack.ok) {
      waiting.seq = ack.seq;
      this.#dropArrived();
      this.#reshow([]);
      waiting.settle(ack);
    } else if (ack.error.code === 'unavailable' && attempt < retries) {
      await this.#again(waiting, attempt);
    } else {
      this.#inFlight = this.#inFlight.filter((one) => one !== waiting);
      this.#reshow([]);
      waiting.settle(ack);
    }
  }

  async #again(waiting: Waiting, attempt: number): Promise<void> {
    await pauseOf(retryPause);
    await this.#transmit(waiting, attempt + 1, true);
  }
}
