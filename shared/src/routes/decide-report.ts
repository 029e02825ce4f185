import { change, refuse } from '../protocol/decision.ts';
import { checkOpen, onRoute } from './rules.ts';
import type { AcknowledgePlan, PlainRoute, ReportProblem, ResolveProblem } from './schema.ts';
import { isOpenRoute } from './stops.ts';

export const decideAcknowledge = onRoute<AcknowledgePlan>((route, args, context) => {
  const refusal = checkOpen(route);
  if (refusal) return refusal;
  if (args.plan > route.plan) return refuse('bad_request', 'There is no such plan yet.', { field: 'plan' });
  if (route.acknowledged && route.acknowledged.plan >= args.plan) {
    return refuse('nothing_to_change', 'This plan has been acknowledged already.');
  }
  return change({ kind: 'route', id: route.id, set: { acknowledged: { plan: args.plan, at: context.done } } });
});

/** Also on a route that is over: what a phone kept may come late. */
export const decideReport = onRoute<ReportProblem>((route, args, context) => {
  const { id, problem, ...given } = args;
  if (route.problems && Object.hasOwn(route.problems, problem))
    return refuse('already_exists', 'This problem is on record already.');
  if (args.stop !== undefined && args.reason !== 'not_accepted' && !Object.hasOwn(route.stops, args.stop)) {
    return refuse('unknown_reference', 'This stop is not on the route any more. Report it without the stop.', {
      field: 'stop',
    });
  }
  const facts = Object.fromEntries(Object.entries(given).filter(([, value]) => value !== undefined));
  const reported = { at: context.done, by: context.principal.id, ...facts };
  return change({ kind: 'route', id, set: { [`problems.${problem}`]: reported } });
});

export const decideResolve = onRoute<ResolveProblem>((route, args, context) => {
  const problem =
    route.problems && Object.hasOwn(route.problems, args.problem) ? route.problems[args.problem] : undefined;
  if (!problem) return refuse('not_found', 'There is no such problem on this route.');
  if (problem.resolved) return refuse('nothing_to_change', 'This problem is resolved already.');
  const resolved = {
    at: context.done,
    by: context.principal.id,
    ...(args.how !== undefined && { how: args.how }),
  };
  return change({ kind: 'route', id: route.id, set: { [`problems.${args.problem}.resolved`]: resolved } });
});

/** What a driver had to know of the places is not kept: the directory has it. */
export const decideArchiveRoute = onRoute<PlainRoute>((route, _args, context) =>
  isOpenRoute(route)
    ? refuse('illegal_step', `${route.reference} is still open.`)
    : change({
        kind: 'route',
        id: route.id,
        set: { archivedAt: context.now },
        unset: route.places === undefined ? [] : ['places'],
      }),
);
