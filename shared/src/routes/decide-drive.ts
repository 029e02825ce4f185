import { checkDriver } from '../batches/rules.ts';
import type { DecideContext, Decision, StateView } from '../protocol/decision.ts';
import { refuse } from '../protocol/decision.ts';
import { isRefusal } from './plan.ts';
import type { Becoming } from './rules.ts';
import { becoming, changeRoute, checkOpen, checkUnderWay, onStep, placeName, put, withoutLost } from './rules.ts';
import type { AtStop, PlainRoute, Route, SkipStop } from './schema.ts';
import { hasEnded, isReached, stopUnderWay, undoneAt } from './stops.ts';

/**
 * An action that comes this much later than it was done, milliseconds, was done without the board: what the driver could
 * not know does not stand in its way any more.
 */
export const toldLate = 60_000;

const unknownStop = (): Decision =>
  refuse('not_found', 'This stop is not on the route any more. Look at the route as it is now.', { field: 'stop' });

const stopOf = (route: Route, id: string) => (Object.hasOwn(route.stops, id) ? route.stops[id] : undefined);

/** Who does what now: the fact that is put on record. */
export const factOf = (context: DecideContext) => ({ at: context.done, by: context.principal.id });

/** `B-2041 and B-2042`, by reference. */
function named(state: StateView, batches: readonly string[]): string {
  const names = batches.map((id) => state.get('batch', id)?.reference ?? 'a batch');
  const last = names.pop()!;
  return names.length === 0 ? last : `${names.join(', ')} and ${last}`;
}

/** Leaves a stop. Work that is undone is refused by name, unless the driver has long been gone. */
export function leave(now: Becoming, id: string, state: StateView, context: DecideContext): Becoming | Decision {
  const stop = now.route.stops[id]!;
  const undone = undoneAt(stop);
  const departed = { [`stops.${id}.departed`]: factOf(context) };
  if (undone.length === 0) return put(now, departed);
  const names = named(
    state,
    undone.map(({ batch }) => batch),
  );
  if (context.now - context.done > toldLate) {
    const skipped = { ...factOf(context), why: `Left without ${names}` };
    return withoutLost(put(now, { ...departed, [`stops.${id}.skipped`]: skipped }), state);
  }
  return refuse(
    'illegal_step',
    `At ${placeName(state, now.route, id, stop)} there is still ${names} to do. Do it, or skip it with the reason.`,
    { field: 'stop', details: { stop: id, undone: undone.map(({ batch }) => batch) } },
  );
}

/** The stop is reached; the one before it is left. Those that were reached come first in the order. */
export function reach(now: Becoming, id: string, state: StateView, context: DecideContext): Becoming | Decision {
  const under = stopUnderWay(now.route);
  const left = under === undefined ? now : leave(now, under, state, context);
  if (isRefusal(left)) return left;
  return put(left, { [`stops.${id}.arrived`]: factOf(context), ...comesNext(left.route, id) });
}

/** The order with a stop after those that were reached, where it is another one. */
function comesNext(route: Route, id: string): { order?: string[] } {
  const reached = route.order.filter((one) => isReached(route.stops[one]!));
  if (route.order[reached.length] === id || reached.includes(id)) return {};
  return { order: [...reached, id, ...route.order.filter((one) => one !== id && !reached.includes(one))] };
}

/** The last stop that is left ends the route. */
export function finishedIfDone(now: Becoming, context: DecideContext): Becoming {
  const { route } = now;
  const open = route.order.some((id) => !hasEnded(route.stops[id]!));
  return open || route.order.length === 0 ? now : put(now, { status: 'finished', finishedAt: context.done });
}

export const decideStartRoute = onStep<PlainRoute>((route, _args, context, state) => {
  if (route.status === 'under_way') return refuse('nothing_to_change', `${route.reference} is under way already.`);
  const refusal = checkOpen(route);
  if (refusal) return refusal;
  if (route.driver === undefined) {
    return refuse('driver_required', `${route.reference} has no driver. Choose who drives it.`, { field: 'driver' });
  }
  if (route.order.length === 0) {
    return refuse('illegal_step', `${route.reference} has no stops yet. Plan them first.`);
  }
  const unfit = checkDriver(state, route.driver);
  if (unfit) return unfit;
  for (const other of state.all('route')) {
    if (other.id !== route.id && other.driver === route.driver && other.status === 'under_way') {
      return refuse('illegal_step', `${other.reference} is still under way. Finish it first.`, {
        details: { route: other.id },
      });
    }
  }
  return changeRoute(state, route, put(becoming(route), { status: 'under_way', startedAt: context.done }));
});

export const decideArriveAtStop = onStep<AtStop>((route, args, context, state) => {
  const refusal = checkUnderWay(route);
  if (refusal) return refusal;
  const stop = stopOf(route, args.stop);
  if (!stop) return unknownStop();
  if (hasEnded(stop)) return refuse('illegal_step', 'This stop has been left. Ask the desk to add it again.');
  if (stop.arrived) return refuse('nothing_to_change', 'The arrival at this stop is on record.');
  const made = reach(becoming(route), args.stop, state, context);
  return isRefusal(made) ? made : changeRoute(state, route, made);
});

export const decideDepartFromStop = onStep<AtStop>((route, args, context, state) => {
  const refusal = checkUnderWay(route);
  if (refusal) return refusal;
  const stop = stopOf(route, args.stop);
  if (!stop) return unknownStop();
  if (hasEnded(stop)) return refuse('nothing_to_change', 'This stop has been left already.');
  if (!stop.arrived) return refuse('illegal_step', 'Arrive at this stop first, or skip it with the reason.');
  const left = leave(becoming(route), args.stop, state, context);
  return isRefusal(left) ? left : changeRoute(state, route, finishedIfDone(left, context));
});

export const decideSkipStop = onStep<SkipStop>((route, args, context, state) => {
  const refusal = checkUnderWay(route);
  if (refusal) return refusal;
  const stop = stopOf(route, args.stop);
  if (!stop) return unknownStop();
  if (hasEnded(stop)) return refuse('nothing_to_change', 'This stop has been left already.');
  const skipped = put(becoming(route), {
    [`stops.${args.stop}.skipped`]: { ...factOf(context), why: args.reason },
    ...comesNext(route, args.stop),
  });
  return changeRoute(state, route, finishedIfDone(withoutLost(skipped, state), context), { why: args.reason });
});

/** The end of the day by hand: where nothing is left to be driven. */
export const decideFinishRoute = onStep<PlainRoute>((route, _args, context, state) => {
  const refusal = checkUnderWay(route);
  if (refusal) return refusal;
  const under = stopUnderWay(route);
  const left = under === undefined ? becoming(route) : leave(becoming(route), under, state, context);
  if (isRefusal(left)) return left;
  const open = left.route.order.filter((id) => !hasEnded(left.route.stops[id]!));
  if (open.length > 0) {
    const names = open.map((id) => placeName(state, route, id, route.stops[id]!)).join(', ');
    return refuse('illegal_step', `Still to be driven: ${names}. Serve them, or skip them with the reason.`, {
      details: { stops: open },
    });
  }
  return changeRoute(state, route, put(left, { status: 'finished', finishedAt: context.done }));
});
