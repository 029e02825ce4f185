import type { Entry } from '@opsboard/shared/protocol/entries';
import type { AnyRecord, Kind } from '@opsboard/shared/protocol/kinds';
import { patched } from '@opsboard/shared/protocol/patch';
import type { OrgState } from '../journal/org-state.ts';

/** An entry with the record around it, as it was then. `after` is undefined where the record cannot be known. */
export type Moment = { entry: Entry; before: AnyRecord | undefined; after: AnyRecord | undefined };

const keyOf = (kind: Kind, id: string): string => `${kind}:${id}`;

/** The record before an entry, from the record after it. */
export function before(entry: Entry, after: AnyRecord): AnyRecord | undefined {
  if (entry.rev === 1) return undefined;
  const created = Object.keys(entry.set).filter((path) => !Object.hasOwn(entry.was, path));
  return patched(after, { ...entry.was, rev: entry.rev - 1 }, created);
}

/**
 * Goes back through the journal from a moment whose records are known.
 *
 * @param newestFirst entries without a hole, ending at that moment
 * @param present the records at that moment
 */
export function* walkBack(
  newestFirst: Iterable<Entry>,
  present: (kind: Kind, id: string) => AnyRecord | undefined,
): Generator<Moment> {
  const records = new Map<string, AnyRecord | undefined>();
  for (const entry of newestFirst) {
    const key = keyOf(entry.kind, entry.id);
    const after = records.has(key) ? records.get(key) : present(entry.kind, entry.id);
    const was = after && before(entry, after);
    records.set(key, was);
    yield { entry, before: was, after };
  }
}

/** A state held at its present `seq` while entries are read; what changes meanwhile is remembered as it was. */
export type HeldState = {
  readonly seq: number;
  get(kind: Kind, id: string): AnyRecord | undefined;
  all(kind: Kind): Iterable<AnyRecord>;
  [Symbol.dispose](): void;
};

/** Holds a state without copying it: only what changes from now on is kept aside. */
export function hold(state: OrgState): HeldState {
  const aside = new Map<string, { kind: Kind; record: AnyRecord | undefined }>();
  const stop = state.onApplied((batch) => {
    for (const { entry, before: was } of batch) {
      const key = keyOf(entry.kind, entry.id);
      if (!aside.has(key)) aside.set(key, { kind: entry.kind, record: was });
    }
  });
  return {
    seq: state.seq,
    get: (kind, id) => {
      const kept = aside.get(keyOf(kind, id));
      return kept ? kept.record : state.get(kind, id);
    },
    *all(kind) {
      for (const record of state.all(kind)) if (!aside.has(keyOf(kind, record.id))) yield record;
      for (const kept of aside.values()) if (kept.kind === kind && kept.record) yield kept.record;
    },
    [Symbol.dispose]: stop,
  };
}
