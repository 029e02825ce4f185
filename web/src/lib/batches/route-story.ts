import type { Status } from '@opsboard/shared/batches/steps';
import { counted } from '#lib/time/format.ts';
import type { Told } from './story.ts';

/** What a sentence says besides who and what. */
type Said = { did: string; rest: string; status?: Status };

const routeWords: { readonly [verb: string]: readonly [did: string, rest: string] } = {
  'route.create': ['planned', ''],
  'route.edit': ['changed', ''],
  'route.assign': ['gave', 'to another driver'],
  'route.plan': ['planned', 'anew'],
  'route.cancel': ['cancelled', ''],
  'route.start': ['started', ''],
  'route.arrive': ['arrived at a stop of', ''],
  'route.depart': ['departed from a stop of', ''],
  'route.skip': ['left out a stop of', ''],
  'route.pickUp': ['picked up at a stop of', ''],
  'route.handOver': ['handed over at a stop of', ''],
  'route.finish': ['finished', ''],
  'route.acknowledge': ['has seen the plan of', ''],
  'route.report': ['reported a problem on', ''],
  'route.resolve': ['solved a problem of', ''],
  'route.archive': ['archived', ''],
  'batch.takeBack': ['took back a step on', ''],
  'batch.reopen': ['took back a hand-over on', ''],
};

/** A change of a route in words. */
export function tellRoute({ verb, set = {}, unset = [] }: Told): Said {
  // The last stop that is left ends the route, whatever left it.
  if (set['status'] === 'finished') return { did: 'finished', rest: '' };
  if (verb === 'route.assign' && unset.includes('driver')) return { did: 'took', rest: 'off its driver' };
  const [did, rest] = routeWords[verb] ?? ['changed', ''];
  return { did, rest };
}

/** What a route made of a batch, in words: it was moved at a stop, came onto the route, or left it. */
export function tellOnRoute(
  { set = {}, unset = [] }: Told,
  places: { center: string; branch: string | undefined },
): Said | undefined {
  const status = set['status'] as Status | undefined;
  const step = status && (set[`steps.${status}`] as { count?: number } | undefined);
  const count = step?.count === undefined ? '' : `, ${counted(step.count, 'part')} counted`;
  switch (status) {
    case 'in_transit_to_center':
      return { did: 'picked up', rest: `for ${places.center}${count}`, status };
    case 'at_center':
      return { did: 'handed over', rest: `at ${places.center}${count}`, status };
    case 'in_transit_back':
      return { did: 'picked up', rest: `at ${places.center}${count}`, status };
    case 'completed':
      return { did: 'brought', rest: `home${places.branch ? ` to ${places.branch}` : ''}${count}`, status };
  }
  if (set['route'] !== undefined) return { did: 'put', rest: 'on a route' };
  if (unset.includes('route')) return { did: 'took', rest: 'off its route' };
  if (set['driver'] !== undefined) return { did: 'gave', rest: 'to another driver, with its route' };
  return unset.includes('driver') ? { did: 'took', rest: 'off its driver, with its route' } : undefined;
}
