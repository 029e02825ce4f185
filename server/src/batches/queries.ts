import type { Connection } from 'mongoose';
import type { Audience } from '@opsboard/shared/protocol/audiences';
import { seesAny, viewOfAny } from '@opsboard/shared/protocol/audiences';
import type { BatchFilter, FilterContext } from '@opsboard/shared/batches/filter';
import { matcher } from '@opsboard/shared/batches/filter';
import type { Batch } from '@opsboard/shared/batches/schema';
import { standsFor } from '@opsboard/shared/directory/stands-for';
import type { BatchSort, SortContext, SortPlace } from '@opsboard/shared/batches/sort';
import { orderOf } from '@opsboard/shared/batches/sort';
import type { OrgState } from '../journal/org-state.ts';
import { readRecord } from '../journal/read-record.ts';
import type { StoredRecord } from '../journal/stored.ts';
import { collectionOf, recordOf } from '../journal/stored.ts';
import type { Place } from '../platform/cursor.ts';
import { archivedOnly, archivedOrder } from './archived.ts';

/** One page: the records as the audience sees them, and the place after the last one when there are more. */
export type BatchPage = { batches: object[]; next?: Place };

type Asked = { sort: BatchSort; after?: Place | undefined; limit: number; now: number };

/** The names of what batches point at, as the audience sees them; a dash for what it does not see. */
export function namesFor(state: OrgState, audience: Audience): SortContext['nameOf'] {
  const known = new Map<string, string>();
  return (kind, id) => {
    let name = known.get(id);
    if (name === undefined) {
      const record = state.get(kind, id);
      name = record && seesAny(audience, kind, record) ? record.name : '–';
      known.set(id, name);
    }
    return name;
  };
}

/** What filters and orders must know besides the batches. */
export function listContext(state: OrgState, audience: Audience, now: number): FilterContext & SortContext {
  const zone = state.get('organization', state.org)?.timeZone ?? 'UTC';
  return { now, zone, nameOf: namesFor(state, audience), standsFor: (kind, id) => standsFor(state, kind, id) };
}

/** A page of the batches on the boards, from memory: what the list shows is what the boards show. */
export function listLive(state: OrgState, audience: Audience, filter: BatchFilter, page: Asked): BatchPage {
  const context = listContext(state, audience, page.now);
  const passes = matcher(filter, context);
  const { placeOf, compare } = orderOf(page.sort, context);
  const rows: Row[] = [];
  for (const batch of state.all('batch')) {
    if (!seesAny(audience, 'batch', batch) || !passes(batch)) continue;
    const place = placeOf(batch);
    if (page.after && compare(place, page.after) <= 0) continue;
    rows.push({ place, batch });
  }
  rows.sort((a, b) => compare(a.place, b.place));
  return pageOf(audience, rows, page.limit);
}

type Row = { place: SortPlace; batch: Batch };

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

/** A page of the batches that have left the boards, from the database; undefined when they cannot be sorted like that. */
export async function listArchived(
  connection: Connection,
  state: OrgState,
  audience: Audience,
  filter: BatchFilter,
  page: Asked,
): Promise<BatchPage | undefined> {
  const order = archivedOrder(page.sort);
  if (!order) return undefined;
  const all = archivedOnly(state, audience, filter, page.now);
  if (!all) return { batches: [] };
  if (page.after) {
    const { value, id } = page.after;
    const past = page.sort.descending ? '$lt' : '$gt';
    all.push({ $or: [{ [order.field]: { [past]: value } }, { [order.field]: value, _id: { [past]: id } }] });
  }
  const found = await connection
    .collection<StoredRecord>(collectionOf.batch)
    .find({ $and: all } as object)
    .sort(order.by)
    .limit(page.limit + 1)
    .toArray();
  const { placeOf } = orderOf(page.sort, listContext(state, audience, page.now));
  const rows = found.map((record): Row => {
    const batch = recordOf('batch', record as StoredRecord);
    return { place: placeOf(batch), batch };
  });
  return pageOf(audience, rows, page.limit);
}

/** One batch with its parts as the audience may read it, on the boards or archived. */
export async function readBatch(
  connection: Connection,
  state: OrgState,
  audience: Audience,
  id: string,
): Promise<Batch | undefined> {
  const batch = await readRecord(connection, state, 'batch', id);
  return batch && seesAny(audience, 'batch', batch) ? batch : undefined;
}
