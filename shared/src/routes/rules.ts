import type { Batch } from '../batches/schema.ts';
import type { Principal } from '../protocol/actors.ts';
import type { Decide, DecideContext, Decision, RecordChange, StateView } from '../protocol/decision.ts';
import { change, refuse } from '../protocol/decision.ts';
import type { Fields } from '../protocol/entries.ts';
import { patched } from '../protocol/patch.ts';
import { placeShownOf } from './places.ts';
import type { Route, Stop } from './schema.ts';
import { isOpenRoute, lastStepOf, onTheRoad, openWorkOf } from './stops.ts';
import { routeStatusWords } from './words.ts';

export const missingRoute = (): Decision =>
  refuse('not_found', 'There is no such route among those you can see. It may have been given to somebody else.');

/** Opens a route: every rule on an existing route starts here. */
export function onRoute<Args extends { id: string }>(
  rule: (route: Route, args: Args, context: DecideContext, state: StateView) => Decision,
): Decide<Args> {
  return (state, args, context) => {
    const route = state.get('route', args.id);
    if (!route) return missingRoute();
    if (route.archivedAt !== undefined) {
      return refuse('archived', `${route.reference} is archived and no longer changes.`);
    }
    return rule(route, args, context, state);
  };
}

/**
 * As {@link onRoute}, for what a driver does: never before the step before it, on the route and of the batch. The server
 * sees to that where a phone says when; where none does, its own clock may have been put back between two steps, or two
 * processes may differ, and a stop and its batch would say different times.
 */
export const onStep = <Args extends { id: string; batch?: string }>(
  rule: (route: Route, args: Args, context: DecideContext, state: StateView) => Decision,
): Decide<Args> =>
  onRoute<Args>((route, args, context, state) => {
    const since = args.batch === undefined ? undefined : state.get('batch', args.batch)?.since;
    return rule(route, args, { ...context, done: Math.max(context.done, lastStepOf(route), since ?? 0) }, state);
  });

/** A desk's change was made on another plan than the present one. */
export function checkPlan(route: Route, plan: number): Decision | undefined {
  if (route.plan === plan) return undefined;
  return refuse('rev_conflict', 'Somebody planned this route anew in the meantime. Look at it, then change it again.', {
    details: { kind: 'route', id: route.id, rev: route.rev, plan: route.plan },
  });
}

/** Refuses what only an open route allows. */
export function checkOpen(route: Route): Decision | undefined {
  return isOpenRoute(route)
    ? undefined
    : refuse('illegal_step', `${route.reference} is ${routeStatusWords[route.status].toLowerCase()}.`, {
        details: { status: route.status },
      });
}

/** Refuses what only a route under way allows. */
export function checkUnderWay(route: Route): Decision | undefined {
  if (route.status === 'under_way') return undefined;
  return route.status === 'planned'
    ? refuse('illegal_step', `${route.reference} has not been started. Start it first.`, {
        details: { status: route.status },
      })
    : checkOpen(route);
}

/** A route as it is becoming, with what changes of it: rules put one change on another. */
export type Becoming = { readonly route: Route; readonly set: Fields; readonly unset: readonly string[] };

export const becoming = (route: Route): Becoming => ({ route, set: {}, unset: [] });

/** One change more. A path is set or unset once. */
export const put = (now: Becoming, set: Fields, unset: readonly string[] = []): Becoming => ({
  route: patched(now.route, set, unset),
  set: { ...now.set, ...set },
  unset: [...now.unset, ...unset],
});

const routeChange = ({ route, set, unset }: Becoming, why?: string): RecordChange => ({
  kind: 'route',
  id: route.id,
  set: { ...set },
  ...(unset.length > 0 && { unset: [...unset] }),
  ...(why !== undefined && { why }),
});

/** What is not picked up on a route any more is not handed over on it either. */
export function withoutLost(now: Becoming, state: Pick<StateView, 'get'>): Becoming {
  let made = now;
  for (const [batch, { pickUp, handOver }] of openWorkOf(now.route)) {
    if (pickUp !== undefined || handOver === undefined) continue;
    const held = state.get('batch', batch);
    if (held && onTheRoad(held)) continue;
    const left = made.route.stops[handOver]!.handOver.filter((one) => one !== batch);
    made = put(made, { [`stops.${handOver}.handOver`]: left });
  }
  return made;
}

/** Whether a batch waits where it is, and nobody has taken it over: it is no driver's but by the plan. */
const waits = (batch: Batch): boolean =>
  batch.status === 'at_center' || (batch.status === 'sealed' && batch.handover === undefined);

/**
 * What a change of a route makes of the batches on it: those that come onto it name it and its driver, those that leave
 * it do no longer. What a driver has in their hands stays with them.
 *
 * @param but batches that the rule changes by itself
 */
export function batchesFollow(
  state: Pick<StateView, 'get'>,
  before: Route | undefined,
  after: Route,
  but: ReadonlySet<string> = new Set(),
): RecordChange[] {
  const [was, is] = [before ? openWorkOf(before) : new Map<string, never>(), openWorkOf(after)];
  const changes: RecordChange[] = [];
  for (const id of new Set([...was.keys(), ...is.keys()])) {
    const batch = but.has(id) ? undefined : state.get('batch', id);
    if (!batch) continue;
    const set: Fields = {};
    const unset: string[] = [];
    if (is.has(id)) {
      if (batch.route !== after.id) set['route'] = after.id;
      if (after.driver !== undefined && batch.driver !== after.driver) set['driver'] = after.driver;
      if (after.driver === undefined && before?.driver !== undefined && batch.driver === before.driver)
        unset.push('driver');
      const handover = batch.status === 'sealed' ? batch.handover : undefined;
      if (handover && (handover.to !== (after.driver ?? batch.driver) || unset.includes('driver')))
        unset.push('handover');
    } else {
      if (batch.route === after.id) unset.push('route');
      if (waits(batch) && batch.driver !== undefined && batch.driver === before?.driver) unset.push('driver');
    }
    if (Object.keys(set).length + unset.length > 0) changes.push({ kind: 'batch', id, set, unset });
  }
  return changes;
}

/** A change of a route, with what follows for its batches. */
export function changeRoute(
  state: Pick<StateView, 'get'>,
  before: Route,
  now: Becoming,
  more: { why?: string; batches?: readonly RecordChange[] } = {},
): Decision {
  const own = more.batches ?? [];
  return change(
    routeChange(now, more.why),
    ...own,
    ...batchesFollow(state, before, now.route, new Set(own.map(({ id }) => id))),
  );
}

/** Who had a route, once it goes to somebody else or to nobody: their phone may still have something to report of it. */
export const hadBy = ({ driver, formerDrivers = [] }: Pick<Route, 'driver' | 'formerDrivers'>): Fields =>
  driver === undefined ? {} : { formerDrivers: [...formerDrivers.filter((id) => id !== driver), driver] };

/** What a place is called in a sentence. */
export const placeName = (
  state: Pick<StateView, 'get'>,
  route: Pick<Route, 'places'>,
  id: string,
  stop: Stop,
): string => route.places?.[id]?.name ?? placeShownOf(state, stop.place)?.name ?? 'this stop';

/** Whether somebody limited to branches reaches a batch or a route. */
export function reaches(principal: Principal, { branch }: { branch: string }): boolean {
  return principal.type === 'system' || principal.branches === undefined || principal.branches.includes(branch);
}
