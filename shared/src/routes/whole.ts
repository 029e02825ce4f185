import type { Batch } from '../batches/schema.ts';
import type { StateView } from '../protocol/decision.ts';
import type { Route } from './schema.ts';
import type { OpenWork } from './stops.ts';
import { canHandOverAt, canPickUpAt, hasEnded, isOpenRoute, isReached, onTheRoad, openWorkOf } from './stops.ts';

type Lookup = Pick<StateView, 'get'>;

/**
 * What no route may be, whatever brought it there: undo puts single fields back, and asks this whether they still fit the
 * others. A sentence for a person, or undefined when the route and what is on it are whole.
 */
export function routeFault(route: Route, state: Lookup): string | undefined {
  const { reference, status, stops, order } = route;
  const ids = Object.keys(stops);
  if (order.length !== ids.length || !ids.every((id) => order.includes(id)))
    return `${reference} has other stops since.`;
  const reached = order.filter((id) => isReached(stops[id]!));
  if (reached.some((id, i) => order[i] !== id)) return `The driver of ${reference} has got further since.`;
  const under = reached.filter((id) => !hasEnded(stops[id]!));
  if (under.length > 1) return `The driver of ${reference} cannot be at two stops at once.`;
  if (status === 'planned' && (reached.length > 0 || route.startedAt !== undefined))
    return `${reference} was started since.`;
  if (status === 'under_way' && (route.startedAt === undefined || route.driver === undefined))
    return `${reference} is under way, and needs its driver.`;
  if (status === 'finished' && order.some((id) => !hasEnded(stops[id]!))) return `${reference} was finished since.`;
  if (status === 'cancelled' && reached.length > 0) return `${reference} was started since.`;
  for (const [id, work] of openWorkOf(route)) {
    const batch = state.get('batch', id);
    const fault = batch ? workFault(route, batch, work) : 'A batch of this route is not there any more.';
    if (fault) return fault;
  }
  return undefined;
}

function workFault(route: Route, batch: Batch, { pickUp, handOver }: OpenWork): string | undefined {
  const elsewhere = `${batch.reference} is somewhere else by now.`;
  if (batch.route !== route.id || batch.archivedAt !== undefined)
    return `${batch.reference} is not on ${route.reference} any more.`;
  if (route.driver !== undefined && batch.driver !== route.driver)
    return `${batch.reference} has another driver since.`;
  const { stops, order } = route;
  if (pickUp !== undefined) {
    if (!canPickUpAt(batch, stops[pickUp]!.place)) return elsewhere;
    if (batch.status === 'sealed' && batch.handover && batch.handover.to !== route.driver)
      return `${batch.reference} is with another driver.`;
  } else if (!onTheRoad(batch)) return elsewhere;
  if (handOver !== undefined) {
    if (!canHandOverAt(batch, stops[handOver]!.place)) return elsewhere;
    // Who got there too early has the two in the wrong order, and leaves the one out.
    const early = isReached(stops[handOver]!);
    if (pickUp !== undefined && !early && order.indexOf(pickUp) > order.indexOf(handOver)) return elsewhere;
  }
  return undefined;
}

/** What no batch may be of a route: on one that is over, or on which nothing is to be done with it. */
export function onRouteFault(batch: Batch, state: Lookup): string | undefined {
  if (batch.route === undefined) return undefined;
  const route = state.get('route', batch.route);
  return route && isOpenRoute(route) && openWorkOf(route).has(batch.id)
    ? undefined
    : `${batch.reference} is not on that route any more.`;
}
