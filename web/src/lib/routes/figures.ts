import { stopsOf } from '@opsboard/shared/routes/progress';
import type { Handled, Problem, Route } from '@opsboard/shared/routes/schema';
import { hasEnded, isDone, isOpenRoute } from '@opsboard/shared/routes/stops';

/** What went wrong and nobody has settled yet, the oldest first. */
export function openProblems(route: Pick<Route, 'problems'>): { id: string; problem: Problem }[] {
  return Object.entries(route.problems ?? {})
    .filter(([, { resolved }]) => resolved === undefined)
    .map(([id, problem]) => ({ id, problem }))
    .toSorted((a, b) => a.problem.at - b.problem.at);
}

/** Whether what was there was not what was expected, and it went on all the same. */
export const differs = ({ expected, missing, extra }: Handled): boolean =>
  expected !== undefined || (missing?.length ?? 0) + (extra?.length ?? 0) > 0;

/** The batches that were not as expected where they were picked up or handed over. */
export const mismatchesOf = (route: Pick<Route, 'order' | 'stops'>): string[] =>
  stopsOf(route).flatMap(({ stop }) =>
    Object.entries(stop.done ?? {}).flatMap(([batch, done]) => (differs(done) ? [batch] : [])),
  );

/** Whether a desk has changed the route since its driver last said that the plan was seen. */
export const isUnseen = (route: Pick<Route, 'status' | 'archivedAt' | 'driver' | 'plan' | 'acknowledged'>): boolean =>
  isOpenRoute(route) && route.driver !== undefined && route.plan > (route.acknowledged?.plan ?? 0);

/** Where a batch is on a route: the stop of what is next for it, or the last one that is done. */
export function placeOnRoute(
  route: Pick<Route, 'order' | 'stops'>,
  batch: string,
): { stop: string; number: number; what: 'pick_up' | 'hand_over'; done: boolean } | undefined {
  const all = stopsOf(route).flatMap(({ id, stop }, i) => {
    const what = stop.pickUp.includes(batch) ? 'pick_up' : stop.handOver.includes(batch) ? 'hand_over' : undefined;
    if (!what) return [];
    return [{ stop: id, number: i + 1, what, done: isDone(stop, batch) || hasEnded(stop) }] as const;
  });
  return all.find(({ done }) => !done) ?? all.at(-1);
}
