/** Events of one second at most; the next one borrows from the following second. */
const PER_SECOND = 2 ** 20;

/**
 * A moment of the log as one safe integer: seconds × 2^20 + a counter within the second. It is an event's number, its
 * resume token and its cluster time at once, so the three never disagree.
 */
export type Seq = number;

/** The seconds and the counter of a moment, as a BSON timestamp has them. */
export function secondsOf(seq: Seq): number {
  return Math.floor(seq / PER_SECOND);
}

/** The counter of a moment within its second. */
export function incrementOf(seq: Seq): number {
  return seq % PER_SECOND;
}

/** The moment of a BSON timestamp. */
export function seqOf(seconds: number, increment: number): Seq {
  return seconds * PER_SECOND + Math.min(increment, PER_SECOND - 1);
}

/** Hands out moments that only grow, even when the machine's clock is set back. */
export class LogicalClock {
  #last: Seq;
  readonly #now: () => number;

  constructor(last: Seq, now: () => number = Date.now) {
    this.#now = now;
    this.#last = Math.max(last, 1);
  }

  /** The moment of the latest event. */
  get last(): Seq {
    return this.#last;
  }

  /** The moment of a new event. */
  next(): Seq {
    this.#last = Math.max(this.#last + 1, Math.floor(this.#now() / 1000) * PER_SECOND + 1);
    return this.#last;
  }
}
