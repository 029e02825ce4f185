import type { BatchInView } from '@opsboard/shared/batches/schema';
import type { Point } from '@opsboard/shared/geo/distance';
import { roadMetres } from '@opsboard/shared/routes/arrival';
import type { PlannedStop, Route } from '@opsboard/shared/routes/schema';
import { app } from '#lib/app.ts';
import { live, nameOf } from '#lib/batches/live.svelte.ts';
import { positions } from '#lib/positions/positions.svelte.ts';
import { clock } from '#lib/time/clock.svelte.ts';

type Place = PlannedStop['place'];

/** What a stop is called: the name of its place. */
export const placeName = ({ kind, id }: Place): string => nameOf(kind, id);

/** Where a place is, if the directory knows. */
export function positionOf({ kind, id }: Place): Point | undefined {
  void app.namesVersion;
  return app.get(kind, id)?.position;
}

/** How much road it is between two places, metres, as it is estimated. */
export function metresBetween(a: { readonly place: Place }, b: { readonly place: Place }): number | undefined {
  const [from, to] = [positionOf(a.place), positionOf(b.place)];
  return from && to && roadMetres(from, to);
}

/** Where a route begins. */
export const startPoint = ({ branch }: Pick<Route, 'branch'>): Point | undefined =>
  positionOf({ kind: 'branch', id: branch });

/** What is older than this says nothing of where a driver is now, milliseconds. */
const stale = 10 * 60_000;

/** Where the driver of a route under way is, if the phone has said so lately. */
export function driverPoint({ id, status, driver }: Pick<Route, 'id' | 'status' | 'driver'>): Point | undefined {
  if (status !== 'under_way' || driver === undefined) return undefined;
  const position = positions.at(driver);
  return position && position.route === id && clock.shown - position.at < stale ? position.point : undefined;
}

const byReference = new Intl.Collator('en', { numeric: true }).compare;
const rank: { readonly [S in Route['status']]: number } = { under_way: 0, planned: 1, finished: 2, cancelled: 3 };

/** The routes of a day, those on the road first. */
export function routesOn(day: string): Route[] {
  void app.version;
  return [...app.all('route').values()]
    .filter((route) => route.day === day)
    .toSorted((a, b) => rank[a.status] - rank[b.status] || byReference(a.reference, b.reference));
}

/** The batches of a branch that can be put on a route and are on none, those due first first. */
export function toPlan(branch: string): BatchInView[] {
  return live.sorted.filter(
    ({ status, route, branch: of }) =>
      (status === 'sealed' || status === 'at_center') && of === branch && route === undefined,
  );
}

/** The vehicles that were driven on the routes in view, by name. */
export function vehicles(): string[] {
  const names = [...app.all('route').values()].flatMap(({ vehicle }) => (vehicle === undefined ? [] : [vehicle]));
  return [...new Set(names)].toSorted();
}

/** A batch's reference, for sentences. */
export const referenceOf = (batch: string): string => app.get('batch', batch)?.reference ?? 'A batch';
