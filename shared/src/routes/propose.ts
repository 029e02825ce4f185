import type { BatchInView } from '../batches/schema.ts';
import type { Point } from '../geo/distance.ts';
import { roadMetres, roadTime, timeAtStop } from './arrival.ts';
import type { PlannedStop } from './schema.ts';

type Place = PlannedStop['place'];
type Batch = Pick<BatchInView, 'id' | 'status' | 'branch' | 'center'>;

/** Where a batch is picked up and handed over next, as far as it is not on the road already. */
function legOf(batch: Batch): { pickUp?: Place; handOver?: Place } {
  const home: Place = { kind: 'branch', id: batch.branch };
  const center: Place = { kind: 'center', id: batch.center };
  switch (batch.status) {
    case 'sealed':
      return { pickUp: home, handOver: center };
    case 'in_transit_to_center':
      return { handOver: center };
    case 'at_center':
      return { pickUp: center, handOver: home };
    case 'in_transit_back':
      return { handOver: home };
    default:
      return {};
  }
}

/**
 * The stops that batches ask for: each sealed one from its branch to its service center, each one at its center back home,
 * what is on the road to where it is going. One stop for each service center; branches have one to load and one to unload.
 * Their order is the proposal's: see {@link proposeOrder}.
 *
 * @param newId makes the id of a stop (UUIDv7)
 */
export function proposeStops(batches: Iterable<Batch>, newId: () => string): PlannedStop[] {
  const stops = new Map<string, PlannedStop>();
  const at = (place: Place, work: 'pickUp' | 'handOver', batch: string) => {
    const key = `${place.kind}/${place.id}/${place.kind === 'center' ? '' : work}`;
    let stop = stops.get(key);
    if (!stop) stops.set(key, (stop = { id: newId(), place, pickUp: [], handOver: [] }));
    stop[work].push(batch);
  };
  for (const batch of batches) {
    const { pickUp, handOver } = legOf(batch);
    if (pickUp) at(pickUp, 'pickUp', batch.id);
    if (handOver) at(handOver, 'handOver', batch.id);
  }
  // Loading first and unloading last is an order that can be driven, to begin with.
  const rank = ({ place, pickUp }: PlannedStop): number => (place.kind === 'center' ? 1 : pickUp.length > 0 ? 0 : 2);
  return [...stops.values()].sort((a, b) => rank(a) - rank(b));
}

/** What the order of a stop depends on. */
export type Orderable = Pick<PlannedStop, 'id' | 'from' | 'to' | 'pickUp' | 'handOver'> & {
  position?: Point | undefined;
};
/** A proposed order: the stops' ids, how long the road is with the way back, and how much that saves, metres. */
export type Proposal = { order: string[]; metres: number; savedMetres: number };

/** Each minute too late weighs as much as this much road, metres. */
const lateWeight = 1000;
/** Looked at again and again until nothing gets better; a hundred stops take a few rounds. */
const mostRounds = 40;

/**
 * A short order of stops: the nearest first, then improved by turning stretches round and moving single stops, as long as
 * something gets better. No batch is handed over before it is picked up; windows are kept where they can be.
 *
 * @param start where the way begins and ends; without it, at the first stop
 * @param departAt when it begins, milliseconds, for the windows; without it they count nothing
 */
export function proposeOrder(stops: readonly Orderable[], start?: Point, departAt?: number): Proposal {
  const n = stops.length;
  const metres = stops.map((a) =>
    stops.map((b) => (a.position && b.position ? roadMetres(a.position, b.position) : 0)),
  );
  const home = stops.map(({ position }) => (start && position ? roadMetres(start, position) : 0));
  const before = precedence(stops);
  const length = (order: readonly number[]): number => {
    let sum = n > 0 ? home[order[0]!]! + home[order[n - 1]!]! : 0;
    for (let i = 1; i < n; i++) sum += metres[order[i - 1]!]![order[i]!]!;
    return sum;
  };
  const late = (order: readonly number[]): number => {
    if (departAt === undefined) return 0;
    let [at, from, minutes] = [departAt, start, 0];
    for (const index of order) {
      const stop = stops[index]!;
      at = Math.max(at + roadTime(from, stop.position), stop.from ?? 0);
      if (stop.to !== undefined && at > stop.to) minutes += (at - stop.to) / 60_000;
      at += timeAtStop;
      from = stop.position ?? from;
    }
    return minutes * lateWeight;
  };
  const cost = (order: readonly number[]): number => length(order) + late(order);
  const legal = (order: readonly number[]): boolean => {
    const place = new Array<number>(n);
    order.forEach((index, i) => (place[index] = i));
    return before.every((firsts, index) => firsts.every((first) => place[first]! < place[index]!));
  };

  const given = stops.map((_, i) => i);
  let best = nearest(n, before, metres, home);
  if (legal(given) && cost(given) < cost(best)) best = given;
  let bestCost = cost(best);
  const take = (order: number[]): boolean => {
    const its = cost(order);
    if (its >= bestCost - 1e-6 || !legal(order)) return false;
    [best, bestCost] = [order, its];
    return true;
  };
  for (let round = 0, better = true; better && round < mostRounds; round++) {
    better = false;
    for (let i = 0; i < n - 1; i++) {
      for (let j = i + 1; j < n; j++) {
        const turned = [...best.slice(0, i), ...best.slice(i, j + 1).reverse(), ...best.slice(j + 1)];
        if (take(turned)) better = true;
      }
    }
    for (let i = 0; i < n; i++) {
      for (let j = 0; j < n; j++) {
        if (i === j) continue;
        const moved = best.toSpliced(i, 1).toSpliced(j, 0, best[i]!);
        if (take(moved)) better = true;
      }
    }
  }
  const total = length(best);
  return {
    order: best.map((index) => stops[index]!.id),
    metres: Math.round(total),
    savedMetres: Math.max(0, Math.round(length(given) - total)),
  };
}

/** For each stop, the stops that must come before it: where what is handed over there is picked up. */
function precedence(stops: readonly Orderable[]): number[][] {
  const pickedUpAt = new Map<string, number>();
  stops.forEach(({ pickUp }, i) => pickUp.forEach((batch) => pickedUpAt.set(batch, i)));
  return stops.map(({ handOver }, i) => [
    ...new Set(
      handOver.flatMap((batch) => {
        const first = pickedUpAt.get(batch);
        return first === undefined || first === i ? [] : [first];
      }),
    ),
  ]);
}

/** From where one is always to the nearest stop that may come next. What stands in a circle keeps its order. */
function nearest(
  n: number,
  before: readonly number[][],
  metres: readonly number[][],
  home: readonly number[],
): number[] {
  const order: number[] = [];
  const left = new Set(Array.from({ length: n }, (_, i) => i));
  while (left.size > 0) {
    const last = order.at(-1);
    const may = [...left].filter((i) => before[i]!.every((first) => !left.has(first)));
    const candidates = may.length > 0 ? may : [Math.min(...left)];
    const far = (i: number): number => (last === undefined ? home[i]! : metres[last]![i]!);
    const next = candidates.reduce((a, b) => (far(b) < far(a) ? b : a));
    order.push(next);
    left.delete(next);
  }
  return order;
}
