import type { BatchInView } from '@opsboard/shared/batches/schema';
import { expectedCount } from '@opsboard/shared/batches/steps';
import type { ArgsOf, CommandName } from '@opsboard/shared/protocol/deciders';
import type { InView } from '@opsboard/shared/protocol/fold';
import { proposeStops } from '@opsboard/shared/routes/propose';
import type { PlannedStop } from '@opsboard/shared/routes/schema';
import { hasEnded, isOpenRoute, isReached, nextStop, undoneAt } from '@opsboard/shared/routes/stops';
import { newId } from '../../server/src/platform/ids.ts';
import type { Replica } from '../../web/src/lib/store/replica.ts';
import type { seeded } from './random.ts';

type Random = ReturnType<typeof seeded>;
type RouteInView = InView<'route'>;

/** A command with its args, as somebody would send it who looks at what a replica shows. */
export type Deed = { [N in CommandName]: { name: N; args: ArgsOf<N> } }[CommandName];

const deed = <N extends CommandName>(name: N, args: ArgsOf<N>): Deed => ({ name, args }) as Deed;
const reason = 'Random';
/** A board has so many open routes at most: more of them only wait for their drivers. */
const mostOpen = 6;

/** What a route could take along: sealed, or done at its center, or on the road; and on no route yet. */
const free = (batch: BatchInView): boolean =>
  batch.route === undefined && batch.status !== 'draft' && batch.status !== 'completed';

/** The stops still to be driven, as a desk sends them. */
function stillPlanned(route: RouteInView): PlannedStop[] {
  return route.order.flatMap((id) => {
    const { place, pickUp, handOver, note } = route.stops[id]!;
    return isReached(route.stops[id]!) ? [] : [{ id, place, pickUp, handOver, ...(note ? { note } : {}) }];
  });
}

/** Some of a list, up to `most`, at random. */
const some = <T>(random: Random, list: readonly T[], most: number): T[] =>
  list.length === 0 ? [] : [...new Set(Array.from({ length: 1 + random.whole(most) }, () => random.pick(list)))];

/** Where routes are driven and by whom. */
export type RoutePlaces = { branches: readonly string[]; drivers: readonly string[] };

/** What somebody at a desk may do of routes next; mostly something that can be done. */
export function deskDeed(replica: Replica, random: Random, { branches, drivers }: RoutePlaces): Deed {
  const all = [...replica.all('route').values()];
  const open = all.filter(isOpenRoute);
  const batches = [...replica.all('batch').values()].filter(free);
  const roll = random.next();
  const driver = random.pick(drivers);
  const route = open.length > 0 ? random.pick(open) : undefined;
  if (!route || (open.length < mostOpen && roll < 0.35)) {
    return deed('route.create', {
      id: newId(),
      branch: random.pick(branches),
      day: '2026-03-02',
      ...(random.next() < 0.9 ? { driver } : {}),
      stops: proposeStops(some(random, batches.filter(isAtRest), 2), newId),
    });
  }
  const { id, plan } = route;
  if (roll < 0.66) {
    const now = stillPlanned(route);
    const more = proposeStops(some(random, batches.filter(isAtRest), 2), newId);
    const plans: (() => PlannedStop[])[] = [
      () => [...now, ...more],
      () => [...more, ...now],
      () => now.slice(0, -1),
      () => now.map((stop, i) => (i === 0 ? { ...stop, note: `N${random.whole(9)}` } : stop)),
      () => now.toReversed(),
    ];
    return deed('route.plan', { id, plan, stops: (more.length > 0 && roll < 0.6 ? plans[0]! : random.pick(plans))() });
  }
  if (roll < 0.72) return deed('route.assign', { id, plan, driver: random.next() < 0.1 ? null : driver });
  if (roll < 0.78) return deed('route.edit', { id, rev: route.rev, vehicle: `V${random.whole(99)}` });
  if (roll < 0.8) return deed('route.cancel', { id: (open.find(isPlanned) ?? route).id, reason });
  if (roll < 0.85) {
    const unsolved = all.flatMap((each) =>
      Object.entries(each.problems ?? {}).flatMap(([problem, { resolved }]) =>
        resolved ? [] : [{ id: each.id, problem }],
      ),
    );
    if (unsolved.length > 0) return deed('route.resolve', random.pick(unsolved));
  }
  if (roll < 0.9) {
    const done = all.flatMap((each) => Object.values(each.stops).flatMap((stop) => Object.keys(stop.done ?? {})));
    const batch = done.length > 0 ? replica.all('batch').get(random.pick(done)) : undefined;
    if (batch?.status === 'completed') return deed('batch.reopen', { id: batch.id, reason });
    if (batch) return deed('batch.takeBack', { id: batch.id, from: batch.status, reason });
  }
  // A desk acts for a phone that died; now and then the phone is not dead at all.
  const driven = open.find(({ status }) => status === 'under_way');
  return driven ? nextStep(replica, random, driven) : deed('route.report', { id, problem: newId(), reason: 'other' });
}

const isAtRest = ({ status }: BatchInView): boolean => status === 'sealed' || status === 'at_center';
const isPlanned = ({ status }: RouteInView): boolean => status === 'planned';

/** What a driver may do next; undefined: there is no route to drive. */
export function driverDeed(replica: Replica, random: Random, driver: string): Deed | undefined {
  const mine = [...replica.all('route').values()].filter((route) => route.driver === driver && isOpenRoute(route));
  const route = mine.find(({ status }) => status === 'under_way') ?? mine.find(({ order }) => order.length > 0);
  if (!route) return undefined;
  const { id, plan, acknowledged } = route;
  if ((acknowledged?.plan ?? 0) < plan && random.next() < 0.3) return deed('route.acknowledge', { id, plan });
  const roll = random.next();
  if (roll < 0.04) {
    const stop = route.order[0];
    return deed('route.report', {
      id,
      problem: newId(),
      reason: random.pick(['closed', 'road', 'vehicle']),
      ...(stop && random.next() < 0.5 ? { stop } : {}),
    });
  }
  return nextStep(replica, random, route);
}

/** The next step on a route, now and then another one: elsewhere, out of order, with a wrong count. */
function nextStep(replica: Replica, random: Random, route: RouteInView): Deed {
  const { id } = route;
  const stop = nextStop(route);
  if (route.status === 'planned') return deed('route.start', { id });
  if (stop === undefined) return deed('route.finish', { id });
  const open = route.order.filter((each) => !hasEnded(route.stops[each]!));
  const roll = random.next();
  if (roll < 0.04) return deed('route.skip', { id, stop: random.pick(open), reason });
  const elsewhere = roll < 0.08 ? random.pick(open) : stop;
  const at = route.stops[elsewhere]!;
  const [next] = undoneAt(at);
  if (!at.arrived && (!next || random.next() < 0.8)) return deed('route.arrive', { id, stop: elsewhere });
  if (!next && open.length === 1 && roll > 0.4) return deed('route.finish', { id });
  if (!next) return deed('route.depart', { id, stop: elsewhere });
  const batch = replica.all('batch').get(next.batch);
  // Not there any more, or not in view: the stop cannot be served.
  if (!batch) return deed('route.skip', { id, stop: elsewhere, reason });
  const wrong = random.next() < 0.06;
  const { parts } = batch;
  const scanned = parts && random.next() < 0.3 ? Object.keys(parts).filter((part) => !parts[part]!.out) : undefined;
  const count = scanned?.length ?? expectedCount(batch);
  const args = {
    id,
    stop: elsewhere,
    batch: batch.id,
    count: wrong && !scanned ? count + 1 : count,
    ...(scanned ? { scanned } : {}),
    ...(wrong && random.next() < 0.7 ? { reason } : {}),
  };
  return next.what === 'pick_up'
    ? deed('route.pickUp', args)
    : deed('route.handOver', { ...args, ...(random.next() < 0.5 ? { receiver: 'Somebody' } : {}) });
}
