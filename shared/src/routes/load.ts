import type { Route } from './schema.ts';

/** What a driver has on one day. */
export type Load = {
  /** Routes that are not cancelled. */
  routes: number;
  stops: number;
  batches: number;
  parts: number;
  /** The first planned departure and the last planned time at a stop, milliseconds; absent where none is planned. */
  first?: number;
  last?: number;
};

/**
 * A driver's load for a day, from the routes that are known.
 *
 * @param day as `2026-12-24`
 * @param partsOf how many parts a batch has; what is not known counts nothing
 */
export function loadOf(
  routes: Iterable<Pick<Route, 'driver' | 'day' | 'status' | 'stops' | 'startAt'>>,
  driver: string,
  day: string,
  partsOf: (batch: string) => number | undefined = () => undefined,
): Load {
  const load: Load = { routes: 0, stops: 0, batches: 0, parts: 0 };
  const batches = new Set<string>();
  const times: number[] = [];
  for (const route of routes) {
    if (route.driver !== driver || route.day !== day || route.status === 'cancelled') continue;
    load.routes += 1;
    if (route.startAt !== undefined) times.push(route.startAt);
    for (const { pickUp, handOver, plannedAt, to } of Object.values(route.stops)) {
      load.stops += 1;
      for (const batch of [...pickUp, ...handOver]) batches.add(batch);
      const time = plannedAt ?? to;
      if (time !== undefined) times.push(time);
    }
  }
  load.batches = batches.size;
  for (const batch of batches) load.parts += partsOf(batch) ?? 0;
  if (times.length > 0) [load.first, load.last] = [Math.min(...times), Math.max(...times)];
  return load;
}
