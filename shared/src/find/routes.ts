import type { Route } from '../routes/schema.ts';
import { hasEnded } from '../routes/stops.ts';
import type { FoundRoute } from './found.ts';

/** How many routes a search tells. */
export const mostRoutes = 8;

/** Whether a word, or what stands behind its first dash, begins with a text; both in capitals. */
export const begins = (word: string, text: string): boolean =>
  word.startsWith(text) || word.startsWith(text, word.indexOf('-') + 1);

const rank = { under_way: 0, planned: 1, finished: 2, cancelled: 3 } as const;

type Findable = Pick<Route, 'id' | 'reference' | 'status' | 'day' | 'driver' | 'stops' | 'archivedAt'>;

/**
 * The routes that are meant by a text: by how their reference or its number begins, or by what the name of their driver
 * contains. The one of just this reference first, those on the road next, then by their day.
 */
export function bestRoutes<R extends Findable>(
  routes: Iterable<R>,
  text: string,
  driverOf: (route: R) => string | undefined,
): R[] {
  const [upper, lower] = [text.trim().toUpperCase(), text.trim().toLowerCase()];
  if (upper === '') return [];
  const exact = ({ reference }: R): number =>
    reference === upper || reference.slice(reference.indexOf('-') + 1) === upper ? 0 : 1;
  const byDay = (a: R, b: R): number => {
    const order = a.day < b.day ? -1 : a.day > b.day ? 1 : a.id < b.id ? -1 : 1;
    // What is ahead: the next one first; what is over: the last one.
    return rank[a.status] < rank.finished ? order : -order;
  };
  return [...routes]
    .filter(
      (route) =>
        begins(route.reference, upper) ||
        (route.archivedAt === undefined && driverOf(route)?.toLowerCase().includes(lower) === true),
    )
    .sort((a, b) => exact(a) - exact(b) || rank[a.status] - rank[b.status] || byDay(a, b));
}

/** A route as it is found. */
export const foundRoute = (route: Findable, driver: string | undefined): FoundRoute => ({
  id: route.id,
  reference: route.reference,
  status: route.status,
  day: route.day,
  ...(driver === undefined ? {} : { driver }),
  stops: Object.keys(route.stops).length,
  done: Object.values(route.stops).filter(hasEnded).length,
  ...(route.archivedAt === undefined ? {} : { archived: true }),
});
