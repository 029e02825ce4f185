import type { Batch } from '@opsboard/shared/batches/schema';
import type { AnyRecord, Kind } from '@opsboard/shared/protocol/kinds';
import type { AnyClientBulkWriteModel, Document } from 'mongodb';
import { findWords } from './find-words.ts';
import type { Expected } from './folded-state.ts';
import { isOpen } from './live-set.ts';
import type { References, StoredReceipt } from './stored.ts';
import { collectionOf, entryKey, storedOf } from './stored.ts';

/** What is committed together: everything that a round of commands makes of a state at `from`. */
export type Group = {
  org: string;
  /** The seq it was decided on; its entries are `from + 1` and so on. */
  from: number;
  /** Whose turn it is, as far as is known: the commit takes it, and happens only if it is so. */
  turn?: string | undefined;
  /** The epoch of the counter that the state was loaded with. */
  fence?: string | null | undefined;
  /** The references after it, when it took some. */
  references: References | undefined;
  entries: readonly Expected[];
  /** By kind and id: the record before the group, absent when the group creates it. */
  before: ReadonlyMap<string, AnyRecord | undefined>;
  receipts: readonly StoredReceipt[];
};

/** Every document here has a text as its `_id`. */
type Doc = { _id: string } & Document;
/** The driver types models by namespace; namespaces here are made at run time. */
export type Namespaces = Record<string, Doc>;
type Fields = { [path: string]: unknown };
/** What each write of a group is for; `update`: it must match a document. */
/** What a write of a group is about. */
export type Owner = { update?: boolean } & (
  { type: 'counter' | 'entry' | 'receipt' } | { type: 'record'; kind: Kind; id: string }
);

/**
 * The writes of a group, the counter first. When it matches nothing, the database goes on with the others all the same:
 * the counts tell, and what a later write then meets is another process's work.
 */
export function modelsOf(group: Group, namespace: (collection: string) => string, process: string) {
  const { org, from, entries, references, receipts, turn, fence } = group;
  const models: AnyClientBulkWriteModel<Doc>[] = [];
  const owners: Owner[] = [];
  let updates = 1;
  models.push({
    name: 'updateOne',
    namespace: namespace('counters'),
    filter: { _id: org, seq: from, turn: turn ?? null, epoch: fence ?? null },
    update: {
      $set: { seq: from + entries.length, ...(references && { references }) },
      ...(turn !== undefined && { $unset: { turn: true } }),
    },
    ...(from === 0 && { upsert: true }),
  });
  owners.push({ type: 'counter', update: true });

  for (const { kind, id, model } of recordModels(group, namespace)) {
    models.push(model);
    owners.push({ type: 'record', kind, id, update: model.name !== 'insertOne' });
    if (model.name !== 'insertOne') updates += 1;
  }
  const journal = namespace('journal');
  for (const { entry } of entries) {
    models.push({
      name: 'insertOne',
      namespace: journal,
      document: { _id: entryKey(org, entry.seq), process, ...entry },
    });
    owners.push({ type: 'entry' });
  }
  const receiptsNamespace = namespace('receipts');
  for (const receipt of receipts) {
    models.push({ name: 'insertOne', namespace: receiptsNamespace, document: receipt });
    owners.push({ type: 'receipt' });
  }
  return { models, owners, updates, inserts: models.length - updates };
}

type RecordModel = { kind: Kind; id: string; model: AnyClientBulkWriteModel<Doc>; releases: boolean };

/** One write per record, whatever the group did to it; those that set parts free come first. */
function recordModels(group: Group, namespace: (collection: string) => string): RecordModel[] {
  const byRecord = new Map<string, Expected[]>();
  for (const each of group.entries) {
    const key = `${each.entry.kind}/${each.entry.id}`;
    const list = byRecord.get(key);
    if (list) list.push(each);
    else byRecord.set(key, [each]);
  }
  const written: RecordModel[] = [];
  for (const [key, changes] of byRecord) {
    const { kind, id } = changes[0]!.entry;
    const before = group.before.get(key);
    const { after, entry } = changes[changes.length - 1]!;
    const at = namespace(collectionOf[kind]);
    const parts = kind === 'batch' ? openParts(after as Batch) : undefined;
    const openBefore = kind === 'batch' && before ? openParts(before as Batch) : undefined;
    const releases = openBefore !== undefined && !openBefore.every((part) => parts?.includes(part));
    const words = kind === 'batch' ? findWords(after as Batch) : undefined;
    const derived = { ...(parts && { openParts: parts }), ...(words && { findWords: words }) };
    let model: AnyClientBulkWriteModel<Doc>;
    if (!before) {
      model = {
        name: 'insertOne',
        namespace: at,
        document: { ...storedOf(after), ...derived },
      };
    } else if (changes.length > 1) {
      const replacement = { ...storedOf(after), ...derived };
      model = { name: 'replaceOne', namespace: at, filter: { _id: id, rev: before.rev }, replacement };
    } else {
      const set: Fields = { ...entry.set, rev: entry.rev };
      const unset: Fields = {};
      for (const path of entry.unset) unset[path] = true;
      for (const field of entry.touched ?? []) {
        const value = (after as unknown as Fields)[field];
        if (value === undefined) unset[field] = true;
        else set[field] = value;
      }
      if (kind === 'batch' && (releases || parts?.length !== openBefore?.length)) {
        if (parts) set['openParts'] = parts;
        else unset['openParts'] = true;
      }
      if (words) set['findWords'] = words;
      else if (kind === 'batch' && (before as Batch).archivedAt !== undefined) unset['findWords'] = true;
      const update: Document = Object.keys(unset).length === 0 ? { $set: set } : { $set: set, $unset: unset };
      model = { name: 'updateOne', namespace: at, filter: { _id: id, rev: before.rev }, update };
    }
    written.push({ kind, id, model, releases });
  }
  return written.some(({ releases }) => releases)
    ? [...written.filter(({ releases }) => releases), ...written.filter(({ releases }) => !releases)]
    : written;
}

/** Absent when there are none: an index takes all empty lists for the same value. */
function openParts(batch: Batch): string[] | undefined {
  if (!isOpen(batch)) return undefined;
  const parts = Object.keys(batch.parts);
  return parts.length === 0 ? undefined : parts;
}
