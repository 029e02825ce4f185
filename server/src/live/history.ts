import type { Entry } from '@opsboard/shared/protocol/entries';
import type { AnyRecord, Kind } from '@opsboard/shared/protocol/kinds';
import { kinds } from '@opsboard/shared/protocol/kinds';
import { unfold } from '../journal/fold.ts';
import type { Journal } from '../journal/journal.ts';
import type { Applied, OrgState } from '../journal/org-state.ts';

/** Entries kept in memory, at most; about 1.5 kB each, most of it shared with the records themselves. */
const mostKept = 10_000;
/** Entries read from the journal at a time when somebody comes from further back, at least and at most. */
const leastRead = 1_000;
const mostRead = 5_000;

/**
 * The latest entries of an organization with their records before and after, without a gap up to the state's `seq`. It
 * reaches back as far as memory allows, and further when somebody asks.
 */
export class History {
  readonly #state: OrgState;
  readonly #journal: Pick<Journal, 'entries'>;
  #kept: Applied[] = [];
  #low: number;
  #reading: Promise<void> | undefined;

  constructor(state: OrgState, journal: Pick<Journal, 'entries'>) {
    this.#state = state;
    this.#journal = journal;
    this.#low = state.seq;
  }

  /** What has just been folded; follows directly on what came before. */
  push(batch: readonly Applied[]): void {
    for (const one of batch) this.#kept.push(one);
    // Cut in large pieces: cutting moves everything that stays.
    if (this.#kept.length > mostKept * 1.25) {
      const excess = this.#kept.length - mostKept;
      this.#kept = this.#kept.slice(excess);
      this.#low += excess;
    }
  }

  /** Whether everything after `from` is in memory. */
  covers(from: number): boolean {
    return from >= this.#low;
  }

  /** The entries in (from, to]. */
  between(from: number, to: number): readonly Applied[] {
    if (!this.covers(from)) throw new Error(`history begins at ${this.#low}, not at ${from}`);
    return this.#kept.slice(from - this.#low, to - this.#low);
  }

  /**
   * Makes sure that everything after `from` is in memory, reading the journal where needed.
   *
   * @returns false when that is too far back, or cannot be told from the journal alone: a snapshot is the better way
   */
  async reach(from: number): Promise<boolean> {
    while (!this.covers(from)) {
      if (from < 0 || this.#low - from > mostRead || this.#state.seq - from > mostKept) return false;
      const before = this.#low;
      this.#reading ??= this.#read(Math.max(0, Math.min(from, before - leastRead))).finally(() => {
        this.#reading = undefined;
      });
      await this.#reading;
      if (this.#low === before) return false;
    }
    return true;
  }

  async #read(from: number): Promise<void> {
    const to = this.#low;
    const entries = await this.#journal.entries(this.#state.org, { from, to });
    // Memory was cut in the meantime: what was read does not join it.
    if (this.#low !== to || entries.length !== to - from || entries[0]?.seq !== from + 1) return;
    const older = this.#unfolded(entries);
    if (!older) return;
    this.#kept = [...older, ...this.#kept];
    this.#low = from;
  }

  /**
   * Entries with their records, found by going back from the records as they were when memory begins. Undefined when one
   * left the live set meanwhile: what it was is not in memory. Hidden fields are as they are now.
   */
  #unfolded(entries: readonly Entry[]): Applied[] | undefined {
    const keyOf = (entry: Entry) => `${entry.kind} ${entry.id}`;
    const known = new Map<string, AnyRecord | undefined>();
    for (const { entry, before } of this.#kept) if (!known.has(keyOf(entry))) known.set(keyOf(entry), before);
    const older: Applied[] = [];
    for (const entry of entries.toReversed()) {
      const key = keyOf(entry);
      const after = known.has(key) ? known.get(key) : this.#current(entry.kind, entry.id);
      if (!after && kinds[entry.kind].live && Object.hasOwn(entry.set, 'archivedAt')) return undefined;
      const before = after && unfold(after, entry);
      known.set(key, before);
      older.push({ entry, before, after });
    }
    return older.reverse();
  }

  #current(kind: Kind, id: string): AnyRecord | undefined {
    return this.#state.get(kind, id);
  }
}
