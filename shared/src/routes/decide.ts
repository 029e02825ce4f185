import { checkDriver } from '../batches/rules.ts';
import type { Decide } from '../protocol/decision.ts';
import { change, refuse } from '../protocol/decision.ts';
import type { Fields } from '../protocol/entries.ts';
import { editOf } from '../protocol/rules.ts';
import { isRefusal, withPlan } from './plan.ts';
import { batchesFollow, becoming, changeRoute, checkOpen, checkPlan, hadBy, onRoute, put } from './rules.ts';
import type { AssignRoute, CancelRoute, CreateRoute, EditRoute, PlanRoute, Route } from './schema.ts';
import { hasEnded, isReached } from './stops.ts';

export const decideCreateRoute: Decide<CreateRoute> = (state, args, context) => {
  if (state.get('route', args.id)) return refuse('already_exists', 'This route exists already.');
  const branch = state.get('branch', args.branch);
  if (!branch || branch.archivedAt !== undefined) {
    return refuse('unknown_reference', 'This branch does not exist or is archived. Choose another.', {
      field: 'branch',
    });
  }
  const unfit = args.driver === undefined ? undefined : checkDriver(state, args.driver);
  if (unfit) return unfit;
  const { id, stops, ...given } = args;
  const empty = {
    ...Object.fromEntries(Object.entries(given).filter(([, value]) => value !== undefined)),
    id,
    org: context.principal.org,
    rev: 0,
    reference: '',
    branch: args.branch,
    day: args.day,
    status: 'planned',
    stops: {},
    order: [],
    places: {},
    plan: 1,
    edited: 1,
    createdAt: context.done,
    createdBy: context.principal.id,
  } satisfies Route;
  const made = withPlan(undefined, becoming(empty), stops, state, context);
  if (isRefusal(made)) return made;
  const { id: _id, org: _org, rev: _rev, ...fields } = made.route;
  return change(
    { kind: 'route', id, create: true, set: { ...fields, reference: context.nextReference('route') } },
    ...batchesFollow(state, undefined, made.route),
  );
};

/** What a desk changes is numbered by its own `rev`: taps of a driver in between are no conflict. */
const edited = (route: Route): Fields => ({ edited: route.rev + 1 });

export const decideEditRoute = onRoute<EditRoute>((route, args, _context, state) => {
  const refusal = checkOpen(route);
  if (refusal) return refusal;
  if (args.rev < route.edited || args.rev > route.rev) {
    return refuse(
      'rev_conflict',
      'Somebody changed this in the meantime. Look at it as it is now, then change it again.',
      {
        details: { kind: 'route', id: route.id, rev: route.rev },
      },
    );
  }
  const { id: _id, rev: _rev, ...fields } = args;
  if (route.status === 'under_way' && (args.day !== undefined || args.startAt !== undefined)) {
    return refuse('illegal_step', `${route.reference} is under way: its day and departure stand.`);
  }
  const changed = editOf(route, fields);
  if (!changed) return refuse('nothing_to_change', 'Nothing is different from what it was.');
  return changeRoute(state, route, put(becoming(route), { ...changed.set, ...edited(route) }, changed.unset));
});

/** The load goes along: what the one driver has on the road for this route, the other one hands over. */
export const decideAssignRoute = onRoute<AssignRoute>((route, args, _context, state) => {
  const refusal = checkOpen(route) ?? checkPlan(route, args.plan);
  if (refusal) return refusal;
  const next = { plan: route.plan + 1, ...edited(route) };
  const unseen = route.acknowledged ? ['acknowledged'] : [];
  if (args.driver === null) {
    if (route.driver === undefined) return refuse('nothing_to_change', 'It has no driver.');
    if (route.status === 'under_way') {
      return refuse(
        'driver_required',
        `${route.reference} is under way. Name the driver who goes on with it instead.`,
        {
          field: 'driver',
        },
      );
    }
    const onBoard = Object.keys(route.stops)
      .flatMap((id) => route.stops[id]!.handOver)
      .some((id) => {
        const batch = state.get('batch', id);
        return batch?.status === 'in_transit_to_center' || batch?.status === 'in_transit_back';
      });
    if (onBoard) {
      return refuse('driver_required', 'Batches of this route are on the road. Name the driver who has them instead.', {
        field: 'driver',
      });
    }
    return changeRoute(state, route, put(becoming(route), { ...hadBy(route), ...next }, ['driver', ...unseen]));
  }
  const unfit = checkDriver(state, args.driver);
  if (unfit) return unfit;
  if (args.driver === route.driver) return refuse('nothing_to_change', 'This driver has it already.');
  return changeRoute(state, route, put(becoming(route), { driver: args.driver, ...hadBy(route), ...next }, unseen));
});

export const decidePlanRoute = onRoute<PlanRoute>((route, args, context, state) => {
  const refusal = checkOpen(route) ?? checkPlan(route, args.plan);
  if (refusal) return refusal;
  const made = withPlan(route, becoming(route), args.stops, state, context);
  if (isRefusal(made)) return made;
  if (Object.keys(made.set).length + made.unset.length === 0) {
    return refuse('nothing_to_change', 'Nothing is different from what it was.');
  }
  return changeRoute(state, route, put(made, { plan: route.plan + 1, ...edited(route) }));
});

export const decideCancelRoute = onRoute<CancelRoute>((route, args, context, state) => {
  const refusal = checkOpen(route);
  if (refusal) return refusal;
  const reached = Object.values(route.stops).filter(isReached).length;
  if (reached > 0) {
    return refuse(
      'illegal_step',
      `${route.reference} has been to ${reached} ${reached === 1 ? 'stop' : 'stops'}. Skip what is left, with the reason, and finish it instead.`,
      { details: { left: Object.values(route.stops).filter((stop) => !hasEnded(stop)).length } },
    );
  }
  const now = put(becoming(route), { status: 'cancelled', cancelledAt: context.now, ...edited(route) });
  return changeRoute(state, route, now, { why: args.reason });
});
