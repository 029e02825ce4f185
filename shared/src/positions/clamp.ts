import type { Fix } from './schema.ts';

/** What bounds the times of a route's positions, milliseconds: `finished` absent while it is under way. */
export type RouteTimes = { started: number; finished?: number | undefined; arrived: number };

/**
 * Brings the times of a report into the bounds that actions have, too: not before the route was started, not after they
 * arrived. What is from after its finish is left out. The oldest first, whatever order they came in.
 */
export function withinRoute(points: readonly Fix[], { started, finished, arrived }: RouteTimes): Fix[] {
  return points
    .filter(({ at }) => finished === undefined || at <= finished)
    .map((point) => ({ ...point, at: Math.min(arrived, Math.max(started, point.at)) }))
    .sort((one, other) => one.at - other.at);
}
