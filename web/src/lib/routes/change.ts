import type { PlannedStop, Route } from '@opsboard/shared/routes/schema';
import { app } from '#lib/app.ts';
import { clock } from '#lib/time/clock.svelte.ts';
import { positionOf, startPoint } from './routes.svelte.ts';
import { sayRefused, sendRoute } from './send.ts';
import { withTimes } from './times.ts';

/**
 * Sends another plan for the stops that are still to be driven, with the times that it gives.
 *
 * @param title what is said once it is done
 * @param timed false where the plan keeps its times: only a note was changed
 */
export async function changePlan(
  route: Route,
  stops: readonly PlannedStop[],
  title: string,
  timed = true,
): Promise<string | undefined> {
  const args = {
    id: route.id,
    plan: route.plan,
    stops: timed ? withTimes(route, stops, { now: clock.exact(), start: startPoint(route) }, positionOf) : [...stops],
  };
  const refusal = app.preview('route.plan', args);
  if (refusal) {
    sayRefused(route, refusal);
    return refusal.message;
  }
  const told =
    route.driver === undefined || route.status !== 'under_way' ? undefined : "The driver's phone says what changed.";
  const error = await sendRoute('route.plan', args, route, {
    title,
    ...(told === undefined ? {} : { text: told }),
    back: 'has its stops as before',
  });
  return error?.message;
}
