import { proposeOrder, proposeStops } from '@opsboard/shared/routes/propose';
import type { PlannedStop, Route } from '@opsboard/shared/routes/schema';
import { isReached } from '@opsboard/shared/routes/stops';
import { app } from '#lib/app.ts';
import { metresBetween, positionOf } from './routes.svelte.ts';

type Placed = Pick<PlannedStop, 'place'>;

/** Where a new route of a branch begins. */
export const atBranch = (branch: string): Placed => ({ place: { kind: 'branch', id: branch } });

/** Where what is left of a route begins: the last place that was reached, or the branch. */
export function startOf(route: Pick<Route, 'order' | 'stops' | 'branch'>): Placed {
  const last = route.order.findLast((id) => route.stops[id] && isReached(route.stops[id]));
  return (last === undefined ? undefined : route.stops[last]) ?? atBranch(route.branch);
}

/**
 * How much road it is from a place along stops and back to the branch, metres, as it is estimated; undefined where a
 * place is not known.
 */
export function metresOf(stops: readonly Placed[], start: Placed, branch: string): number | undefined {
  let sum = 0;
  let from = start;
  for (const stop of [...stops, atBranch(branch)]) {
    const metres = metresBetween(from, stop);
    if (metres === undefined) return undefined;
    sum += metres;
    from = stop;
  }
  return sum;
}

/** The stops that batches ask for, in no order yet. */
export const stopsFor = (batches: readonly string[]): PlannedStop[] =>
  proposeStops(
    batches.flatMap((id) => app.get('batch', id) ?? []),
    () => app.newId(),
  );

/** Stops in a short order. `metres`: with the way back to the branch; undefined where a place is not known. */
export type Proposed = { stops: PlannedStop[]; metres: number | undefined; savedMetres: number };

/** What becomes of batches on a route of a branch: their stops in an order that is short and keeps the windows. */
export function propose(batches: readonly string[], branch: string, departAt?: number): Proposed {
  const stops = stopsFor(batches);
  const { order, savedMetres } = proposeOrder(
    stops.map((stop) => ({ ...stop, position: positionOf(stop.place) })),
    positionOf(atBranch(branch).place),
    departAt,
  );
  const inOrder = order.flatMap((id) => stops.find((stop) => stop.id === id) ?? []);
  return { stops: inOrder, metres: metresOf(inOrder, atBranch(branch), branch), savedMetres };
}
