import type { Route, Stop } from './schema.ts';
import { hasEnded } from './stops.ts';

/** A stop with its place in the order of driving, from 1. */
export type PlacedStop = { readonly id: string; readonly n: number; readonly stop: Stop };

/** The stops in the order in which they are driven. */
export const stopsOf = (route: Pick<Route, 'order' | 'stops'>): PlacedStop[] =>
  route.order.flatMap((id, i) => {
    const stop = route.stops[id];
    return stop ? [{ id, n: i + 1, stop }] : [];
  });

/** How far a route is: stops that have been left, served or not, of how many. */
export function progressOf(route: Pick<Route, 'order' | 'stops'>): { done: number; of: number } {
  const stops = stopsOf(route);
  return { done: stops.filter(({ stop }) => hasEnded(stop)).length, of: stops.length };
}
