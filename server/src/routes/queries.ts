import type { Connection } from 'mongoose';
import type { Audience } from '@opsboard/shared/protocol/audiences';
import { seesAny, viewOfAny } from '@opsboard/shared/protocol/audiences';
import type { Fields } from '@opsboard/shared/protocol/entries';
import type { Route } from '@opsboard/shared/routes/schema';
import type { RouteStatus } from '@opsboard/shared/routes/words';
import type { OrgState } from '../journal/org-state.ts';
import type { StoredRecord } from '../journal/stored.ts';
import { recordOf } from '../journal/stored.ts';

/** What a list of routes is narrowed to. Days as `2026-12-24`, both inclusive; empty lists do not narrow. */
export type RouteFilter = {
  from?: string | undefined;
  to?: string | undefined;
  status: readonly RouteStatus[];
  driver: readonly string[];
  branch: readonly string[];
  archived: boolean;
};

/** Where a page ended: the last route's day and id. */
export type After = { day: string; id: string };
export type Page = { routes: Fields[]; next?: After };

/**
 * One page of the routes that somebody sees, the latest day first; of a day by id, which is the order in which they were
 * made.
 */
export async function listRoutes(
  connection: Connection,
  state: OrgState,
  audience: Audience,
  filter: RouteFilter,
  { after, limit }: { after?: After | undefined; limit: number },
): Promise<Page> {
  const found = filter.archived
    ? await archivedRoutes(connection, audience, filter, after, limit + 1)
    : liveRoutes(state, audience, filter, after).slice(0, limit + 1);
  const page = found.slice(0, limit);
  const last = page.at(-1);
  return {
    routes: page.map((route) => viewOfAny(audience, 'route', route)!),
    ...(found.length > limit && last ? { next: { day: last.day, id: last.id } } : {}),
  };
}

/** The latest day first; of a day by id. */
export const byDay = (a: After, b: After): number =>
  a.day === b.day ? (a.id < b.id ? -1 : a.id > b.id ? 1 : 0) : a.day < b.day ? 1 : -1;

/** The routes that are not archived, in order. */
export function liveRoutes(
  state: OrgState,
  audience: Audience,
  filter: Omit<RouteFilter, 'archived'>,
  after?: After,
): Route[] {
  const { from, to, status, driver, branch } = filter;
  const passes = (route: Route): boolean =>
    (from === undefined || route.day >= from) &&
    (to === undefined || route.day <= to) &&
    (status.length === 0 || status.includes(route.status)) &&
    (driver.length === 0 || (route.driver !== undefined && driver.includes(route.driver))) &&
    (branch.length === 0 || branch.includes(route.branch)) &&
    (after === undefined || byDay(route, after) > 0);
  return [...state.all('route')].filter((route) => passes(route) && seesAny(audience, 'route', route)).sort(byDay);
}

async function archivedRoutes(
  connection: Connection,
  audience: Audience,
  filter: RouteFilter,
  after: After | undefined,
  limit: number,
): Promise<Route[]> {
  const all = archivedQuery(audience, filter, after);
  const found = connection
    .collection<StoredRecord>('routes')
    .find(all as object)
    .sort({ day: -1, _id: 1 })
    .limit(limit);
  return (await found.toArray()).map((stored) => recordOf('route', stored));
}

/** The condition of the database for the archived routes of a list. */
export function archivedQuery(audience: Audience, filter: Omit<RouteFilter, 'archived'>, after?: After): object {
  const { from, to, status, driver, branch } = filter;
  const all: object[] = [{ org: audience.org, archivedAt: { $exists: true } }];
  if (audience.role === 'driver') all.push({ driver: audience.person ?? '', status: { $ne: 'cancelled' } });
  else if (audience.branches) all.push({ branch: { $in: [...audience.branches] } });
  if (from !== undefined) all.push({ day: { $gte: from } });
  if (to !== undefined) all.push({ day: { $lte: to } });
  if (status.length > 0) all.push({ status: { $in: [...status] } });
  if (driver.length > 0) all.push({ driver: { $in: [...driver] } });
  if (branch.length > 0) all.push({ branch: { $in: [...branch] } });
  if (after) all.push({ $or: [{ day: { $lt: after.day } }, { day: after.day, _id: { $gt: after.id } }] });
  return { $and: all };
}
