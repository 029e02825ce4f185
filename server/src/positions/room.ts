import { newsEvery } from '@opsboard/shared/positions/times';
import type { Member } from '../live/member.ts';
import type { Packet } from '../live/packet.ts';
import { packetOf } from '../live/packet.ts';
import type { Clock } from '../platform/clock.ts';

/** Drivers told of in one message; the others follow in the next. */
const mostNews = 5_000;
/** Newcomers who are told everything in one go; the others follow a moment later. */
const mostGreeted = 100;
/** A client with this many bytes before it gets nothing now, and everything later. */
const mostQueued = 64 * 1024;
/** What one audience is sent a second at most, over all its clients, bytes: beyond it, it is told less often. */
const mostBytes = 30_000_000;

/** The clients of one audience that watch drivers ([G4]). */
export class PositionsRoom {
  /** A driver's position as the audience is told it; undefined: nothing. */
  readonly #sight: (driver: string) => string | undefined;
  readonly #held: () => boolean;
  readonly #clock: Clock;
  readonly #members = new Set<Member>();
  /** Those who have not been told everybody yet, or did not take what they were told. */
  readonly #fresh = new Set<Member>();
  /** By driver, as JSON. */
  readonly #told = new Map<string, string>();
  readonly #changed = new Set<string>();
  #next = -Infinity;
  #asked: { cancel(): void } | undefined;

  /** @param drivers those of whom something is known when the room is opened */
  constructor(
    drivers: Iterable<string>,
    sight: (driver: string) => string | undefined,
    held: () => boolean,
    clock: Clock,
  ) {
    this.#sight = sight;
    this.#held = held;
    this.#clock = clock;
    for (const driver of drivers) this.#changed.add(driver);
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

  /** Something may have changed of a driver: the position, or whether it is to be seen. */
  changed(driver: string): void {
    this.#changed.add(driver);
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
    let bytes = 0;
    const news = this.#news();
    if (news) {
      for (const member of this.#members) {
        if (this.#fresh.has(member)) continue;
        if (member.line.queued > mostQueued) this.#fresh.add(member);
        else {
          member.line.write(news);
          bytes += news.length;
        }
      }
    }
    let whole: Packet | undefined;
    let greeted = 0;
    for (const member of this.#fresh) {
      if (member.line.queued > mostQueued) continue;
      if (++greeted > mostGreeted) break;
      this.#fresh.delete(member);
      whole ??= this.#packet(`"all":true,"drivers":[${[...this.#told.values()].join()}]`);
      member.line.write(whole);
      bytes += whole.length;
    }
    this.#next = this.#clock.monotonic() + Math.max(newsEvery, (bytes / mostBytes) * 1_000);
    if (this.#fresh.size + this.#changed.size > 0) this.ask();
  }

  /** What the room has not been told yet, as a message; nothing when that is nothing. */
  #news(): Packet | undefined {
    const moved: string[] = [];
    const gone: string[] = [];
    for (const driver of this.#changed) {
      if (moved.length + gone.length >= mostNews) break;
      this.#changed.delete(driver);
      const now = this.#sight(driver);
      if (now === this.#told.get(driver)) continue;
      if (now === undefined) {
        this.#told.delete(driver);
        gone.push(driver);
      } else {
        this.#told.set(driver, now);
        moved.push(now);
      }
    }
    if (moved.length + gone.length === 0) return undefined;
    const left = gone.length > 0 ? `,"gone":${JSON.stringify(gone)}` : '';
    return this.#packet(`"drivers":[${moved.join()}]${left}`);
  }

  #packet(rest: string): Packet {
    return packetOf('positions', `{"now":${this.#clock.now()},${rest}}`);
  }
}
