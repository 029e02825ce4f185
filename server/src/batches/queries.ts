import type { Connection } from 'mongoose';
import type { Audience } from '@opsboard/shared/protocol/audiences';
import { seesAny, viewOfAny } from '@opsboard/shared/protocol/audiences';
import type { Batch } from '@opsboard/shared/batches/schema';
import type { Status } from '@opsboard/shared/batches/steps';
import { isDueSoon, slaStatus } from '@opsboard/shared/batches/sla';
import type { OrgState } from '../journal/org-state.ts';
import type { StoredRecord } from '../journal/stored.ts';
import { collectionOf, recordOf } from '../journal/stored.ts';
import type { Place } from '../platform/cursor.ts';
import { startOfDay } from '@opsboard/shared/time/days';

/** What a list of batches can be narrowed by; everything that is given must hold. */
export type BatchFilter = {
  status?: readonly Status[] | undefined;
  branch?: string | undefined;
  customer?: string | undefined;
  center?: string | undefined;
  driver?: string | undefined;
  sla?: 'breached' | 'on_track' | undefined;
  /** `today` by the organization's time zone; `soon` within three days. */
  due?: 'today' | 'soon' | undefined;
  /** A whole part ID, in capitals. */
  part?: string | undefined;
  /** The beginning of a reference (or of its number), or of a part ID. */
  q?: string | undefined;
};

/** Ascending by the field, or descending with `descending`; the id decides between equals. */
export type BatchOrder = { field: 'dueAt' | 'createdAt'; descending: boolean };

/** One page: the records as the audience sees them, and the place after the last one when there are more. */
export type BatchPage = { batches: object[]; next?: Place };

const pointers = ['branch', 'customer', 'center', 'driver'] as const;

/** Whether a batch passes the filter at a time. Pure; the one meaning of every filter on live batches. */
export function passes(batch: Batch, filter: BatchFilter, now: number, today: readonly [number, number]): boolean {
  if (filter.status && !filter.status.includes(batch.status)) return false;
  for (const name of pointers) if (filter[name] !== undefined && batch[name] !== filter[name]) return false;
  if (filter.sla && slaStatus(batch, undefined, 1, now) !== filter.sla) return false;
  if (filter.due === 'soon' && !isDueSoon(batch, now)) return false;
  if (filter.due === 'today' && (batch.status === 'completed' || batch.dueAt < today[0] || batch.dueAt >= today[1]))
    return false;
  if (filter.part !== undefined && !Object.hasOwn(batch.parts, filter.part)) return false;
  return filter.q === undefined || found(batch, filter.q.toUpperCase());
}

function found(batch: Batch, text: string): boolean {
  if (batch.reference.startsWith(text) || batch.reference.slice(batch.reference.indexOf('-') + 1).startsWith(text))
    return true;
  for (const part in batch.parts) if (part.startsWith(text)) return true;
  return false;
}

/** The local day that `now` is in, for the organization. */
export function todayOf(state: OrgState, now: number): readonly [number, number] {
  const zone = state.get('organization', state.org)?.timeZone ?? 'UTC';
  return [startOfDay(now, zone), startOfDay(now, zone, 1)];
}

/** A page of the batches on the boards, from memory: what the list shows is what the boards show. */
export function listLive(
  state: OrgState,
  audience: Audience,
  filter: BatchFilter,
  page: { order: BatchOrder; after?: Place | undefined; limit: number; now: number },
): BatchPage {
  const { field, descending } = page.order;
  const today = todayOf(state, page.now);
  const sign = descending ? -1 : 1;
  const compare = (a: Place, b: Place) => sign * (a.value - b.value || (a.id < b.id ? -1 : a.id > b.id ? 1 : 0));
  const rows: Row[] = [];
  for (const batch of state.all('batch')) {
    const place = { value: batch[field], id: batch.id };
    if (page.after && compare(place, page.after) <= 0) continue;
    if (seesAny(audience, 'batch', batch) && passes(batch, filter, page.now, today)) rows.push({ place, batch });
  }
  rows.sort((a, b) => compare(a.place, b.place));
  return pageOf(audience, rows, page.limit);
}

type Row = { place: Place; batch: Batch };

function pageOf(audience: Audience, rows: readonly Row[], limit: number): BatchPage {
  const shown = rows.slice(0, limit);
  const last = shown.at(-1);
  // The query of the database keeps to the audience already; the one rule of who sees what still has the last word.
  const batches = shown.flatMap(({ batch }): object[] => {
    const view = viewOfAny(audience, 'batch', batch);
    return view ? [view] : [];
  });
  return { batches, ...(rows.length > limit && last ? { next: last.place } : {}) };
}

/** A page of the batches that have left the boards, from the database. A part is found by its whole ID here. */
export async function listArchived(
  connection: Connection,
  audience: Audience,
  filter: BatchFilter,
  page: { order: BatchOrder; after?: Place | undefined; limit: number },
): Promise<BatchPage> {
  // Only completed batches are archived: nothing among them is due, or breached as of now.
  if ((filter.status && !filter.status.includes('completed')) || filter.due || filter.sla === 'breached')
    return { batches: [] };
  const { field, descending } = page.order;
  const past = descending ? '$lt' : '$gt';
  const all: object[] = [{ org: audience.org, archivedAt: { $exists: true } }];
  if (audience.role === 'driver') all.push({ driver: audience.person ?? '' });
  else if (audience.branches) all.push({ branch: { $in: [...audience.branches] } });
  for (const name of pointers) if (filter[name] !== undefined) all.push({ [name]: filter[name] });
  if (filter.part !== undefined) all.push({ [`parts.${filter.part}`]: { $exists: true } });
  if (filter.q !== undefined) all.push({ $or: searchArchived(filter.q.toUpperCase()) });
  if (page.after) {
    const { value, id } = page.after;
    all.push({ $or: [{ [field]: { [past]: value } }, { [field]: value, _id: { [past]: id } }] });
  }
  const direction = descending ? -1 : 1;
  const found = await connection
    .collection<StoredRecord>(collectionOf.batch)
    .find({ $and: all } as object)
    .sort({ [field]: direction, _id: direction })
    .limit(page.limit + 1)
    .toArray();
  const rows = found.map((record): Row => {
    const batch = recordOf('batch', record as StoredRecord);
    return { place: { value: batch[field], id: batch.id }, batch };
  });
  return pageOf(audience, rows, page.limit);
}

function searchArchived(text: string): object[] {
  const start = text.replace(/[^A-Z0-9_/-]/g, (sign) => `\\${sign}`);
  const byReference = { reference: { $regex: `^(?:[A-Z]+-)?${start}` } };
  return /^[A-Z0-9][A-Z0-9_/-]{0,39}$/.test(text)
    ? [byReference, { [`parts.${text}`]: { $exists: true } }]
    : [byReference];
}

/** One batch with its parts as the audience may read it, on the boards or archived. */
export async function readBatch(
  connection: Connection,
  state: OrgState,
  audience: Audience,
  id: string,
): Promise<Batch | undefined> {
  const batch = state.get('batch', id) ?? (await readStored(connection, state.org, id));
  return batch && seesAny(audience, 'batch', batch) ? batch : undefined;
}

async function readStored(connection: Connection, org: string, id: string): Promise<Batch | undefined> {
  const record = await connection.collection<StoredRecord>(collectionOf.batch).findOne({ _id: id, org });
  return record ? recordOf('batch', record as StoredRecord) : undefined;
}
