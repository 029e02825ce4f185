import type { Point } from '@opsboard/shared/geo/distance';
import { arrivals } from '@opsboard/shared/routes/arrival';
import type { PlannedStop, Route } from '@opsboard/shared/routes/schema';
import { isOpenRoute, isReached } from '@opsboard/shared/routes/stops';

const minute = 60_000;

/** What is called late, milliseconds: nobody's watch tells less. */
export const lateFrom = 60_000;

/** When a route's stops are expected to be reached, how many of them late, and when the last one is. */
export type Times = {
  readonly stops: ReadonlyMap<string, { readonly expected: number; readonly lateBy: number }>;
  readonly late: number;
  readonly end: number | undefined;
};

const none: Times = { stops: new Map(), late: 0, end: undefined };

/** `start`: where the route begins. `position`: where the driver is, where that is known. `now`: milliseconds. */
export type Circumstances = { now: number; start?: Point | undefined; position?: Point | undefined };

export function timesOf(route: Route, given: Circumstances): Times {
  if (!isOpenRoute(route)) return none;
  const stops = new Map<string, { expected: number; lateBy: number }>();
  let late = 0;
  let end: number | undefined;
  for (const [id, { expected, lateBy }] of arrivals(route, given)) {
    const stop = route.stops[id];
    if (!stop || isReached(stop)) continue;
    stops.set(id, { expected, lateBy });
    if (lateBy > lateFrom) late++;
    end = expected;
  }
  return { stops, late, end };
}

type Driven = Pick<Route, 'status' | 'order' | 'stops' | 'startAt' | 'startedAt'>;

/**
 * Stops that are still to be driven, each planned for when it is reached if they are driven in this order from now on.
 *
 * @param placeOf where a stop is, where that is known
 */
export function withTimes(
  route: Driven,
  stops: readonly PlannedStop[],
  given: Circumstances,
  placeOf: (place: PlannedStop['place']) => Point | undefined,
): PlannedStop[] {
  const reached = route.order.filter((id) => route.stops[id] && isReached(route.stops[id]));
  const wanted: Driven['stops'] = {
    ...Object.fromEntries(reached.map((id) => [id, route.stops[id]!])),
    ...Object.fromEntries(stops.map(({ id, ...stop }) => [id, stop])),
  };
  const places = Object.fromEntries(
    Object.entries(wanted).map(([id, { place }]) => {
      const position = placeOf(place);
      return [id, { name: '', ...(position ? { position: [...position] as [number, number] } : {}) }];
    }),
  );
  const order = [...reached, ...stops.map(({ id }) => id)];
  const expected = arrivals({ ...route, order, stops: wanted, places }, given);
  return stops.map((stop) => {
    const at = expected.get(stop.id)?.expected;
    // Nobody plans by the second.
    return at === undefined ? stop : { ...stop, plannedAt: Math.round(at / minute) * minute };
  });
}
