import type { Fix } from '@opsboard/shared/positions/schema';
import { keptOnPhone, mostPoints } from '@opsboard/shared/positions/times';
import type { Stamp } from './kept/action.ts';

/** One position as the phone keeps it until the server has it. `key`: its place in the store, where it has one. */
export type KeptFix = { key?: number; person: string; route: string; fix: Fix; stamp: Stamp };

/** What is sent in one go. */
export type Sending = { route: string; kept: readonly KeptFix[] };

/** What became of it: the server has it, it is to be sent again, or it never will be taken. */
export type Fate = 'taken' | 'again' | 'refused';

/**
 * What waits to be sent, in the order in which it was. The newest goes first and alone, because the desk waits for it;
 * what is older follows, the oldest first, one report at a time, however long the phone was without network.
 */
export class Outbox {
  #waiting: KeptFix[] = [];
  readonly #sending = new Set<KeptFix>();
  #older: Sending | undefined;
  #newest: KeptFix | undefined;

  get size(): number {
    return this.#waiting.length;
  }

  /** @param kept the oldest first */
  add(...kept: KeptFix[]): void {
    this.#waiting.push(...kept);
  }

  /** Puts what an earlier page has kept before everything of this one. */
  restore(kept: readonly KeptFix[]): void {
    this.#waiting.unshift(...kept);
  }

  /** What has waited for longer than a shift is given up. @returns it */
  expire(now: number): KeptFix[] {
    const old = this.#waiting.filter((kept) => kept.fix.at < now - keptOnPhone && !this.#sending.has(kept));
    if (old.length > 0) this.#waiting = this.#waiting.filter((kept) => !old.includes(kept));
    return old;
  }

  /** What is to be sent now. Each is asked to be {@link settle}d. */
  take(): Sending[] {
    const now: Sending[] = [];
    const newest = this.#waiting.at(-1);
    if (newest && newest !== this.#newest && !this.#sending.has(newest)) {
      this.#newest = newest;
      now.push(this.#send([newest]));
    }
    const free = this.#older ? [] : this.#waiting.filter((kept) => !this.#sending.has(kept));
    const [first] = free;
    if (first) {
      // What comes from two routes goes in two reports.
      const end = free.findIndex(({ route }) => route !== first.route);
      this.#older = this.#send(free.slice(0, Math.min(mostPoints, end === -1 ? free.length : end)));
      now.push(this.#older);
    }
    return now;
  }

  /** @returns what need not be kept any more */
  settle(sending: Sending, fate: Fate): readonly KeptFix[] {
    for (const kept of sending.kept) this.#sending.delete(kept);
    if (this.#older === sending) this.#older = undefined;
    if (fate === 'again') return [];
    const done = new Set(sending.kept);
    this.#waiting = this.#waiting.filter((kept) => !done.has(kept));
    return sending.kept;
  }

  #send(kept: readonly KeptFix[]): Sending {
    for (const one of kept) this.#sending.add(one);
    return { route: kept[0]!.route, kept };
  }
}
