import type { Batch } from '../batches/schema.ts';
import { expectedCount } from '../batches/steps.ts';
import { draftVerbs, faultOf } from '../batches/whole.ts';
import type { Route } from '../routes/schema.ts';
import { placeShownOf } from '../routes/places.ts';
import { hadBy } from '../routes/rules.ts';
import { onRouteFault, routeFault } from '../routes/whole.ts';
import type { Decide, RecordChange, StateView } from './decision.ts';
import { change, refuse } from './decision.ts';
import type { Entry } from './entries.ts';
import { patched, sameValue, valueAt } from './patch.ts';

/** The args of `undo`. */
export type Undo = { commandId: string };

/** Commands whose effect a person can take back. What is not here is changed by its own command, with a reason. */
export const reversible: ReadonlySet<string> = new Set([
  'batch.edit',
  'batch.assignDriver',
  'batch.moveDueDate',
  'batch.addParts',
  'batch.removeParts',
  'batch.correctPart',
  'batch.settleParts',
  'batch.restoreParts',
  'batch.seal',
  'batch.handOver',
  'batch.depart',
  'batch.arrive',
  'batch.departBack',
  'batch.complete',
  'batch.takeBack',
  'batch.cancel',
  'batch.reopen',
  'route.edit',
  'route.assign',
  'route.plan',
  'route.cancel',
  'organization.setWipLimit',
  'branch.archive',
  'branch.merge',
  'warehouse.archive',
  'warehouse.merge',
  'vendor.archive',
  'vendor.merge',
  'customer.archive',
  'customer.merge',
  'center.archive',
  'center.merge',
  'team.archive',
  'team.merge',
  'template.edit',
  'template.archive',
  'savedView.edit',
  'savedView.archive',
]);

/** The first path of an entry whose value is another one by now; undefined: the record is as the entry left it. */
export function changedSince(record: object, entry: Pick<Entry, 'set' | 'unset'>): string | undefined {
  return (
    Object.keys(entry.set).find((path) => !sameValue(valueAt(record, path), entry.set[path])) ??
    entry.unset.find((path) => valueAt(record, path) !== undefined || !hasPlaceFor(record, path))
  );
}

/** Whether what a dotted path stands in is still there: a part's mark has no place once the part has left the batch. */
function hasPlaceFor(record: object, path: string): boolean {
  const dot = path.lastIndexOf('.');
  return dot === -1 || valueAt(record, path.slice(0, dot)) !== undefined;
}

/**
 * Undo restores what was before a command. It meets the ordinary rules (the dispatcher also asks for the right to the
 * command being undone) and is refused where a field has changed since, after the organization's time for it, and for
 * commands that cannot be reversed.
 */
export const decideUndo: Decide<Undo> = (state, args, context) => {
  const entries = state.entriesOf(args.commandId);
  const first = entries[0];
  if (!first) return refuse('not_found', 'There is no such change to undo.');
  if (!reversible.has(first.verb)) {
    return refuse('not_reversible', 'This cannot be undone. Change it again instead.', {
      details: { verb: first.verb },
    });
  }
  const grace = state.get('organization', first.org)?.undoSeconds ?? 0;
  if (context.now - first.at > grace * 1000) {
    return refuse('not_reversible', `Undo is possible for ${grace} seconds. Change it again instead.`);
  }
  const changes: RecordChange[] = [];
  for (const entry of entries) {
    const record = state.get(entry.kind, entry.id);
    if (!record) return refuse('not_found', 'What was changed is no longer there.');
    // What a route had of its places is gone with its archiving, and nobody drives it any more.
    if (entry.kind === 'route' && (record as Route).archivedAt !== undefined) {
      return refuse('archived', `${(record as Route).reference} is archived and no longer changes.`);
    }
    const later = changedSince(record, entry);
    if (later !== undefined) {
      return refuse('changed_since', 'Somebody has changed this since. Look at it as it is now.', {
        details: { kind: entry.kind, id: entry.id, path: later },
      });
    }
    const created = Object.keys(entry.set).filter((path) => !Object.hasOwn(entry.was, path));
    const fault = entry.kind === 'batch' && faultAfter(record as Batch, entry, created);
    if (fault) {
      return refuse('changed_since', `${fault} Look at it as it is now.`, {
        details: { kind: entry.kind, id: entry.id },
      });
    }
    const undone = { kind: entry.kind, id: entry.id, set: entry.was, unset: created };
    changes.push(entry.kind === 'route' ? withoutPersonal(state, record as Route, undone) : undone);
  }
  const apart = routesApart(state, changes);
  if (apart) return refuse('changed_since', `${apart} Look at it as it is now.`);
  return change(...changes);
};

/**
 * What a route's entry does not hold, its places, comes from the directory again. A plan taken back is a new plan, for a
 * driver who knows the other one.
 */
function withoutPersonal(state: StateView, route: Route, undone: RecordChange): RecordChange {
  const set = { ...undone.set };
  const unset = new Set(undone.unset);
  if (Object.hasOwn(set, 'plan')) set['plan'] = route.plan + 1;
  if (Object.hasOwn(set, 'edited')) set['edited'] = route.rev + 1;
  // Whoever had it meanwhile may have driven it without network.
  if ((Object.hasOwn(set, 'driver') || unset.has('driver')) && route.driver !== undefined) {
    Object.assign(set, hadBy(route));
    unset.delete('formerDrivers');
  }
  const { stops } = patched(route, undone.set, undone.unset);
  for (const [id, stop] of Object.entries(stops)) {
    // A stop whose place was merged into another goes to the former one again.
    const known = route.places && Object.hasOwn(route.places, id) && sameValue(stop.place, route.stops[id]?.place);
    const place = known ? undefined : placeShownOf(state, stop.place);
    if (place) set[`places.${id}`] = place;
  }
  for (const id of Object.keys(route.places ?? {})) if (!Object.hasOwn(stops, id)) unset.add(`places.${id}`);
  return { ...undone, set, unset: [...unset] };
}

/** Why a route and what is on it would not fit together any more with these changes. */
function routesApart(state: StateView, changes: readonly RecordChange[]): string | undefined {
  const after = new Map<string, object>();
  for (const { kind, id, set, unset } of changes) after.set(`${kind}/${id}`, patched(state.get(kind, id)!, set, unset));
  const view: Pick<StateView, 'get'> = {
    get: (kind, id) => (after.get(`${kind}/${id}`) as never) ?? state.get(kind, id),
  };
  const routes = new Set<string>();
  for (const { kind, id } of changes) {
    if (kind === 'route') routes.add(id);
    if (kind !== 'batch') continue;
    const fault = onRouteFault(view.get('batch', id)!, view);
    if (fault) return fault;
    for (const at of [state.get('batch', id)?.route, view.get('batch', id)?.route])
      if (at !== undefined) routes.add(at);
  }
  for (const id of routes) {
    const route = view.get('route', id);
    const fault = route && routeFault(route, view);
    if (fault) return fault;
  }
  return undefined;
}

/** Why a batch would not be whole with the entry taken back, although each of its fields is as the entry left it. */
function faultAfter(batch: Batch, entry: Entry, created: readonly string[]): string | undefined {
  if (draftVerbs.has(entry.verb) && batch.status !== 'draft') return `${batch.reference} has been sealed since.`;
  const after = patched(batch, entry.was, created);
  // Sealed again without being counted again: only if it is the number that was counted.
  const counted = after.steps?.sealed?.count;
  if (batch.status === 'draft' && after.status !== 'draft' && counted !== undefined && counted !== expectedCount(after))
    return `The parts of ${batch.reference} have changed since.`;
  return faultOf(after);
}
