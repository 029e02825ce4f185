import type { BatchInView } from '@opsboard/shared/batches/schema';
import { defaultRiskThreshold, slaStatus, type SlaStatus } from '@opsboard/shared/batches/sla';
import type { Point } from '@opsboard/shared/geo/distance';
import { arrivals, dueAtStop } from '@opsboard/shared/routes/arrival';
import type { Route, Stop } from '@opsboard/shared/routes/schema';
import { hasEnded, nextStop, onTheRoad } from '@opsboard/shared/routes/stops';
import { worst } from './overlay/clusters.ts';

/** One line of the map's list: somebody on the road, or about to be. */
export type DriverToday = {
  driver: string;
  route: Route;
  /** The stop where they are or that comes next; none when the route is done. */
  next?: { id: string; stop: Stop; number: number; of: number; expected?: number };
  /** How much too late, milliseconds; below zero: before the planned time. Undefined: nothing was planned. */
  late?: number;
  carries: readonly BatchInView[];
  sla: SlaStatus;
  /** The one of what they carry that is due first: the worst of them. */
  due?: BatchInView;
};

/** SLA status as all screens tell it: no risk is computed yet. */
export const slaOf = (batch: BatchInView, now: number): SlaStatus =>
  slaStatus(batch, undefined, defaultRiskThreshold, now);

/** What is on the road, the nearest expected return date first, and by whom. */
export function inMotion(batches: Iterable<BatchInView>): {
  all: BatchInView[];
  by: ReadonlyMap<string, readonly BatchInView[]>;
} {
  const all = [...batches].filter(onTheRoad).sort((a, b) => a.dueAt - b.dueAt || (a.id < b.id ? -1 : 1));
  const by = new Map<string, BatchInView[]>();
  for (const batch of all) {
    if (batch.driver === undefined) continue;
    const list = by.get(batch.driver);
    if (list) list.push(batch);
    else by.set(batch.driver, [batch]);
  }
  return { all, by };
}

/**
 * Who drives today: one line for each driver, by the route that is under way, else by the one of today that begins next.
 *
 * @param given.today calendar day in the organization's zone
 * @param given.positionOf where a driver is, if that is known
 * @param given.startOf where a branch is
 */
export function driversToday(
  routes: Iterable<Route>,
  carried: ReadonlyMap<string, readonly BatchInView[]>,
  given: {
    now: number;
    today: string;
    positionOf(driver: string): Point | undefined;
    startOf(branch: string): Point | undefined;
  },
): DriverToday[] {
  const { now, today } = given;
  const best = new Map<string, Route>();
  const rank = (route: Route): number => (route.status === 'under_way' ? 0 : 1);
  for (const route of routes) {
    if (route.driver === undefined) continue;
    if (route.status !== 'under_way' && (route.status !== 'planned' || route.day !== today)) continue;
    const known = best.get(route.driver);
    const later = (a: Route, b: Route): boolean =>
      rank(a) > rank(b) || (rank(a) === rank(b) && (a.startAt ?? Infinity) > (b.startAt ?? Infinity));
    if (!known || later(known, route)) best.set(route.driver, route);
  }
  return [...best].map(([driver, route]) => {
    const carries = carried.get(driver) ?? [];
    const sla = carries.reduce<SlaStatus>((all, batch) => worst(all, slaOf(batch, now)), 'on_track');
    const id = nextStop(route);
    const line: DriverToday = { driver, route, carries, sla, ...(carries[0] ? { due: carries[0] } : {}) };
    if (id === undefined) return line;
    const stop = route.stops[id]!;
    const position = given.positionOf(driver);
    const start = given.startOf(route.branch);
    const arrival = arrivals(route, { now, position, start }).get(id);
    const number = route.order.indexOf(id) + 1;
    line.next = { id, stop, number, of: route.order.length, ...(arrival ? { expected: arrival.expected } : {}) };
    // Late is what every screen calls late; before its window or its planned time, early.
    const planned = stop.from ?? stop.plannedAt;
    if (arrival && dueAtStop(stop) !== undefined)
      line.late = arrival.lateBy || Math.min(0, arrival.expected - (planned ?? arrival.expected));
    return line;
  });
}

/** What is later comes first; what has no time, last. */
export const byLatest = (a: DriverToday, b: DriverToday): number =>
  (b.late ?? -Infinity) - (a.late ?? -Infinity) || (a.next?.expected ?? Infinity) - (b.next?.expected ?? Infinity);

/** The places of the stops that are still ahead, in order. */
export const aheadOf = (route: Route): Point[] =>
  route.order
    .filter((id) => !hasEnded(route.stops[id]!) && !route.stops[id]!.arrived)
    .map((id) => route.places?.[id]?.position)
    .filter((position) => position !== undefined);
