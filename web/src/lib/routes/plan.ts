import { stopsOf } from '@opsboard/shared/routes/progress';
import type { PlannedStop, Route, Stop } from '@opsboard/shared/routes/schema';
import { isReached } from '@opsboard/shared/routes/stops';

/** The stops that are still to be driven, as a desk plans them. */
export function stillToDrive(route: Pick<Route, 'order' | 'stops'>): PlannedStop[] {
  return stopsOf(route).flatMap(({ id, stop }) => (isReached(stop) ? [] : [plannedOf(id, stop)]));
}

/** A stop as a desk planned it, without what happened there. */
export function plannedOf(id: string, stop: Stop): PlannedStop {
  const { place, from, to, plannedAt, pickUp, handOver, note } = stop;
  return {
    id,
    place,
    pickUp,
    handOver,
    ...(from === undefined ? {} : { from }),
    ...(to === undefined ? {} : { to }),
    ...(plannedAt === undefined ? {} : { plannedAt }),
    ...(note === undefined ? {} : { note }),
  };
}

/** A list with one of its things at another place. */
export function moved<T extends { readonly id: string }>(list: readonly T[], id: string, to: number): T[] {
  const thing = list.find((one) => one.id === id);
  if (!thing) return [...list];
  const rest = list.filter((one) => one.id !== id);
  return [...rest.slice(0, to), thing, ...rest.slice(to)];
}

/** Why stops cannot be driven in an order: something would be handed over before it is picked up. */
export function orderFault(
  stops: readonly Pick<PlannedStop, 'pickUp' | 'handOver'>[],
  referenceOf: (batch: string) => string,
): string | undefined {
  const later = new Map<string, number>();
  stops.forEach(({ pickUp }, at) => pickUp.forEach((batch) => later.set(batch, at)));
  for (const [at, { handOver }] of stops.entries()) {
    const wrong = handOver.find((batch) => (later.get(batch) ?? -1) > at);
    if (wrong !== undefined) return `${referenceOf(wrong)} is picked up first, and handed over then`;
  }
  return undefined;
}

const without = (list: readonly string[], batches: ReadonlySet<string>): string[] =>
  list.filter((batch) => !batches.has(batch));

/**
 * A plan without some batches: neither picked up nor handed over any more. A stop that was there for them only goes as
 * well.
 */
export function withoutBatches(stops: readonly PlannedStop[], batches: ReadonlySet<string>): PlannedStop[] {
  return stops.flatMap((stop) => {
    const pickUp = without(stop.pickUp, batches);
    const handOver = without(stop.handOver, batches);
    if (pickUp.length === stop.pickUp.length && handOver.length === stop.handOver.length) return [stop];
    return pickUp.length + handOver.length === 0 ? [] : [{ ...stop, pickUp, handOver }];
  });
}

/** A plan without a stop. What was picked up or handed over there, and is not on the car yet, goes with it. */
export function withoutStop(stops: readonly PlannedStop[], id: string): PlannedStop[] {
  const gone = stops.find((stop) => stop.id === id);
  if (!gone) return [...stops];
  const pickedUpHere = new Set(stops.flatMap(({ pickUp }) => pickUp));
  const batches = new Set([...gone.pickUp, ...gone.handOver.filter((batch) => pickedUpHere.has(batch))]);
  return withoutBatches(
    stops.filter((stop) => stop.id !== id),
    batches,
  );
}

type Placed = Pick<PlannedStop, 'place'>;

const samePlace = (a: Placed, b: Placed): boolean => a.place.kind === b.place.kind && a.place.id === b.place.id;

/** What putting stops into a plan needs to know. */
export type Around = {
  /** How far it is between two stops; undefined where one of them is nowhere known. */
  readonly metres: (a: Placed, b: Placed) => number | undefined;
  /** Where the way begins: the branch, or where the driver was last. */
  readonly start?: Placed | undefined;
  /** An id for a place that is driven to twice. */
  readonly newId: () => string;
};

/**
 * A plan with more stops in it, and its own stops in the order they have. What is done at a place that is driven to
 * anyway is done on that way; other stops go where they make it the least longer. Nothing is handed over before it is
 * picked up.
 */
export function withStops(stops: readonly PlannedStop[], added: readonly PlannedStop[], around: Around): PlannedStop[] {
  let plan = [...stops];
  const picks = added.flatMap((stop) => (stop.pickUp.length > 0 ? [{ ...stop, handOver: [] as string[] }] : []));
  const hands = added.flatMap((stop) => (stop.handOver.length > 0 ? [{ ...stop, pickUp: [] as string[] }] : []));
  for (const stop of picks) plan = put(plan, stop, 0, around);
  for (const stop of hands) {
    const batches = new Set(stop.handOver);
    const picked = plan.findLastIndex(({ pickUp }) => pickUp.some((batch) => batches.has(batch)));
    plan = put(plan, stop, picked + 1, around);
  }
  return plan;
}

function put(plan: readonly PlannedStop[], stop: PlannedStop, from: number, around: Around): PlannedStop[] {
  const there = plan.findIndex((one, at) => at >= from && samePlace(one, stop));
  if (there >= 0) {
    return plan.map((one, at) =>
      at === there
        ? { ...one, pickUp: [...one.pickUp, ...stop.pickUp], handOver: [...one.handOver, ...stop.handOver] }
        : one,
    );
  }
  const { metres, start, newId } = around;
  let best = { at: plan.length, longer: Infinity };
  for (let at = from; at <= plan.length; at++) {
    const [before, after] = [plan[at - 1] ?? start, plan[at]];
    const to = before ? metres(before, stop) : 0;
    const on = after ? metres(stop, after) : 0;
    const direct = before && after ? metres(before, after) : 0;
    if (to === undefined || on === undefined || direct === undefined) continue;
    if (to + on - direct < best.longer) best = { at, longer: to + on - direct };
  }
  const own = plan.some(({ id }) => id === stop.id) ? { ...stop, id: newId() } : stop;
  return [...plan.slice(0, best.at), own, ...plan.slice(best.at)];
}
