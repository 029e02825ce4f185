import { setImmediate as nextTurn } from 'node:timers/promises';
import type { Connection } from 'mongoose';
import type { Audience } from '@opsboard/shared/protocol/audiences';
import { seesAny } from '@opsboard/shared/protocol/audiences';
import type { Route } from '@opsboard/shared/routes/schema';
import { dateOf } from '@opsboard/shared/time/days';
import { timesIn } from '../batches/export-columns.ts';
import { listContext } from '../batches/queries.ts';
import type { OrgState } from '../journal/org-state.ts';
import type { StoredRecord } from '../journal/stored.ts';
import { recordOf } from '../journal/stored.ts';
import { csvHead, csvRows } from '../transfer/csv.ts';
import type { Export } from '../transfer/send-csv.ts';
import { fileNameOf } from '../transfer/send-csv.ts';
import { columnNames, rowOf } from './export-columns.ts';
import type { RouteFilter } from './queries.ts';
import { archivedQuery, byDay, liveRoutes } from './queries.ts';

/** Which routes: those of the lists, those that have left them, or both. */
export type ExportFilter = Omit<RouteFilter, 'archived'> & { archived: boolean | 'all' };

/** Rows of one piece of the text. */
const piece = 100;

/**
 * The routes that a list shows, all of them, as CSV, the latest day first. Those that are not archived are as they were
 * at the moment of asking, however long the file takes to send.
 */
export async function exportRoutes(
  connection: Connection,
  state: OrgState,
  audience: Audience,
  filter: ExportFilter,
  now: number,
): Promise<Export> {
  const live = filter.archived === true ? [] : liveRoutes(state, audience, filter);
  const collection = connection.collection<StoredRecord>('routes');
  const query = archivedQuery(audience, filter) as object;
  const wanted = filter.archived !== false;
  const total = live.length + (wanted ? await collection.countDocuments(query) : 0);
  async function* archived(): AsyncGenerator<Route> {
    if (!wanted) return;
    for await (const stored of collection.find(query).sort({ day: -1, _id: 1 }).batchSize(200)) {
      const route = recordOf('route', stored as StoredRecord);
      // The query keeps to the audience; the one rule of who sees what has the last word.
      if (seesAny(audience, 'route', route)) yield route;
    }
  }
  const { zone, nameOf } = listContext(state, audience, now);
  const context = { nameOf, time: timesIn(zone) };
  async function* text(): AsyncGenerator<string> {
    yield csvHead(columnNames);
    let waiting: Route[] = [];
    const written = () => csvRows(waiting.map((route) => rowOf(route, context)));
    for await (const route of merged(live, archived())) {
      if (waiting.push(route) < piece) continue;
      yield written();
      waiting = [];
      await nextTurn();
    }
    if (waiting.length > 0) yield written();
  }
  return { total, name: nameOfFile(filter, zone, now), text: text() };
}

/** Two lists, each in order, as one. */
async function* merged(live: readonly Route[], archived: AsyncIterable<Route>): AsyncGenerator<Route> {
  let at = 0;
  for await (const route of archived) {
    while (live[at] && byDay(live[at]!, route) < 0) yield live[at++]!;
    yield route;
  }
  yield* live.slice(at);
}

/** A name that says which list it was: `routes-2026-11-21.csv` is that of a day. */
function nameOfFile(filter: ExportFilter, zone: string, now: number): string {
  const { from, to, status, driver, branch, archived } = filter;
  const days =
    from !== undefined && from === to ? [from] : [dateOf(now, zone), from && `from-${from}`, to && `to-${to}`];
  return fileNameOf([
    'routes',
    ...days.filter((word) => word !== undefined),
    ...status,
    ...(archived === true ? ['archived'] : []),
    ...(driver.length > 0 ? ['driver'] : []),
    ...(branch.length > 0 ? ['branch'] : []),
  ]);
}
