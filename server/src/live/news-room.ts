import type { Clock } from '../platform/clock.ts';
import type { Member } from './member.ts';
import type { Packet } from './packet.ts';

/** Newcomers who are told everything in one go; the others follow a moment later. */
const mostGreeted = 100;
/** A client with this many bytes before it gets nothing now, and everything later. */
const mostQueued = 64 * 1024;

/**
 * The clients of one audience that are told news which nobody needs to hear twice: who comes is told everything, then
 * what changes, encoded once for all. News thin out instead of queueing: a client that does not read is told
 * everything again when it does. What is told, and how often, is said by who extends this.
 */
export abstract class NewsRoom {
  protected readonly clock: Clock;
  readonly #held: () => boolean;
  readonly #members = new Set<Member>();
  /** Those who have not been told everything yet, or did not take what they were told. */
  readonly #fresh = new Set<Member>();
  #next = -Infinity;
  #asked: { cancel(): void } | undefined;

  /** @param held whether nothing may be told now; whoever ends that calls {@link ask} */
  constructor(held: () => boolean, clock: Clock) {
    this.#held = held;
    this.clock = clock;
  }

  /** What the room has not been told yet, as one message; undefined when that is nothing. */
  protected abstract news(): Packet | undefined;
  /** Everything the room has been told, for newcomers. */
  protected abstract whole(): Packet;
  /** Whether there are more news than one message takes. */
  protected abstract get waiting(): boolean;
  /** How long the room waits for its next message, milliseconds, after so many bytes over all its clients. */
  protected abstract pause(bytes: number): number;

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

  /** Sends what there is: after quiet in this turn of the event loop, else when the last message is long enough ago. */
  ask(): void {
    if (this.#asked || this.#members.size === 0) return;
    const wait = this.#next - this.clock.monotonic();
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
    const bytes = this.#tell(this.news()) + this.#greet();
    const more = this.#fresh.size > 0 || this.waiting;
    if (bytes > 0 || more) this.#next = this.clock.monotonic() + this.pause(bytes);
    if (more) this.ask();
  }

  #tell(news: Packet | undefined): number {
    let bytes = 0;
    if (!news) return bytes;
    for (const member of this.#members) {
      if (this.#fresh.has(member)) continue;
      if (member.line.queued > mostQueued) this.#fresh.add(member);
      else {
        member.line.write(news);
        bytes += news.length;
      }
    }
    return bytes;
  }

  #greet(): number {
    let whole: Packet | undefined;
    let greeted = 0;
    let bytes = 0;
    for (const member of this.#fresh) {
      if (member.line.queued > mostQueued) continue;
      if (++greeted > mostGreeted) break;
      this.#fresh.delete(member);
      whole ??= this.whole();
      member.line.write(whole);
      bytes += whole.length;
    }
    return bytes;
  }
}
