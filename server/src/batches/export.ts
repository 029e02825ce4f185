import { setImmediate as nextTurn } from 'node:timers/promises';
import type { Connection } from 'mongoose';
import type { Audience } from '@opsboard/shared/protocol/audiences';
import { seesAny } from '@opsboard/shared/protocol/audiences';
import type { BatchFilter } from '@opsboard/shared/batches/filter';
import { matcher } from '@opsboard/shared/batches/filter';
import type { Batch } from '@opsboard/shared/batches/schema';
import type { BatchSort, SortPlace } from '@opsboard/shared/batches/sort';
import { orderOf } from '@opsboard/shared/batches/sort';
import { dateOf } from '@opsboard/shared/time/days';
import type { OrgState } from '../journal/org-state.ts';
import type { StoredRecord } from '../journal/stored.ts';
import { collectionOf, recordOf } from '../journal/stored.ts';
import { csvHead, csvRows } from '../transfer/csv.ts';
import type { Export } from '../transfer/send-csv.ts';
import { fileNameOf } from '../transfer/send-csv.ts';
import { archivedOnly, archivedOrder } from './archived.ts';
import { columnNames, rowOf, timesIn } from './export-columns.ts';
import type { ListAsked } from './list-query.ts';
import { listContext } from './queries.ts';

/** So many batches are looked at before others have their turn: well under 20 ms on a slow machine. */
const run = 1_000;
/** Rows of one piece of the text. */
const piece = 100;

/**
 * The batches that a list shows, all of them, as CSV. Those on the boards are as they were at the moment of asking,
 * however long the file takes to send. Undefined: they cannot be sorted like that.
 */
export async function exportBatches(
  connection: Connection,
  state: OrgState,
  audience: Audience,
  asked: ListAsked,
  now: number,
): Promise<Export | undefined> {
  const { filter, sort, archived } = asked;
  const found = archived
    ? await fromStore(connection, state, audience, filter, sort, now)
    : await fromMemory(state, audience, filter, sort, now);
  if (!found) return undefined;
  const context = listContext(state, audience, now);
  const rowContext = { ...context, time: timesIn(context.zone) };
  async function* text(rows: AsyncIterable<Batch>): AsyncGenerator<string> {
    yield csvHead(columnNames);
    let waiting: Batch[] = [];
    const written = () => csvRows(waiting.map((batch) => rowOf(batch, rowContext)));
    for await (const batch of rows) {
      if (waiting.push(batch) < piece) continue;
      yield written();
      waiting = [];
      await nextTurn();
    }
    if (waiting.length > 0) yield written();
  }
  return { total: found.total, name: fileName(asked, context.zone, now), text: text(found.rows) };
}

type Found = { total: number; rows: AsyncIterable<Batch> };
type Row = { place: SortPlace; batch: Batch };

/** Records are never changed in place, so that holding on to them is holding on to the moment. */
async function fromMemory(
  state: OrgState,
  audience: Audience,
  filter: BatchFilter,
  sort: BatchSort,
  now: number,
): Promise<Found> {
  const all = [...state.all('batch')];
  const context = listContext(state, audience, now);
  const passes = matcher(filter, context);
  const { placeOf, compare } = orderOf(sort, context);
  const byPlace = (a: Row, b: Row): number => compare(a.place, b.place);
  const runs: Row[][] = [];
  for (let at = 0; at < all.length; at += run) {
    const rows = all
      .slice(at, at + run)
      .filter((batch) => seesAny(audience, 'batch', batch) && passes(batch))
      .map((batch): Row => ({ place: placeOf(batch), batch }));
    if (rows.length > 0) runs.push(rows.sort(byPlace));
    await nextTurn();
  }
  return { total: runs.reduce((sum, { length }) => sum + length, 0), rows: merged(runs, byPlace) };
}

/** Several lists, each in order, as one. */
async function* merged(runs: readonly Row[][], byPlace: (a: Row, b: Row) => number): AsyncGenerator<Batch> {
  const next = runs.map(() => 0);
  for (;;) {
    let first: { row: Row; run: number } | undefined;
    for (const [i, rows] of runs.entries()) {
      const row = rows[next[i]!];
      if (row && (!first || byPlace(row, first.row) < 0)) first = { row, run: i };
    }
    if (!first) return;
    next[first.run]!++;
    yield first.row.batch;
  }
}

async function fromStore(
  connection: Connection,
  state: OrgState,
  audience: Audience,
  filter: BatchFilter,
  sort: BatchSort,
  now: number,
): Promise<Found | undefined> {
  const order = archivedOrder(sort);
  if (!order) return undefined;
  const all = archivedOnly(state, audience, filter, now);
  if (!all) return { total: 0, rows: nothing() };
  const collection = connection.collection<StoredRecord>(collectionOf.batch);
  const query = { $and: all } as object;
  async function* rows(): AsyncGenerator<Batch> {
    for await (const record of collection.find(query).sort(order!.by).batchSize(200)) {
      const batch = recordOf('batch', record as StoredRecord);
      // The query keeps to the audience; the one rule of who sees what has the last word.
      if (seesAny(audience, 'batch', batch)) yield batch;
    }
  }
  return { total: await collection.countDocuments(query), rows: rows() };
}

async function* nothing(): AsyncGenerator<Batch> {
  return;
}

/** A name that says which list it was and when: `batches-2026-11-21-at-center-breached.csv`. */
function fileName({ filter, archived }: ListAsked, zone: string, now: number): string {
  const { from, to, due, q, part } = filter;
  const words = [
    'batches',
    dateOf(now, zone),
    ...(archived ? ['archived'] : []),
    ...filter.status,
    ...filter.sla,
    ...(due ? [`due-${due}`] : []),
    ...(from ? [`from-${from}`] : []),
    ...(to ? [`to-${to}`] : []),
    ...(['branch', 'customer', 'center', 'driver'] as const).filter((field) => filter[field].length > 0),
    ...(part ? [part] : []),
    ...(q ? [q] : []),
  ];
  return fileNameOf(words);
}
