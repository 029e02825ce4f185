import type { Batch } from '../batches/schema.ts';
import type { Route, Stop } from './schema.ts';

/** Whether it is still to be driven, or being driven. */
export const isOpenRoute = (route: Pick<Route, 'status' | 'archivedAt'>): boolean =>
  (route.status === 'planned' || route.status === 'under_way') && route.archivedAt === undefined;

/** Whether a stop has been left, served or not. */
export const hasEnded = (stop: Pick<Stop, 'departed' | 'skipped'>): boolean =>
  stop.departed !== undefined || stop.skipped !== undefined;

/** Whether a stop has been reached or is over: a desk no longer plans it. */
export const isReached = (stop: Pick<Stop, 'arrived' | 'departed' | 'skipped'>): boolean =>
  stop.arrived !== undefined || hasEnded(stop);

/** What happens to a batch at a stop. */
export type Work = 'pick_up' | 'hand_over';

/** Whether a batch has been dealt with at a stop. */
export const isDone = (stop: Pick<Stop, 'done'>, batch: string): boolean => {
  const done = stop.done && Object.hasOwn(stop.done, batch) ? stop.done[batch] : undefined;
  return done !== undefined && done.takenBack === undefined;
};

/** All that is planned at a stop, what leaves the vehicle first: there must be room for what comes. */
export const workAt = (stop: Pick<Stop, 'handOver' | 'pickUp'>): { batch: string; what: Work }[] => [
  ...stop.handOver.map((batch) => ({ batch, what: 'hand_over' as const })),
  ...stop.pickUp.map((batch) => ({ batch, what: 'pick_up' as const })),
];

/** The work of a stop that has not been done. A stop that has been left has none. */
export const undoneAt = (stop: Stop): { batch: string; what: Work }[] =>
  hasEnded(stop) ? [] : workAt(stop).filter(({ batch }) => !isDone(stop, batch));

/** Where a batch is still to be picked up and handed over, by stop id. */
export type OpenWork = { pickUp?: string; handOver?: string };

/** What is still to be done on a route, by batch. A route that is over has nothing. */
export function openWorkOf(route: Pick<Route, 'status' | 'archivedAt' | 'stops'>): Map<string, OpenWork> {
  const open = new Map<string, OpenWork>();
  if (!isOpenRoute(route)) return open;
  for (const [stop, planned] of Object.entries(route.stops)) {
    for (const { batch, what } of undoneAt(planned)) {
      const work = open.get(batch) ?? {};
      work[what === 'pick_up' ? 'pickUp' : 'handOver'] = stop;
      open.set(batch, work);
    }
  }
  return open;
}

/** The stop at which the driver is; between stops there is none. */
export const stopUnderWay = (route: Pick<Route, 'stops' | 'order'>): string | undefined =>
  route.order.find((id) => route.stops[id]!.arrived !== undefined && !hasEnded(route.stops[id]!));

/** The stop at which the driver is, or the next one; undefined when all have been left. */
export const nextStop = (route: Pick<Route, 'stops' | 'order'>): string | undefined =>
  stopUnderWay(route) ?? route.order.find((id) => !hasEnded(route.stops[id]!));

/** When the driver's last step on a route was done, milliseconds: no later step was done before it. */
export function lastStepOf(route: Pick<Route, 'createdAt' | 'startedAt' | 'stops'>): number {
  let last = route.startedAt ?? route.createdAt;
  for (const { arrived, departed, skipped, done } of Object.values(route.stops)) {
    for (const step of [arrived, departed, skipped]) if (step && step.at > last) last = step.at;
    for (const id in done) if (done[id]!.at > last) last = done[id]!.at;
  }
  return last;
}

type Held = Pick<Batch, 'status' | 'branch' | 'customer' | 'center'>;
type Place = Stop['place'];

const atHome = (batch: Held, place: Place): boolean =>
  (place.kind === 'branch' && place.id === batch.branch) || (place.kind === 'customer' && place.id === batch.customer);

const atCenter = (batch: Held, place: Place): boolean => place.kind === 'center' && place.id === batch.center;

/** Whether a batch is where it can be picked up at a place: sealed at home, or at its service center. */
export function canPickUpAt(batch: Held, place: Place): boolean {
  if (batch.status === 'sealed') return atHome(batch, place);
  return batch.status === 'at_center' && atCenter(batch, place);
}

/** Whether a batch that is picked up, or still waits for it, is bound for a place. */
export function canHandOverAt(batch: Held, place: Place): boolean {
  switch (batch.status) {
    case 'sealed':
    case 'in_transit_to_center':
      return atCenter(batch, place);
    case 'at_center':
    case 'in_transit_back':
      return atHome(batch, place);
    default:
      return false;
  }
}

/** Whether a batch is with a driver on the road. */
export const onTheRoad = (batch: Pick<Batch, 'status'>): boolean =>
  batch.status === 'in_transit_to_center' || batch.status === 'in_transit_back';
