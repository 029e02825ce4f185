import type { Point } from '../geo/distance.ts';
import { distance } from '../geo/distance.ts';
import type { Route, Stop } from './schema.ts';
import { hasEnded, isReached } from './stops.ts';

/** Roads are longer than straight lines, by about this much in towns. */
export const detour = 1.35;
/** What a van comes to in a town, lights and parking included, metres per second (30 km/h). */
export const roadSpeed = 30_000 / 3600;
/** How long a stop takes, milliseconds (8 minutes). */
export const timeAtStop = 8 * 60_000;
/** A stop that has a planned time and no window counts as late so long after it, milliseconds (10 minutes). */
export const lateAfter = 10 * 60_000;

/** Road between two places, metres: an estimate from the straight line. */
export const roadMetres = (a: Point, b: Point): number => distance(a, b) * detour;

/** How long the road between two places takes, milliseconds; none where one of the places is not known. */
export const roadTime = (a: Point | undefined, b: Point | undefined): number =>
  a && b ? (roadMetres(a, b) / roadSpeed) * 1000 : 0;

/** When a stop is expected to be reached, and by how much that is too late (0: it is not), milliseconds. */
export type Arrival = { expected: number; lateBy: number };

/** By when a stop should be reached; undefined where nothing was planned. */
export const dueAtStop = ({ to, plannedAt }: Pick<Stop, 'to' | 'plannedAt'>): number | undefined =>
  to ?? (plannedAt === undefined ? undefined : plannedAt + lateAfter);

const lateBy = (stop: Stop, at: number): number => Math.max(0, at - (dueAtStop(stop) ?? Infinity));

/**
 * When each stop that has not been left is expected to be reached, by id, in the order in which they are driven: straight
 * line × {@link detour} at {@link roadSpeed}, {@link timeAtStop} at each stop, waiting where a window has not begun. A
 * stop where the driver is has the time of the arrival. Stops whose place is not known cost no road.
 *
 * @param given.position where the driver is; without it, the way from the last stop (or `start`) is counted from its time
 * @param given.start where the route begins: the branch
 * @param given.now milliseconds since the epoch
 */
export function arrivals(
  route: Pick<Route, 'status' | 'stops' | 'order' | 'startAt' | 'startedAt'> & Partial<Pick<Route, 'places'>>,
  given: { position?: Point | undefined; start?: Point | undefined; now: number },
): Map<string, Arrival> {
  const { now } = given;
  const expected = new Map<string, Arrival>();
  if (route.status !== 'planned' && route.status !== 'under_way') return expected;
  const placeOf = (id: string): Point | undefined => route.places?.[id]?.position;
  let at = route.startedAt ?? Math.max(route.startAt ?? now, now);
  let from: Point | undefined = given.start;
  let moved = false;
  for (const id of route.order) {
    const stop = route.stops[id]!;
    if (hasEnded(stop)) {
      at = Math.max(at, (stop.departed ?? stop.skipped)!.at);
      // A stop that was left out was not driven to.
      if (stop.arrived) from = placeOf(id) ?? from;
      continue;
    }
    if (stop.arrived) {
      expected.set(id, { expected: stop.arrived.at, lateBy: lateBy(stop, stop.arrived.at) });
      at = Math.max(now, stop.arrived.at + timeAtStop);
      from = placeOf(id) ?? from;
      moved = true;
      continue;
    }
    if (!moved && route.status === 'under_way' && given.position) {
      [from, at] = [given.position, now];
    }
    moved = true;
    // Nobody arrives in the past.
    const reached = Math.max(at + roadTime(from, placeOf(id)), now);
    expected.set(id, { expected: reached, lateBy: lateBy(stop, reached) });
    at = Math.max(reached, stop.from ?? 0) + timeAtStop;
    from = placeOf(id) ?? from;
  }
  return expected;
}

/** By how much a stop was reached too late, milliseconds; 0: it was in time, or has not been reached. */
export const wasLateBy = (stop: Stop): number => (stop.arrived && isReached(stop) ? lateBy(stop, stop.arrived.at) : 0);
