import type { ReferenceKind } from '@opsboard/shared/protocol/decision';
import type { Entry } from '@opsboard/shared/protocol/entries';
import type { AnyRecord, Kind, Records } from '@opsboard/shared/protocol/kinds';
import type { Logger } from '../platform/log.ts';
import { fold } from './fold.ts';
import { LiveSet } from './live-set.ts';
import type { Applied, OrgState } from './org-state.ts';
import type { References } from './stored.ts';

/** What a state reads from storage when an entry alone does not say enough. */
export type StateSource = {
  /** At most `limit` entries after `from`, in order of seq. */
  entries(org: string, from: number, limit: number): Promise<Entry[]>;
  /** Those of the named records that exist. */
  records(org: string, kind: Kind, ids: readonly string[]): Promise<Map<string, AnyRecord>>;
};

/** An entry that this process is about to commit, with the record as it is after it, hidden fields included. */
export type Expected = { entry: Entry; after: AnyRecord };

const pageSize = 1000;
/** How long to wait after storage failed while a gap was being filled, milliseconds. */
const retryDelay = 200;

/**
 * {@link OrgState} with its ways in: what the tail hears, what this process committed itself, and what is read to catch
 * up. Whoever comes first folds an entry; the others find it known. Entries are folded only one after the other.
 */
export class FoldedState implements OrgState {
  readonly org: string;
  seq = 0;
  /** Number of the next human reference by kind, as of `seq`. */
  references: References;
  /** The epoch of the organization's counter: a commit happens only while that is the same. */
  fence: string | null | undefined;
  readonly #source: StateSource;
  readonly #log: Logger;
  readonly #live = new LiveSet();
  readonly #listeners = new Set<(batch: readonly Applied[]) => void>();
  /** The first seq of a commit under way here: until that is settled, nobody knows whose entry has that seq. */
  #pending: number | undefined;
  #waiters: { seq: number; done(reached: boolean): void }[] = [];
  #incoming: Entry[] = [];
  #held = true;
  #busy = false;
  #closed = false;
  #settled: (() => void)[] = [];

  constructor(org: string, source: StateSource, references: References, log: Logger) {
    this.org = org;
    this.references = references;
    this.#source = source;
    this.#log = log;
  }

  get<K extends Kind>(kind: K, id: string): Records[K] | undefined {
    return this.#live.get(kind, id);
  }

  all<K extends Kind>(kind: K): Iterable<Records[K]> {
    return this.#live.all(kind);
  }

  openBatchOf(part: string): { id: string; reference: string } | undefined {
    return this.#live.openBatchOf(part);
  }

  onApplied(listener: (batch: readonly Applied[]) => void): () => void {
    this.#listeners.add(listener);
    return () => void this.#listeners.delete(listener);
  }

  waitFor(seq: number, timeoutMs: number): Promise<boolean> {
    if (this.seq >= seq) return Promise.resolve(true);
    return new Promise((resolve) => {
      const waiter = {
        seq,
        done: (reached: boolean) => {
          clearTimeout(timer);
          resolve(reached);
        },
      };
      const timer = setTimeout(() => {
        this.#waiters = this.#waiters.filter((other) => other !== waiter);
        resolve(false);
      }, timeoutMs);
      this.#waiters.push(waiter);
    });
  }

  /** While loading: a record as the scan found it. */
  put(kind: Kind, record: AnyRecord): void {
    this.#live.put(kind, record);
  }

  /** Ends loading: the scan began at `seq`; what was heard meanwhile is folded now, and from here on at once. */
  begin(seq: number, references: References): void {
    this.seq = seq;
    this.references = references;
    this.#held = false;
    void this.#drain();
  }

  /** Entries that were heard, in any order, known or not. */
  receive(entries: readonly Entry[]): void {
    for (const entry of entries) if (entry.seq > this.seq) this.#incoming.push(entry);
    if (!this.#held && !this.#busy) void this.#drain();
  }

  /** Reads what the collection has after `seq` and folds it. */
  async catchUp(): Promise<void> {
    for (;;) {
      const page = await this.#source.entries(this.org, this.seq, pageSize);
      if (page.length === 0) return;
      this.receive(page);
      if (this.#busy) await new Promise<void>((resolve) => this.#settled.push(resolve));
      if (page.length < pageSize || this.#closed) return;
    }
  }

  /**
   * Announces a commit under way. What the stream says of its place waits until it is settled: another process may have
   * been first there, even with the same command.
   */
  expect(group: readonly Expected[]): void {
    this.#pending = group[0]?.entry.seq;
  }

  /** The announced commit has happened, or it has not, or nobody knows and the stream or the collection will tell. */
  settle(group: readonly Expected[], committed: boolean): void {
    this.#pending = undefined;
    // It was decided at the state's seq, and nothing was folded since.
    if (committed && group.length > 0)
      this.#apply(
        group.map(({ entry }) => entry),
        undefined,
        group,
      );
    if (this.#incoming.length > 0 && !this.#busy) void this.#drain();
  }

  close(): void {
    this.#closed = true;
    this.#listeners.clear();
    for (const waiter of this.#waiters) waiter.done(false);
    this.#waiters = [];
  }

  /** Folds what has come in. Synchronous as long as nothing has to be read. */
  async #drain(): Promise<void> {
    this.#busy = true;
    try {
      while (!this.#closed) {
        const incoming = this.#incoming.filter((entry) => entry.seq > this.seq).sort((a, b) => a.seq - b.seq);
        this.#incoming = incoming;
        const first = incoming[0];
        if (!first || this.#pending !== undefined) break;
        if (first.seq > this.seq + 1) {
          const missing = await this.#source.entries(this.org, this.seq, pageSize);
          if (missing[0]?.seq !== this.seq + 1) throw new Error(`entry ${this.seq + 1} is not to be found`);
          this.#incoming.push(...missing);
          continue;
        }
        const run: Entry[] = [];
        for (const entry of incoming) if (entry.seq === this.seq + 1 + run.length) run.push(entry);
        const needy = run.filter((entry) => this.#needsRecord(entry));
        const sources = needy.length === 0 ? undefined : await this.#read(needy);
        // A commit of this process may have begun or been folded while something was read.
        if (this.#pending !== undefined) break;
        const rest = run.filter((entry) => entry.seq > this.seq);
        if (rest[0]?.seq === this.seq + 1) this.#apply(rest, sources);
      }
    } catch (error) {
      this.#log.warn({ err: error, org: this.org, seq: this.seq }, 'folding waits for storage');
      setTimeout(() => {
        if (!this.#busy) void this.#drain();
      }, retryDelay).unref();
    } finally {
      this.#busy = false;
      const settled = this.#settled;
      this.#settled = [];
      for (const done of settled) done();
    }
  }

  /** Whether an entry can only be folded with its record: it names hidden fields, or brings a record back. */
  #needsRecord(entry: Entry): boolean {
    // Also while it is held: what takes it out may be an entry of the same run.
    if (entry.unset.includes('archivedAt') || entry.unset.includes('endedAt')) return true;
    // A record of the same run may have been made just before, and its hidden fields be changed here.
    const held = this.#live.get(entry.kind, entry.id);
    return entry.touched !== undefined && (held === undefined || held.rev < entry.rev);
  }

  async #read(entries: readonly Entry[]): Promise<Map<string, AnyRecord>> {
    const ids = new Map<Kind, Set<string>>();
    for (const { kind, id } of entries) ids.set(kind, (ids.get(kind) ?? new Set()).add(id));
    const found = await Promise.all(
      [...ids].map(async ([kind, set]) => [kind, await this.#source.records(this.org, kind, [...set])] as const),
    );
    return new Map(found.flatMap(([kind, records]) => [...records].map(([id, record]) => [`${kind}/${id}`, record])));
  }

  /** Folds entries that follow directly, and tells. */
  #apply(entries: readonly Entry[], sources?: Map<string, AnyRecord>, own?: readonly Expected[]): void {
    const applied: Applied[] = [];
    for (const [i, entry] of entries.entries()) {
      const before = this.#live.get(entry.kind, entry.id) as AnyRecord | undefined;
      const after = own ? own[i]!.after : this.#after(entry, before, sources?.get(`${entry.kind}/${entry.id}`));
      if (after && after !== before) this.#live.put(entry.kind, after);
      this.seq = entry.seq;
      this.#count(entry);
      applied.push({ entry, before, after });
    }
    for (const listener of this.#listeners) {
      try {
        listener(applied);
      } catch (error) {
        // One listener's bug must not keep others from an entry, nor stop the fold.
        this.#log.error({ err: error, org: this.org, seq: this.seq }, 'a listener of the journal failed');
      }
    }
    if (this.#waiters.length > 0) {
      const reached = this.#waiters.filter((waiter) => waiter.seq <= this.seq);
      this.#waiters = this.#waiters.filter((waiter) => waiter.seq > this.seq);
      for (const waiter of reached) waiter.done(true);
    }
  }

  #after(entry: Entry, before: AnyRecord | undefined, source: AnyRecord | undefined): AnyRecord | undefined {
    if (!before) {
      if (entry.rev === 1) return fold(undefined, entry, source);
      // A record that is not held stays outside, unless this brings it back.
      return source && (entry.unset.includes('archivedAt') || entry.unset.includes('endedAt')) ? source : undefined;
    }
    // While loading, the scan may have found a record newer than the entry.
    if (before.rev >= entry.rev) return before;
    if (before.rev !== entry.rev - 1) {
      this.#log.error(
        { org: this.org, seq: entry.seq, kind: entry.kind, id: entry.id },
        'an entry does not follow its record',
      );
    }
    return fold(before, entry, source);
  }

  #count(entry: Entry): void {
    const { kind } = entry;
    const reference = kind === 'batch' || kind === 'route' ? entry.set['reference'] : undefined;
    if (typeof reference !== 'string') return;
    const number = Number(/\d+$/.exec(reference)?.[0]);
    const counted = kind as ReferenceKind;
    if (number >= this.references[counted]) this.references = { ...this.references, [counted]: number + 1 };
  }
}
