import { sameValue } from '../protocol/patch.ts';
import type { Route, Stop } from './schema.ts';
import { hasEnded, isReached } from './stops.ts';

/** One thing that a desk changed of what a driver drives. `stop` is an id; a dropped one is in the plan before only. */
export type PlanChange =
  | { what: 'added' | 'dropped' | 'moved' | 'window' | 'note' | 'place'; stop: string }
  | { what: 'pick_up' | 'hand_over'; stop: string; added: string[]; dropped: string[] }
  | { what: 'departure' | 'vehicle' | 'day' | 'driver' };

type Planned = Pick<Route, 'stops' | 'order' | 'startAt' | 'vehicle' | 'day' | 'driver'>;

const differ = (was: readonly string[], is: readonly string[]) => ({
  added: is.filter((id) => !was.includes(id)),
  dropped: was.filter((id) => !is.includes(id)),
});

/**
 * What changed between two plans of a route, for the driver who knew the first one: the stops still to be driven, in the
 * order of the second plan, then what was dropped, then the route itself. What the driver did is no change.
 */
export function planChanges(before: Planned, after: Planned): PlanChange[] {
  const changes: PlanChange[] = [];
  const moved = movedIn(before, after);
  for (const id of after.order) {
    const is = after.stops[id]!;
    if (hasEnded(is)) continue;
    const was = Object.hasOwn(before.stops, id) ? before.stops[id] : undefined;
    if (!was) {
      changes.push({ what: 'added', stop: id });
      continue;
    }
    if (moved.has(id)) changes.push({ what: 'moved', stop: id });
    changes.push(...stopChanges(id, was, is));
  }
  for (const id of before.order) {
    if (!Object.hasOwn(after.stops, id) && !isReached(before.stops[id]!)) changes.push({ what: 'dropped', stop: id });
  }
  if (before.startAt !== after.startAt) changes.push({ what: 'departure' });
  if (before.vehicle !== after.vehicle) changes.push({ what: 'vehicle' });
  if (before.day !== after.day) changes.push({ what: 'day' });
  if (before.driver !== after.driver) changes.push({ what: 'driver' });
  return changes;
}

function stopChanges(stop: string, was: Stop, is: Stop): PlanChange[] {
  const changes: PlanChange[] = [];
  if (!sameValue(was.place, is.place)) changes.push({ what: 'place', stop });
  const picked = differ(was.pickUp, is.pickUp);
  if (picked.added.length + picked.dropped.length > 0) changes.push({ what: 'pick_up', stop, ...picked });
  const handed = differ(was.handOver, is.handOver);
  if (handed.added.length + handed.dropped.length > 0) changes.push({ what: 'hand_over', stop, ...handed });
  if (was.from !== is.from || was.to !== is.to || was.plannedAt !== is.plannedAt)
    changes.push({ what: 'window', stop });
  if (was.note !== is.note) changes.push({ what: 'note', stop });
  return changes;
}

/** The stops whose place in the order is another one: as few as explain it, those that still follow each other aside. */
function movedIn(before: Planned, after: Planned): Set<string> {
  const open = (plan: Planned) =>
    plan.order.filter((id) => {
      const [a, b] = [before.stops[id], after.stops[id]];
      return a !== undefined && b !== undefined && !isReached(a) && !isReached(b);
    });
  const [was, is] = [open(before), open(after)];
  const kept = new Set(longestCommon(was, is));
  return new Set(is.filter((id) => !kept.has(id)));
}

/** The longest list that is in both, in this order. */
function longestCommon(a: readonly string[], b: readonly string[]): string[] {
  const lengths = Array.from({ length: a.length + 1 }, () => new Array<number>(b.length + 1).fill(0));
  for (let i = a.length - 1; i >= 0; i--) {
    for (let j = b.length - 1; j >= 0; j--) {
      lengths[i]![j] = a[i] === b[j] ? lengths[i + 1]![j + 1]! + 1 : Math.max(lengths[i + 1]![j]!, lengths[i]![j + 1]!);
    }
  }
  const common: string[] = [];
  for (let i = 0, j = 0; i < a.length && j < b.length;) {
    if (a[i] === b[j]) {
      common.push(a[i]!);
      i++;
      j++;
    } else if (lengths[i + 1]![j]! >= lengths[i]![j + 1]!) i++;
    else j++;
  }
  return common;
}

type Names = { place(stop: string): string; batch(id: string): string };

/** A change as a sentence for the driver. `names.place` is asked for dropped stops, too. */
export function planChangeWords(change: PlanChange, names: Names): string {
  switch (change.what) {
    case 'added':
      return `${names.place(change.stop)} was added`;
    case 'dropped':
      return `${names.place(change.stop)} was taken off`;
    case 'moved':
      return `${names.place(change.stop)} comes at another place in the order`;
    case 'place':
      return `${names.place(change.stop)} is another place`;
    case 'window':
      return `${names.place(change.stop)} has another time`;
    case 'note':
      return `${names.place(change.stop)} has another note`;
    case 'pick_up':
    case 'hand_over': {
      const act = change.what === 'pick_up' ? 'Pick up' : 'Hand over';
      const list = (batches: readonly string[]) => batches.map((id) => names.batch(id)).join(', ');
      const parts = [
        ...(change.added.length > 0 ? [`${act} ${list(change.added)} as well`] : []),
        ...(change.dropped.length > 0 ? [`No longer ${act.toLowerCase()} ${list(change.dropped)}`] : []),
      ];
      return `${names.place(change.stop)}: ${parts.join('. ')}`;
    }
    case 'departure':
      return 'Another time of departure';
    case 'vehicle':
      return 'Another vehicle';
    case 'day':
      return 'Another day';
    case 'driver':
      return 'Another driver';
  }
}
