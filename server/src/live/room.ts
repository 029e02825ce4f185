import type { Audience } from '@opsboard/shared/protocol/audiences';
import { audienceKey } from '@opsboard/shared/protocol/audiences';
import { buildChanges } from '@opsboard/shared/protocol/frame-build';
import type { Change } from '@opsboard/shared/protocol/frames';
import type { History } from './history.ts';
import type { Member } from './member.ts';
import type { Packet } from './packet.ts';
import { framePacket } from './packet.ts';

/**
 * Bytes that a client may leave untaken before it gets no more frames. Its queue so stays below this and one frame;
 * the frames themselves are shared by all clients of the room.
 */
export const mostQueued = 256 * 1024;
/** A client that reads again gets what it missed in one frame, up to this many entries; else it finds the gap itself. */
export const mostMissed = 2_000;

type Built = { from: number; to: number; changes: number; packet: Packet };

/**
 * The clients of one audience, and their one chain of frames: each begins where the one before ended ([L2]), is built
 * once and encoded once.
 */
export class Room {
  readonly audience: Audience;
  readonly key: string;
  readonly members = new Set<Member>();
  /** Those that do not read, with the `seq` they stand at: they are outside the chain until they read again. */
  readonly behind = new Map<Member, number>();
  /** Where the chain ends. */
  seq: number;
  readonly #history: History;
  readonly #now: () => number;
  /** Up to here nothing was for this audience, beyond `seq`. */
  #nothingUntil: number;
  #last: Built | undefined;

  constructor(audience: Audience, seq: number, history: History, now: () => number) {
    this.audience = audience;
    this.key = audienceKey(audience);
    this.seq = seq;
    this.#nothingUntil = seq;
    this.#history = history;
    this.#now = now;
  }

  get empty(): boolean {
    return this.members.size === 0 && this.behind.size === 0;
  }

  add(member: Member): void {
    this.members.add(member);
  }

  /** Takes the chain to `to`, if anything in between is for this audience. */
  tick(to: number): void {
    if (to <= this.#nothingUntil || this.members.size === 0) return;
    if (this.#last?.from !== this.seq || this.#last.to !== to) {
      const changes = this.#changes(this.seq, to);
      if (changes.length === 0) this.#nothingUntil = to;
      else this.#emit(this.#encode(this.seq, to, changes));
    } else if (this.#last.changes > 0) this.#emit(this.#last);
  }

  /** Takes the chain to `to` and says the time, whether anything happened or not ([L7]). */
  beat(to: number): void {
    if (this.members.size > 0) this.#emit(this.#encode(this.seq, to, this.#changes(this.seq, to)));
  }

  /** Takes one client ahead of the chain ([L6]); the next frames of the room begin before that, which is harmless. */
  lead(member: Member, to: number): void {
    if (!this.members.has(member)) return;
    const from = Math.max(this.seq, member.ahead);
    if (to <= from) return;
    member.line.write(this.#build(from, to).packet);
    member.ahead = to;
  }

  /**
   * Gives a client all between where it stands and the chain. Where that is too much, it is only told where the chain
   * is: it finds the gap, and asks.
   */
  bring(member: Member, from: number): void {
    if (!this.members.has(member) || from >= this.seq) return;
    if (this.#history.covers(from) && this.seq - from <= mostMissed) {
      const { packet } = this.#build(from, this.seq);
      if (packet.length <= mostQueued) return member.line.write(packet);
    }
    this.greet(member);
  }

  /** Tells one client where the chain is. */
  greet(member: Member): void {
    member.line.write(framePacket({ from: this.seq, to: this.seq, now: this.#now(), changes: [] }));
  }

  /** Takes the chain to `to` without a word: the clients find the gap, and ask. */
  skip(to: number): void {
    this.seq = to;
    this.#nothingUntil = to;
    this.#last = undefined;
  }

  remove(member: Member): void {
    this.members.delete(member);
    this.behind.delete(member);
  }

  #emit({ to, packet }: Built): void {
    const from = this.seq;
    this.seq = to;
    this.#nothingUntil = to;
    for (const member of this.members) {
      if (member.ahead >= to && to > from) continue;
      if (member.line.queued > mostQueued) this.#drop(member, Math.max(from, member.ahead));
      else member.line.write(packet);
    }
  }

  /** From here on the client gets nothing, until it has taken everything that waits for it. */
  #drop(member: Member, seq: number): void {
    this.members.delete(member);
    this.behind.set(member, seq);
    member.line.onceDrained(() => {
      const from = this.behind.get(member);
      if (from === undefined) return;
      this.behind.delete(member);
      this.members.add(member);
      this.bring(member, from);
    });
  }

  #build(from: number, to: number): Built {
    const last = this.#last;
    return last?.from === from && last.to === to ? last : this.#encode(from, to, this.#changes(from, to));
  }

  #changes(from: number, to: number): Change[] {
    // What was found to be nothing needs no second look.
    const start = from >= this.seq ? Math.max(from, this.#nothingUntil) : from;
    return start < to ? buildChanges(this.audience, this.#history.between(start, to)) : [];
  }

  #encode(from: number, to: number, changes: Change[]): Built {
    this.#last = { from, to, changes: changes.length, packet: framePacket({ from, to, now: this.#now(), changes }) };
    return this.#last;
  }
}
