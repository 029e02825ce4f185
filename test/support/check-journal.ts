import type { Connection } from 'mongoose';
import type { Batch } from '@opsboard/shared/batches/schema';
import { onRouteFault, routeFault } from '@opsboard/shared/routes/whole';
import type { Route } from '@opsboard/shared/routes/schema';
import type { Entry } from '@opsboard/shared/protocol/entries';
import type { AnyRecord, Kind } from '@opsboard/shared/protocol/kinds';
import { allKinds, kinds } from '@opsboard/shared/protocol/kinds';
import { sameValue } from '@opsboard/shared/protocol/patch';
import { findWords } from '../../server/src/journal/find-words.ts';
import { fold, unfold } from '../../server/src/journal/fold.ts';
import { isHeld, isOpen } from '../../server/src/journal/live-set.ts';
import type { OrgState } from '../../server/src/journal/org-state.ts';
import type { StoredCounter, StoredEntry, StoredReceipt, StoredRecord } from '../../server/src/journal/stored.ts';
import { collectionOf, entryKey, entryOf, recordOf } from '../../server/src/journal/stored.ts';

/** What the database holds of an organization, read past the journal's own code. */
export type Held = {
  counter: StoredCounter | null;
  entries: Entry[];
  receipts: StoredReceipt[];
  records: Map<string, AnyRecord>;
};

const hiddenOf = (kind: Kind): readonly string[] => [...kinds[kind].personal, ...kinds[kind].secret];

function shown(kind: Kind, record: AnyRecord): AnyRecord {
  const hidden = new Set(hiddenOf(kind));
  return Object.fromEntries(Object.entries(record).filter(([name]) => !hidden.has(name))) as unknown as AnyRecord;
}

function must(holds: boolean, what: string): void {
  if (!holds) throw new Error(what);
}

/**
 * Reads everything of an organization and judges it by the rules [J1], [J2], [J7], [J8], [J9] and [C12].
 *
 * @throws {Error} that names the first rule that does not hold, and where
 */
export async function checkJournal(connection: Connection, org: string): Promise<Held> {
  const db = connection.getClient().db(connection.name);
  const counter = await db.collection<StoredCounter>('counters').findOne({ _id: org });
  const stored = await db.collection<StoredEntry>('journal').find({ org }).toArray();
  const receipts = await db.collection<StoredReceipt>('receipts').find({ org }).toArray();
  const entries = stored.map(entryOf).sort((one, two) => one.seq - two.seq);

  entries.forEach((entry, i) => must(entry.seq === i + 1, `[J1] entry ${i + 1} has seq ${entry.seq}`));
  must((counter?.seq ?? 0) === entries.length, `[J1] ${entries.length} entries, and the counter says ${counter?.seq}`);
  for (const { _id, seq } of stored) must(_id === entryKey(org, seq), `[J1] the key of entry ${seq} is ${_id}`);

  const made = receipts.filter(({ first }) => first !== undefined).sort((one, two) => one.first! - two.first!);
  let next = 1;
  for (const { first, seq, commandId } of made) {
    must(first === next, `[J2] the receipt of ${commandId} begins at ${first} instead of ${next}`);
    for (let at = first!; at <= seq!; at++) {
      must(entries[at - 1]?.commandId === commandId, `[J1] entry ${at} is not of ${commandId}`);
    }
    next = seq! + 1;
  }
  must(next === entries.length + 1, `[J2] entries from ${next} have no receipt`);

  const records = new Map<string, AnyRecord>();
  const openParts = new Map<string, string>();
  for (const kind of allKinds) {
    for (const each of await db.collection<StoredRecord>(collectionOf[kind]).find({ org }).toArray()) {
      const record: AnyRecord = recordOf(kind, each);
      records.set(`${kind}/${each._id}`, record);
      if (kind !== 'batch') continue;
      must(sameValue(findWords(record as Batch), each.findWords), `find words of ${each._id}`);
      const parts = isOpen(record as Batch) ? Object.keys((record as Batch).parts).sort() : [];
      must(sameValue(parts, [...(each.openParts ?? [])].sort()), `[C12] open parts of ${each._id}`);
      for (const part of parts) {
        must(!openParts.has(part), `[C12] ${part} is in ${openParts.get(part)} and ${each._id}`);
        openParts.set(part, each._id);
      }
    }
  }

  const states = new Map<string, AnyRecord[]>();
  for (const entry of entries) {
    const key = `${entry.kind}/${entry.id}`;
    const before = states.get(key) ?? [];
    must(entry.rev === before.length + 1, `[J7] entry ${entry.seq} makes rev ${entry.rev} after ${before.length}`);
    states.set(key, [...before, fold(before.at(-1), entry)]);
    const told = [...Object.keys(entry.set), ...entry.unset, ...Object.keys(entry.was)].map(
      (path) => path.split('.')[0]!,
    );
    must(!told.some((name) => hiddenOf(entry.kind).includes(name)), `[J9] entry ${entry.seq} tells a hidden field`);
  }
  // What was deleted for good has left entries that say nothing.
  for (const [key, folded] of states) {
    if (!records.has(key) && folded.every((one) => Object.keys(one).sort().join() === 'id,org,rev')) states.delete(key);
  }
  must(states.size === records.size, `[J7] ${states.size} records in the journal, ${records.size} in storage`);
  for (const [key, folded] of states) {
    const record = records.get(key);
    must(record !== undefined, `[J7] ${key} is not in storage`);
    must(sameValue(shown(key.split('/')[0] as Kind, record!), folded.at(-1)), `[J7] ${key} differs from its entries`);
  }
  const latest = new Map([...states].map(([key, folded]) => [key, folded.at(-1)]));
  for (const entry of [...entries].reverse()) {
    const key = `${entry.kind}/${entry.id}`;
    if (!states.has(key)) continue;
    const before = unfold(latest.get(key)!, entry);
    must(sameValue(before, states.get(key)![entry.rev - 2]), `[J8] back over entry ${entry.seq}`);
    latest.set(key, before);
  }
  return { counter, entries, receipts, records };
}

/** Judges that a process's state is the database's live set, personal and secret fields included. */
export function checkState(state: OrgState, held: Held): void {
  must(state.seq === held.entries.length, `the state is at ${state.seq} of ${held.entries.length}`);
  let live = 0;
  for (const [key, record] of held.records) {
    const [kind, id] = key.split('/') as [Kind, string];
    if (!isHeld(kind, record)) {
      must(state.get(kind, id) === undefined, `${key} is in the state and should not be`);
      continue;
    }
    live += 1;
    must(sameValue(state.get(kind, id), record), `${key} differs between state and storage`);
  }
  const count = allKinds.reduce((sum, kind) => sum + [...state.all(kind)].length, 0);
  must(count === live, `the state holds ${count} records, storage ${live}`);
}

/**
 * Judges that each command acted as it was told: one that was acknowledged is in the journal, up to its `seq`, and changes
 * each record once; one that was refused is not there.
 *
 * @param told by command, the `seq` it was acknowledged with; undefined: it was refused
 */
export function checkActedOnce(
  { entries }: Held,
  told: readonly { commandId: string; name: string; seq: number | undefined }[],
): void {
  const made = new Map<string, Entry[]>();
  for (const entry of entries) made.set(entry.commandId, [...(made.get(entry.commandId) ?? []), entry]);
  for (const { commandId, name, seq } of told) {
    const its = made.get(commandId) ?? [];
    const last = its.at(-1)?.seq;
    must(last === seq, `${name} ${commandId} was told ${seq ?? 'a refusal'}, and the journal has it up to ${last}`);
    const changed = its.map(({ kind, id }) => `${kind}/${id}`);
    must(new Set(changed).size === changed.length, `${name} ${commandId} changed ${changed.join(', ')}`);
  }
}

/** Judges that every route and every batch fit each other. */
export function checkRoutes({ records }: Held): void {
  const view = { get: (kind: Kind, id: string) => records.get(`${kind}/${id}`) as never };
  for (const [key, record] of records) {
    const fault = key.startsWith('route/')
      ? routeFault(record as Route, view)
      : key.startsWith('batch/')
        ? onRouteFault(record as Batch, view)
        : undefined;
    must(fault === undefined, `${key}: ${fault}`);
  }
}
