import { stopsOf, type PlacedStop } from '@opsboard/shared/routes/progress';
import type { Route, Stop } from '@opsboard/shared/routes/schema';
import { hasEnded, isDone, nextStop, undoneAt as undoneWork, workAt, type Work } from '@opsboard/shared/routes/stops';

/** One batch that is picked up or handed over at a stop. */
export type Job = { readonly stop: string; readonly batch: string; readonly what: Work };

/** The one thing that a driver has to do next on a route. */
export type NextStep =
  | { readonly do: 'start' }
  | { readonly do: 'arrive'; readonly stop: string }
  | { readonly do: 'handle'; readonly stop: string; readonly jobs: readonly Job[] }
  /** `last`: leaving this one is the end of the route. */
  | { readonly do: 'depart'; readonly stop: string; readonly last: boolean }
  /** Every stop is over, but the route is not. */
  | { readonly do: 'finish' }
  /** Finished, cancelled, or another day's. */
  | { readonly do: 'nothing' };

/** All that is planned at a stop, what leaves the vehicle first: there must be room for what comes. */
export const jobsOf = (id: string, stop: Stop): Job[] => workAt(stop).map((work) => ({ stop: id, ...work }));

/** What is still to be done there. */
export const undoneAt = (id: string, stop: Stop): Job[] => undoneWork(stop).map((work) => ({ stop: id, ...work }));

/** What was done with a batch at a stop; undefined: nothing yet, or it was taken back. */
export const handledAt = (stop: Stop, batch: string): NonNullable<Stop['done']>[string] | undefined =>
  isDone(stop, batch) ? stop.done?.[batch] : undefined;

/** The stop where the driver is, or goes next. */
export function currentStop(route: Pick<Route, 'order' | 'stops'>): PlacedStop | undefined {
  const id = nextStop(route);
  return stopsOf(route).find((one) => one.id === id);
}

/**
 * What comes next on a route.
 *
 * @param today the organization's calendar day, as `2026-10-15`: a route of a later day waits
 */
export function nextStep(route: Route, today: string): NextStep {
  if (route.status === 'planned') {
    return route.day <= today && route.order.length > 0 ? { do: 'start' } : { do: 'nothing' };
  }
  if (route.status !== 'under_way') return { do: 'nothing' };
  const at = currentStop(route);
  if (!at) return { do: 'finish' };
  if (!at.stop.arrived) return { do: 'arrive', stop: at.id };
  const jobs = undoneAt(at.id, at.stop);
  if (jobs.length > 0) return { do: 'handle', stop: at.id, jobs };
  return { do: 'depart', stop: at.id, last: stopsOf(route).every(({ id, stop }) => id === at.id || hasEnded(stop)) };
}

const start = (route: Route): number => route.startAt ?? route.createdAt;
const byStart = (a: Route, b: Route): number =>
  a.day < b.day ? -1 : a.day > b.day ? 1 : start(a) - start(b) || (a.id < b.id ? -1 : 1);

/** A driver's routes, as the screen shows them. */
export type DriversDay = {
  /** The one to drive: under way, else the first still to be driven that is due, else the last one finished today. */
  readonly current: Route | undefined;
  /** The others of today, and those left over from before. */
  readonly today: readonly Route[];
  /** Of later days, the nearest first. */
  readonly later: readonly Route[];
};

/** Sorts a driver's routes; `today` as in {@link nextStep}. */
export function driversDay(routes: Iterable<Route>, driver: string, today: string): DriversDay {
  const own = [...routes]
    .filter((route) => route.driver === driver && route.status !== 'cancelled' && route.archivedAt === undefined)
    .sort(byStart);
  const due = own.filter(
    ({ day, status }) => day === today || (day < today && status !== 'finished') || status === 'under_way',
  );
  const current =
    due.find(({ status }) => status === 'under_way') ??
    due.find(({ status }) => status === 'planned') ??
    due.findLast(({ status }) => status === 'finished');
  return {
    current,
    today: due.filter((route) => route !== current),
    later: own.filter((route) => route.day > today && !due.includes(route)),
  };
}
