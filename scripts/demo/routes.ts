import type { Batch } from '@opsboard/shared/batches/schema';
import { expectedCount } from '@opsboard/shared/batches/steps';
import type { Records } from '@opsboard/shared/protocol/kinds';
import { uuidv7From } from '@opsboard/shared/protocol/ids';
import { roadTime, timeAtStop } from '@opsboard/shared/routes/arrival';
import { proposeOrder, proposeStops } from '@opsboard/shared/routes/propose';
import type { PlannedStop } from '@opsboard/shared/routes/schema';
import { dateOf } from '@opsboard/shared/time/days';
import type { Deed, Directory, Doer } from './history.ts';
import { deedFrom } from './history.ts';
import type { Random } from './random.ts';
import { timeZone } from './world.ts';

const minute = 60_000;

/** Where branches and centers are. */
export type Places = { get<K extends 'branch' | 'center'>(kind: K, id: string): Records[K] | undefined };
/** The board as the history left it. */
type Board = Places & { all(kind: 'batch'): Iterable<Batch> };
/** What is needed of a batch to plan its way and to drive it. */
export type Load = Pick<Batch, 'id' | 'status' | 'branch' | 'center' | 'partCount' | 'outCount'>;

/**
 * What a driver's day is like. `loads`: how many sealed batches and how many at their centers come to what the driver has
 * on the road already; `begins`: minutes from now, so that negative ones are under way.
 */
type Day = {
  loads: [number, number];
  begins: number;
  vehicle: string;
  trouble?: Trouble;
};
export type Trouble = 'closed' | 'count' | 'skip' | 'replan';

/** The eight drivers, in the order of the world's people. */
const days: readonly Day[] = [
  { loads: [4, 3], begins: -58, vehicle: 'Van 1' },
  { loads: [2, 3], begins: -95, vehicle: 'Van 2', trouble: 'closed' },
  { loads: [2, 2], begins: -80, vehicle: 'Van 3', trouble: 'replan' },
  { loads: [1, 1], begins: -110, vehicle: 'Van 4', trouble: 'count' },
  { loads: [2, 2], begins: -50, vehicle: 'Van 5', trouble: 'skip' },
  { loads: [2, 2], begins: 25, vehicle: 'Van 6' },
  { loads: [2, 3], begins: 40, vehicle: 'Cargo bike 1' },
  { loads: [1, 2], begins: 75, vehicle: 'Van 7' },
];
const receivers = ['M. Devries', 'Counter 2', 'J. Okoro', 'Goods in', 'L. Svensson', 'Front desk'] as const;

/** How long before now the routes begin: the history ends there, and what happened since happened on the road. */
export const routesSince = 120 * minute;

/**
 * Today's routes of the eight drivers: some under way, one or two finished, some planned; with a problem that is open, a
 * count that differed, a stop left out and a plan that its driver has not seen yet.
 *
 * @param board as it was at `now - routesSince`
 */
export function routeDeeds(now: number, board: Board, directory: Directory, random: Random): Deed[] {
  const taken = new Set<string>();
  const waiting = (status: Batch['status']): Batch[] =>
    [...board.all('batch')]
      .filter((batch) => batch.status === status && batch.archivedAt === undefined && batch.handover === undefined)
      .sort((a, b) => a.dueAt - b.dueAt);
  const [sealed, ready] = [waiting('sealed'), waiting('at_center')];
  const roads = [...waiting('in_transit_to_center'), ...waiting('in_transit_back')];
  const deeds: Deed[] = [];
  for (const [i, day] of days.entries()) {
    const driver = directory.drivers[i];
    if (driver === undefined) break;
    const home = i % directory.branches.length;
    const branch = directory.branches[home]!;
    const take = (from: readonly Batch[], count: number): Batch[] => {
      const its = from.filter((batch) => !taken.has(batch.id) && batch.branch === branch).slice(0, count);
      for (const { id } of its) taken.add(id);
      return its;
    };
    const own = roads.filter((batch) => batch.driver === driver).slice(0, 5);
    const batches = [...own, ...take(sealed, day.loads[0]), ...take(ready, day.loads[1])];
    if (batches.length === 0) continue;
    const { vehicle, trouble } = day;
    const begins = now + day.begins * minute;
    const planned = Math.max(now - routesSince + minute, Math.min(begins - 10 * minute, now - 20 * minute));
    const desk = directory.desks[home]![0]!;
    deeds.push(
      ...dayOf({ now, places: board, begins, planned, vehicle, trouble, driver, branch, batches, desk }, random),
    );
  }
  return deeds;
}

/** A day of a driver: `now` is when it is looked at, `planned` when the desk made the route. */
export type Given = {
  now: number;
  places: Places;
  begins: number;
  planned: number;
  vehicle: string;
  trouble: Trouble | undefined;
  driver: string;
  branch: string;
  batches: readonly Load[];
  desk: string;
};

/** The route as it was planned, and what came of it until `now`. */
export function dayOf(given: Given, random: Random): Deed[] {
  const { now, places, begins, planned, vehicle, trouble, driver, branch, batches, desk } = given;
  const id = uuidv7From(planned, random.bytes(10));
  const newId = (): string => uuidv7From(planned, random.bytes(10));
  const placeOf = ({ kind, id: at }: PlannedStop['place']) =>
    kind === 'customer' ? undefined : places.get(kind, at)?.position;
  const start = places.get('branch', branch)?.position;
  const stops = proposeStops(batches, newId);
  const { order } = proposeOrder(
    stops.map((stop) => ({ ...stop, position: placeOf(stop.place) })),
    start,
  );
  const ordered = order.map((each) => stops.find((stop) => stop.id === each)!);
  // The desk reckons with empty roads; the drivers then meet the others.
  let [at, from] = [begins, start];
  const timed = ordered.map((stop, i): PlannedStop => {
    at += roadTime(from, placeOf(stop.place)) + (i === 0 ? 0 : timeAtStop);
    from = placeOf(stop.place) ?? from;
    const plannedAt = Math.round(at / (5 * minute)) * 5 * minute;
    return { ...stop, plannedAt, to: plannedAt + 20 * minute };
  });
  const say = deedFrom(random);
  const [room, road]: [Doer, Doer] = [{ person: desk }, { person: driver }];
  const deeds = [
    say(planned, room, 'route.create', {
      id,
      branch,
      day: dateOf(begins, timeZone),
      driver,
      vehicle,
      startAt: begins,
      stops: timed,
    }),
    say(planned + 4 * minute, road, 'route.acknowledge', { id, plan: 1 }),
  ];
  if (begins >= now) return deeds;
  const drive = drivenUntil({ now, trouble, id, begins, timed, start, placeOf, room, road, batches, newId }, random);
  const changed = trouble === 'replan' ? replanned(drive.left, { now, id, room, say }) : [];
  return [...deeds, ...drive.deeds, ...changed];
}

/** The plan is changed while the driver drives, and has not been seen yet: the last stop comes first of what is left. */
function replanned(
  left: readonly PlannedStop[],
  { now, id, room, say }: { now: number; id: string; room: Doer; say: ReturnType<typeof deedFrom> },
): Deed[] {
  const last = left.at(-1);
  if (!last) return [];
  const stops = left.map((stop) =>
    stop === last ? { ...stop, note: 'Ring at the side door, the front is being painted' } : stop,
  );
  return [say(now - 3 * minute, room, 'route.plan', { id, plan: 1, stops })];
}

type Driven = {
  now: number;
  trouble: Trouble | undefined;
  id: string;
  begins: number;
  timed: readonly PlannedStop[];
  start: [number, number] | undefined;
  placeOf(place: PlannedStop['place']): [number, number] | undefined;
  room: Doer;
  road: Doer;
  batches: readonly Load[];
  newId(): string;
};

/** What the driver did until now, and the stops that are left. */
function drivenUntil(given: Driven, random: Random): { deeds: Deed[]; left: PlannedStop[] } {
  const { now, trouble, id, begins, timed, placeOf, room, road, batches, newId } = given;
  const say = deedFrom(random);
  const end = now - minute;
  const deeds: Deed[] = [say(begins, road, 'route.start', { id })];
  const countOf = (batch: string): number => expectedCount(batches.find((one) => one.id === batch)!);
  let [at, from] = [begins + minute, given.start];
  let troubled = false;
  for (const [i, stop] of timed.entries()) {
    at += roadTime(from, placeOf(stop.place)) * random.between(0.95, 1.5);
    from = placeOf(stop.place) ?? from;
    if (at >= end) return { deeds, left: timed.slice(i) };
    deeds.push(say(Math.floor(at), road, 'route.arrive', { id, stop: stop.id }));
    for (const [list, name] of [
      [stop.handOver, 'route.handOver'],
      [stop.pickUp, 'route.pickUp'],
    ] as const) {
      for (const batch of list) {
        at += random.between(1, 3) * minute;
        const differs: boolean = trouble === 'count' && !troubled && name === 'route.handOver';
        troubled ||= differs;
        const proof = name === 'route.handOver' ? { receiver: random.pick(receivers) } : {};
        const count = { count: countOf(batch) - (differs ? 1 : 0) };
        const why = differs ? { reason: 'One label does not read: counted by hand, the box is there' } : {};
        if (at >= end) return { deeds, left: timed.slice(i + 1) };
        deeds.push(say(Math.floor(at), road, name, { id, stop: stop.id, batch, ...count, ...why, ...proof }));
      }
    }
    at += random.between(1, 4) * minute;
    if (at >= end) return { deeds, left: timed.slice(i + 1) };
    deeds.push(say(Math.floor(at), road, 'route.depart', { id, stop: stop.id }));
    const next = timed[i + 1];
    if (i !== 1 || !next) continue;
    const when = Math.floor(at + 30_000);
    if (trouble === 'closed' && when < end) {
      const text = 'The gate is shut and nobody answers the bell. I come by again after the next stop.';
      const problem = newId();
      deeds.push(say(when, road, 'route.report', { id, problem, reason: 'closed', stop: next.id, text }));
      // Today's is still open: that is for the desk of the demo to do.
      const solved = when + 14 * minute;
      const how = 'Called them: the side gate is open, the doorman knows.';
      if (solved < end - 60 * minute) deeds.push(say(solved, room, 'route.resolve', { id, problem, how }));
    }
    // Only what brings nothing with it is left out here: the others wait for it.
    if (trouble === 'skip' && when < end && next.pickUp.length === 0) {
      deeds.push(say(when, road, 'route.skip', { id, stop: next.id, reason: 'Road closed until noon' }));
      return { deeds, left: timed.slice(i + 2) };
    }
  }
  return { deeds, left: [] };
}
