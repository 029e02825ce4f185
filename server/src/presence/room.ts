import type { PersonHere } from '@opsboard/shared/presence/schema';
import type { Member } from '../live/member.ts';
import type { Packet } from '../live/packet.ts';
import { packetOf } from '../live/packet.ts';
import type { Clock } from '../platform/clock.ts';

/** Shortest time between two messages to the same client, milliseconds; in a larger room as many as it has clients. */
const shortest = 250;
/** People told of in one message, newcomers' first one aside. */
const mostNews = 100;
/** People that an audience is told of at all. */
const mostPeople = 1_000;
/** Newcomers who are told everything in one go; the others follow a moment later. */
const mostGreeted = 100;
/** A client with this many bytes before it gets nothing now, and everything later. */
const mostQueued = 64 * 1024;

/** The clients of one audience that are told who is here ([P5]). */
export class PresenceRoom {
  /** What the audience is told of a person now; undefined: nothing. */
  readonly #sight: (person: string) => PersonHere | undefined;
  readonly #held: () => boolean;
  readonly #clock: Clock;
  readonly #members = new Set<Member>();
  /** Those who have not been told everybody yet, or did not take what they were told. */
  readonly #fresh = new Set<Member>();
  /** By person, as JSON. */
  readonly #told = new Map<string, string>();
  /** Of whom something may have changed: those who take a card or lay it down first, then in the order of change. */
  readonly #urgent = new Set<string>();
  readonly #changed = new Set<string>();
  #whole: Packet | undefined;
  #next = 0;
  #asked: { cancel(): void } | undefined;

  /** @param people those who are here when the room is opened */
  constructor(
    people: Iterable<string>,
    sight: (person: string) => PersonHere | undefined,
    held: () => boolean,
    clock: Clock,
  ) {
    this.#sight = sight;
    this.#held = held;
    this.#clock = clock;
    for (const person of people) {
      if (this.#told.size >= mostPeople) this.#changed.add(person);
      else {
        const here = sight(person);
        if (here) this.#told.set(person, JSON.stringify(here));
      }
    }
  }

  get size(): number {
    return this.#members.size;
  }

  add(member: Member): void {
    this.#members.add(member);
    this.#fresh.add(member);
    this.ask();
  }

  remove(member: Member): void {
    this.#members.delete(member);
    this.#fresh.delete(member);
    if (this.#members.size === 0) this.stop();
  }

  /** Something may have changed of these people; `urgent`: what they have in hand. */
  changed(people: Iterable<string>, urgent = false): void {
    for (const person of people) (urgent ? this.#urgent : this.#changed).add(person);
    this.ask();
  }

  /** Sends what there is: after quiet in this turn of the event loop, else when the last message is long enough ago. */
  ask(): void {
    if (this.#asked || this.#members.size === 0) return;
    const wait = this.#next - this.#clock.monotonic();
    if (wait <= 0) {
      const immediate = setImmediate(() => this.#send());
      this.#asked = { cancel: () => clearImmediate(immediate) };
    } else {
      const timer = setTimeout(() => this.#send(), wait);
      timer.unref();
      this.#asked = { cancel: () => clearTimeout(timer) };
    }
  }

  stop(): void {
    this.#asked?.cancel();
    this.#asked = undefined;
  }

  #send(): void {
    this.#asked = undefined;
    // What was thought of is told when the hold ends: whoever holds asks again.
    if (this.#held()) return;
    const news = this.#news();
    let sent = false;
    if (news) {
      for (const member of this.#members) {
        if (this.#fresh.has(member)) continue;
        sent = true;
        if (member.line.queued > mostQueued) this.#fresh.add(member);
        else member.line.write(news);
      }
    }
    let greeted = 0;
    for (const member of this.#fresh) {
      if (member.line.queued > mostQueued) continue;
      if (++greeted > mostGreeted) break;
      this.#fresh.delete(member);
      member.line.write(
        (this.#whole ??= packetOf('presence', `{"all":true,"here":[${[...this.#told.values()].join()}]}`)),
      );
    }
    const full = this.#told.size >= mostPeople;
    const more = this.#fresh.size > 0 || (this.#urgent.size + this.#changed.size > 0 && !full);
    if (sent || greeted > 0 || more) this.#next = this.#clock.monotonic() + Math.max(shortest, this.#members.size);
    if (more) this.ask();
  }

  /** What the room has not been told yet, as a message; nothing when that is nothing. */
  #news(): Packet | undefined {
    const here: string[] = [];
    const gone: string[] = [];
    for (const waiting of [this.#urgent, this.#changed]) {
      for (const person of waiting) {
        if (here.length + gone.length >= mostNews) break;
        const now = this.#sight(person);
        const told = this.#told.get(person);
        if (now && told === undefined && this.#told.size >= mostPeople) continue;
        waiting.delete(person);
        const text = now && JSON.stringify(now);
        if (text === told) continue;
        if (text === undefined) {
          this.#told.delete(person);
          gone.push(person);
        } else {
          this.#told.set(person, text);
          here.push(text);
        }
      }
    }
    if (here.length + gone.length === 0) return undefined;
    this.#whole = undefined;
    const left = gone.length > 0 ? `,"gone":${JSON.stringify(gone)}` : '';
    return packetOf('presence', `{"here":[${here.join()}]${left}}`);
  }
}
