import type { Audience } from '@opsboard/shared/protocol/audiences';
import { audienceKey, audienceOf } from '@opsboard/shared/protocol/audiences';
import type { WireError } from '@opsboard/shared/protocol/errors';
import type { Staleness } from '@opsboard/shared/protocol/frames';
import type { Journal } from '../journal/journal.ts';
import type { Applied, OrgState } from '../journal/org-state.ts';
import type { SignedIn } from '../people/sessions.ts';
import type { WatchedClock } from '../platform/steady-clock.ts';
import type { Logger } from '../platform/log.ts';
import { CatchUps } from './catch-up.ts';
import type { Cut } from './cuts.ts';
import { cutOf, cutOwner, rightsChanged, signedOut } from './cuts.ts';
import { History } from './history.ts';
import type { BoardSocket } from './member.ts';
import { Member } from './member.ts';
import type { Pace } from './pace.ts';
import { createPace } from './pace.ts';
import { packetOf } from './packet.ts';
import { mostMissed, Room } from './room.ts';
import { Snapshots } from './snapshots.ts';

/** How long a connection that was told to go may take to close, milliseconds. */
const farewell = 500;
/** How long cuts are remembered for handshakes that were under way, milliseconds. */
const cutMemory = 30_000;

/** The live side of one organization in this process: rooms, frames, cuts. */
export class OrgLive {
  readonly state: OrgState;
  readonly catchUps: CatchUps;
  readonly snapshots: Snapshots;
  readonly #history: History;
  readonly #clock: WatchedClock;
  readonly #log: Logger;
  readonly #rooms = new Map<string, Room>();
  readonly #roomOf = new Map<Member, Room>();
  readonly #byOwner = new Map<string, Set<Member>>();
  readonly #pace: Pace;
  readonly #unsubscribe: () => void;
  #cuts: { cut: Cut; at: number }[] = [];
  #stale: boolean;

  constructor(state: OrgState, journal: Journal, clock: WatchedClock, log: Logger, stale: boolean) {
    this.state = state;
    this.#clock = clock;
    this.#log = log;
    this.#stale = stale;
    this.#history = new History(state, journal);
    this.catchUps = new CatchUps(state, this.#history, journal.epoch, clock);
    this.snapshots = new Snapshots(state, journal.epoch, clock);
    this.#pace = createPace(clock, () => this.#tick());
    this.#unsubscribe = state.onApplied((batch) => this.#applied(batch));
  }

  get members(): number {
    return this.#roomOf.size;
  }

  /** How many clients are not reading, and get nothing meanwhile. */
  get behind(): number {
    let count = 0;
    for (const room of this.#rooms.values()) count += room.behind.size;
    return count;
  }

  /**
   * Takes a client in.
   *
   * @param since when its sign-in was looked up, by the monotonic clock: what was cut since then stays out
   * @returns the member, or why not
   */
  join(socket: BoardSocket, who: SignedIn, since: number): Member | WireError {
    const now = this.#clock.monotonic();
    if (now - since > cutMemory / 2) return rightsChanged();
    const cut = this.#cuts.find(({ cut: ended, at }) => at >= since && [who.id, who.session].includes(cutOwner(ended)));
    if (cut) return cut.cut.error;
    const member = new Member(socket, who, audienceOf(who));
    this.#roomFor(member.audience).add(member);
    this.#roomOf.set(member, this.#roomFor(member.audience));
    for (const owner of [who.id, who.session]) {
      const members = this.#byOwner.get(owner);
      if (members) members.add(member);
      else this.#byOwner.set(owner, new Set([member]));
    }
    return member;
  }

  /**
   * The first frame to a client that has joined: all it missed since `from`, where it comes back with state; else only
   * where the chain is, so that it need not wait for a beat to find a gap.
   */
  async greet(member: Member, from: number | undefined): Promise<void> {
    // From further back the client is told of the gap, and asks over HTTP: nothing is read for it here.
    const near = from !== undefined && this.state.seq - from <= mostMissed;
    const reached = near && (await this.#history.reach(from));
    const room = this.#roomOf.get(member);
    if (this.#stale || !room?.members.has(member)) return;
    if (reached) room.bring(member, from);
    else room.greet(member);
  }

  staleness(): Staleness {
    const off = this.#clock.jumped?.() ?? 0;
    return {
      stale: this.#stale,
      seq: this.state.seq,
      now: this.#clock.now(),
      ...(off === 0 ? {} : { clockOff: off }),
    };
  }

  leave(member: Member): void {
    const room = this.#roomOf.get(member);
    if (!room) return;
    this.#roomOf.delete(member);
    room.remove(member);
    if (room.empty) this.#rooms.delete(room.key);
    for (const owner of [member.who.id, member.who.session]) {
      const members = this.#byOwner.get(owner);
      members?.delete(member);
      if (members?.size === 0) this.#byOwner.delete(owner);
    }
  }

  /** Takes the sender of a command to the `seq` it was acknowledged with ([L6]). */
  reach(member: Member, seq: number): void {
    if (this.state.seq < seq) {
      // Committed by another process, some time ago: this one's tail is on its way there.
      void this.state.waitFor(seq, 5_000).then((reached) => reached && this.reach(member, seq));
    } else if (!this.#stale) this.#roomOf.get(member)?.lead(member, this.state.seq);
  }

  beat(): void {
    if (this.#stale) this.sayStale();
    else for (const room of this.#rooms.values()) this.#guarded(room, () => room.beat(this.state.seq));
    const [now, monotonic] = [this.#clock.now(), this.#clock.monotonic()];
    for (const member of [...this.#roomOf.keys()]) if (member.who.expiresAt <= now) this.dismiss(member, signedOut());
    if (this.#cuts.length > 0) this.#cuts = this.#cuts.filter(({ at }) => monotonic - at < cutMemory);
  }

  /** [L12] Tells everybody that the process lost or found its line to the database; while it is lost, each second. */
  setStale(stale: boolean): void {
    this.#stale = stale;
    this.sayStale();
    if (!stale) this.#pace.ask();
  }

  /** The last word to a client; its connection ends within {@link farewell}. */
  dismiss(member: Member, error: WireError): void {
    const behind = this.#roomOf.get(member)?.behind.has(member) ?? false;
    this.leave(member);
    if (behind) return member.line.terminate();
    member.line.write(packetOf('cut', JSON.stringify(error)));
    member.socket.disconnect(true);
    setTimeout(() => member.line.terminate(), farewell).unref();
  }

  close(error: WireError): void {
    this.#unsubscribe();
    this.#pace.stop();
    for (const member of [...this.#roomOf.keys()]) this.dismiss(member, error);
  }

  /** Tells every client how far this process can be believed. */
  sayStale(): void {
    const packet = packetOf('stale', JSON.stringify(this.staleness()));
    for (const [member, room] of this.#roomOf) if (room.members.has(member)) member.line.write(packet);
  }

  #roomFor(audience: Audience): Room {
    const key = audienceKey(audience);
    let room = this.#rooms.get(key);
    if (!room) {
      room = new Room(audience, this.state.seq, this.#history, () => this.#clock.now());
      this.#rooms.set(key, room);
    }
    return room;
  }

  #applied(batch: readonly Applied[]): void {
    this.#history.push(batch);
    for (const one of batch) {
      const cut = cutOf(one);
      if (cut) this.#cut(cut, one.entry.seq);
      const { kind, id, set } = one.entry;
      if (kind === 'session' && typeof set['expiresAt'] === 'number') {
        // Renewed by use: the line goes on as long as the session does.
        for (const member of this.#byOwner.get(id) ?? []) member.who.expiresAt = set['expiresAt'];
      }
    }
    this.#pace.ask();
  }

  /** Ends the frames of those concerned at this `seq` ([L11]): nothing after it reaches them. */
  #cut(cut: Cut, seq: number): void {
    this.#cuts.push({ cut, at: this.#clock.monotonic() });
    for (const member of [...(this.#byOwner.get(cutOwner(cut)) ?? [])]) {
      if (!this.#stale) this.#roomOf.get(member)?.lead(member, seq);
      this.dismiss(member, cut.error);
    }
  }

  #tick(): void {
    if (this.#stale) return;
    for (const room of this.#rooms.values()) this.#guarded(room, () => room.tick(this.state.seq));
  }

  /** A bug in what one audience gets must not keep frames from the others: its clients find a gap and start afresh. */
  #guarded(room: Room, act: () => void): void {
    try {
      act();
    } catch (error) {
      this.#log.error({ err: error, org: this.state.org, seq: this.state.seq }, 'a frame could not be made');
      room.skip(this.state.seq);
    }
  }
}
