import type { DecideContext, Decision, StateView } from '../protocol/decision.ts';
import { refuse } from '../protocol/decision.ts';
import type { Fields } from '../protocol/entries.ts';
import { sameValue } from '../protocol/patch.ts';
import type { Becoming } from './rules.ts';
import { placeShownOf } from './places.ts';
import { placeName, put, reaches, withoutLost } from './rules.ts';
import type { PlannedStop, Route, Stop } from './schema.ts';
import { canHandOverAt, canPickUpAt, hasEnded, isDone, isReached, onTheRoad, openWorkOf } from './stops.ts';

const stopOf = ({ id: _id, ...planned }: PlannedStop): Stop => planned;

const isRefusal = (made: Becoming | Decision): made is Decision => 'ok' in made;

/**
 * A route with the stops that are still to be driven replaced by others. Those that were reached stay as they are, also
 * when they are named: the driver may have got there while a desk was planning.
 */
export function planned(now: Becoming, stops: readonly PlannedStop[], state: StateView): Becoming | Decision {
  const { route } = now;
  const reached = route.order.filter((id) => isReached(route.stops[id]!));
  const open: PlannedStop[] = [];
  const seen = new Set<string>();
  for (const stop of stops) {
    if (seen.has(stop.id))
      return refuse('bad_request', 'A stop is listed twice. List it once.', {
        field: 'stops',
        details: { stop: stop.id },
      });
    seen.add(stop.id);
    if (!reached.includes(stop.id)) {
      open.push(stop);
      continue;
    }
    const there = route.stops[stop.id]!;
    const added = [...stop.pickUp, ...stop.handOver].some(
      (batch) => !there.pickUp.includes(batch) && !there.handOver.includes(batch),
    );
    if (added) {
      return refuse(
        'illegal_step',
        `The driver has reached ${placeName(state, route, stop.id, there)} in the meantime. Add another stop there for what is new.`,
        { field: 'stops', details: { stop: stop.id } },
      );
    }
  }
  const set: Fields = {};
  const unset: string[] = [];
  for (const [id, stop] of open.map((one) => [one.id, stopOf(one)] as const)) {
    const before = Object.hasOwn(route.stops, id) ? route.stops[id] : undefined;
    if (!sameValue(before, stop)) set[`stops.${id}`] = stop;
    if (before && sameValue(before.place, stop.place) && route.places?.[id]) continue;
    const place = placeShownOf(state, stop.place);
    const record = state.get(stop.place.kind, stop.place.id);
    if (!place || record?.archivedAt !== undefined) {
      return refuse('unknown_reference', 'The place of this stop does not exist or is archived. Choose another.', {
        field: 'stops',
        details: { stop: id },
      });
    }
    set[`places.${id}`] = place;
  }
  const kept = new Set(open.map(({ id }) => id));
  for (const id of route.order) {
    if (kept.has(id) || reached.includes(id)) continue;
    unset.push(`stops.${id}`);
    if (route.places && Object.hasOwn(route.places, id)) unset.push(`places.${id}`);
  }
  const order = [...reached, ...open.map(({ id }) => id)];
  if (!sameValue(order, route.order)) set['order'] = order;
  return put(now, set, unset);
}

/** The first thing about a planned route that cannot be: a batch that is elsewhere, or on another route. */
export function checkPlanned(before: Route | undefined, after: Route, state: StateView, context: DecideContext) {
  const known = before ? openWorkOf(before) : new Map<string, never>();
  const picked = new Set<string>();
  const handed = new Set<string>();
  for (const id of after.order) {
    const stop = after.stops[id]!;
    if (hasEnded(stop)) continue;
    const reached = isReached(stop);
    for (const [batches, what] of [
      [stop.handOver, 'hand_over'],
      [stop.pickUp, 'pick_up'],
    ] as const) {
      for (const batchId of batches) {
        if (isDone(stop, batchId)) continue;
        const refusal = reached
          ? undefined
          : checkWork({ id, stop, batchId, what, after, picked, handed, known: known.has(batchId), state, context });
        if (refusal) return refusal;
        (what === 'pick_up' ? picked : handed).add(batchId);
      }
    }
  }
  return undefined;
}

function checkWork(given: {
  id: string;
  stop: Stop;
  batchId: string;
  what: 'pick_up' | 'hand_over';
  after: Route;
  picked: ReadonlySet<string>;
  handed: ReadonlySet<string>;
  known: boolean;
  state: StateView;
  context: DecideContext;
}): Decision | undefined {
  const { id, stop, batchId, what, after, picked, handed, known, state, context } = given;
  const more = { field: 'stops', details: { stop: id, batch: batchId } };
  const batch = state.get('batch', batchId);
  if (!batch || batch.archivedAt !== undefined || (!known && !reaches(context.principal, batch))) {
    return refuse('unknown_reference', 'One of these batches does not exist or is archived. Take it out.', more);
  }
  const { reference } = batch;
  const place = placeName(state, after, id, stop);
  if (batch.route !== undefined && batch.route !== after.id) {
    const other = state.get('route', batch.route);
    const name = other && reaches(context.principal, other) ? other.reference : 'another route';
    return refuse('on_route', `${reference} is on ${name} already. Take it off there first.`, {
      field: 'stops',
      details: { stop: id, batch: batchId, ...(name === 'another route' ? {} : { route: batch.route }) },
    });
  }
  if (what === 'pick_up') {
    if (picked.has(batchId)) return refuse('bad_request', `${reference} is to be picked up twice.`, more);
    if (handed.has(batchId)) {
      return refuse(
        'illegal_step',
        `${reference} is to be handed over before it is picked up. Change the order.`,
        more,
      );
    }
    if (!canPickUpAt(batch, stop.place)) {
      return refuse(
        'illegal_step',
        `${reference} cannot be picked up at ${place}: it must be sealed at its branch or customer, or be at its service center.`,
        more,
      );
    }
    // Once it has been at a center, who took it there has nothing to do with who fetches it.
    if (batch.status === 'sealed' && batch.handover && batch.handover.to !== after.driver) {
      return refuse(
        'illegal_step',
        `${reference} was handed over to another driver. Assign it to this one first.`,
        more,
      );
    }
    return undefined;
  }
  if (handed.has(batchId)) return refuse('bad_request', `${reference} is to be handed over twice.`, more);
  if (!canHandOverAt(batch, stop.place)) {
    return refuse('illegal_step', `${reference} is not bound for ${place}. Hand it over where it is going.`, more);
  }
  if (onTheRoad(batch) ? batch.driver === after.driver : picked.has(batchId)) return undefined;
  return refuse(
    'illegal_step',
    onTheRoad(batch)
      ? `${reference} is on the road with another driver, who hands it over.`
      : `${reference} is to be handed over before it is picked up. Change the order.`,
    more,
  );
}

/** Puts new stops on a route and checks them. */
export function withPlan(
  before: Route | undefined,
  now: Becoming,
  stops: readonly PlannedStop[],
  state: StateView,
  context: DecideContext,
): Becoming | Decision {
  const made = planned(now, stops, state);
  if (isRefusal(made)) return made;
  // Where the driver is already, what is no longer picked up is no longer handed over.
  return checkPlanned(before, made.route, state, context) ?? withoutLost(made, state);
}

export { isRefusal };
