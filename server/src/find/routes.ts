import type { Audience } from '@opsboard/shared/protocol/audiences';
import { seesAny } from '@opsboard/shared/protocol/audiences';
import type { FoundRoute } from '@opsboard/shared/find/found';
import { begins, bestRoutes, foundRoute, mostRoutes } from '@opsboard/shared/find/routes';
import type { Route } from '@opsboard/shared/routes/schema';
import { namesFor } from '../batches/queries.ts';
import type { StoredRecord } from '../journal/stored.ts';
import { collectionOf, recordOf } from '../journal/stored.ts';
import type { FindContext } from './queries.ts';

/** An answer that takes longer is not waited for, milliseconds. */
const patience = 2_000;

/** Routes by their reference or its number, archived ones too; and those that are not, by the name of their driver. */
export async function findRoutes(context: FindContext, text: string): Promise<FoundRoute[]> {
  const { state, audience } = context;
  const nameOf = namesFor(state, audience);
  const driverOf = ({ driver }: Route): string | undefined =>
    driver === undefined ? undefined : nameOf('person', driver);
  const live = [...state.all('route')].filter((route) => seesAny(audience, 'route', route));
  const archived = (await archivedRoutes(context, text)).filter(({ id }) => !live.some((route) => route.id === id));
  return bestRoutes([...live, ...archived], text, driverOf)
    .slice(0, mostRoutes)
    .map((route) => foundRoute(route, driverOf(route)));
}

/** The number alone finds as well; all are looked up along the index of references. */
async function archivedRoutes({ connection, state, audience }: FindContext, text: string): Promise<Route[]> {
  const upper = text.trim().toUpperCase();
  const word = /^\d+$/.test(upper) ? `R-${upper}` : upper;
  if (!/^R-\d+$/.test(word)) return [];
  const query = {
    org: state.org,
    reference: { $gte: word, $lt: `${word}\uffff` },
    archivedAt: { $exists: true },
    ...within(audience),
  };
  const found = await connection
    .collection<StoredRecord>(collectionOf.route)
    .find(query as object, { limit: 60, maxTimeMS: patience })
    .toArray();
  return found
    .map((stored) => recordOf('route', stored as StoredRecord))
    .filter((route) => seesAny(audience, 'route', route) && begins(route.reference, upper));
}

/** The condition of the database for what an audience sees of routes. */
function within(audience: Audience): object {
  if (audience.role === 'driver') return { driver: audience.person ?? '' };
  return audience.branches ? { branch: { $in: [...audience.branches] } } : {};
}
