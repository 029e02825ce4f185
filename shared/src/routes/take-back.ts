import type { Batch } from '../batches/schema.ts';
import type { StepTarget } from '../batches/steps.ts';
import type { DecideContext, Decision, RecordChange, StateView } from '../protocol/decision.ts';
import { refuse } from '../protocol/decision.ts';
import type { Fields } from '../protocol/entries.ts';
import { reaches } from './rules.ts';
import type { Route } from './schema.ts';
import { hasEnded, isDone, isOpenRoute, openWorkOf } from './stops.ts';

/** What is on an open route moves with it: by hand it would move without its stop saying so. */
export function movesWithRoute(
  state: Pick<StateView, 'get'>,
  batch: Batch,
  { principal }: Pick<DecideContext, 'principal'>,
): Decision | undefined {
  if (batch.route === undefined) return undefined;
  const route = state.get('route', batch.route);
  // Routes of other branches are none of the asker's business, not even by name.
  const name = route && reaches(principal, route) ? route.reference : 'a route';
  return refuse(
    'on_route',
    `${batch.reference} is on ${name}. Do this at its stop there, or take it off the route first.`,
    { details: { route: batch.route } },
  );
}

/** What a step that is taken back changes of the route at whose stop it was made, and of the batch because of it. */
type TakenBack = { routes: RecordChange[]; set: Fields; unset: string[] };

const nothing: TakenBack = { routes: [], set: {}, unset: [] };

/**
 * A step that was made at a stop is taken back: while the driver is there, it is to be done again; later, the stop says
 * that it was taken back, and what was to follow on that route does not.
 */
export function takenBackAtStop(
  state: Pick<StateView, 'get'>,
  batch: Batch,
  from: StepTarget,
  why: string,
  context: DecideContext,
): TakenBack | Decision {
  const step = batch.steps[from];
  if (batch.route !== undefined && batch.route !== step?.route) return movesWithRoute(state, batch, context)!;
  const route = step?.route === undefined ? undefined : state.get('route', step.route);
  if (!route || route.archivedAt !== undefined) return nothing;
  const what = from === 'in_transit_to_center' || from === 'in_transit_back' ? 'pick_up' : 'hand_over';
  const at = route.order.find((id) => {
    const stop = route.stops[id]!;
    return isDone(stop, batch.id) && stop.done![batch.id]!.what === what;
  });
  if (at === undefined) return nothing;
  const open = openWorkOf(route).get(batch.id);
  if (what === 'hand_over' && open) return movesWithRoute(state, batch, context)!;
  const again = isOpenRoute(route) && !hasEnded(route.stops[at]!);
  const unset = custodyBack(batch, from, again ? (route.driver ?? batch.driver) : batch.driver);
  return again
    ? { ...openAgain(route, batch, at, why), unset }
    : marked(route, batch, at, { why, unset, open: open !== undefined }, context);
}

/**
 * What the driver took over with the departure goes back with it, and so does what another driver had taken over before
 * the route became somebody else's.
 */
function custodyBack(batch: Batch, from: StepTarget, driver: string | undefined): string[] {
  if (from !== 'in_transit_to_center' || !batch.handover) return [];
  return batch.handover.at === batch.steps[from]?.at || batch.handover.to !== driver ? ['handover'] : [];
}

function openAgain(route: Route, batch: Batch, at: string, why: string): Omit<TakenBack, 'unset'> {
  return {
    routes: [
      {
        kind: 'route',
        id: route.id,
        set: {},
        // The receiver's name stays until it is done again: it is nowhere else, should this be undone.
        unset: [`stops.${at}.done.${batch.id}`],
        why,
      },
    ],
    set: { route: route.id, ...(route.driver === undefined ? {} : { driver: route.driver }) },
  };
}

function marked(
  route: Route,
  batch: Batch,
  at: string,
  more: { why: string; unset: readonly string[]; open: boolean },
  context: DecideContext,
): TakenBack {
  const set: Fields = {
    [`stops.${at}.done.${batch.id}.takenBack`]: { at: context.done, by: context.principal.id, why: more.why },
  };
  if (more.open) {
    for (const [id, stop] of Object.entries(route.stops)) {
      if (hasEnded(stop) || !stop.handOver.includes(batch.id)) continue;
      set[`stops.${id}.handOver`] = stop.handOver.filter((one) => one !== batch.id);
    }
    set['plan'] = route.plan + 1;
    set['edited'] = route.rev + 1;
  }
  return {
    routes: [{ kind: 'route', id: route.id, set, why: more.why }],
    set: {},
    unset: [...more.unset, ...(more.open ? ['route'] : [])],
  };
}
