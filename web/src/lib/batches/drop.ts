import type { BatchInView } from '@opsboard/shared/batches/schema';
import { nextStatus, statuses, statusWords, type Status } from '@opsboard/shared/batches/steps';

/** What a drop on a column would do, said in the column's head before the hand lets go. */
export type Drop =
  /** The column that the card came from. */
  | { kind: 'here'; text: string }
  /** The next step. `asks` names what a form will ask for first. */
  | { kind: 'step'; text: string; asks?: 'count' | 'driver' }
  /** Not possible, and why. Each column has its own reason: one sentence five times is noise. */
  | { kind: 'refused'; text: string };

type Names = { driver: string | undefined; center: string };

function consequence(batch: BatchInView, to: Status, names: Names): Drop {
  switch (to) {
    case 'sealed':
      return { kind: 'step', text: 'Drop: count the parts', asks: 'count' };
    case 'in_transit_to_center':
      return batch.driver === undefined
        ? { kind: 'step', text: 'Drop: choose who takes it', asks: 'driver' }
        : { kind: 'step', text: `Drop: departs with ${names.driver ?? 'its driver'}` };
    case 'at_center':
      return { kind: 'step', text: `Drop: arrives at ${names.center}` };
    case 'in_transit_back':
      return batch.driver === undefined
        ? { kind: 'step', text: 'Drop: choose who fetches it', asks: 'driver' }
        : { kind: 'step', text: `Drop: returns with ${names.driver ?? 'its driver'}` };
    case 'completed':
      return { kind: 'step', text: 'Drop: count what is back', asks: 'count' };
    case 'draft':
      return { kind: 'refused', text: 'No way back to draft' };
  }
}

/** What dropping a batch on a column would do. */
export function dropOn(batch: BatchInView, to: Status, names: Names): Drop {
  if (to === batch.status) return { kind: 'here', text: `${batch.reference} is from here` };
  if (to === nextStatus(batch.status)) return consequence(batch, to, names);
  const index = statuses.indexOf(to);
  if (index < statuses.indexOf(batch.status)) {
    return { kind: 'refused', text: to === 'draft' ? 'No way back to draft' : 'Already behind it' };
  }
  const before = statuses[index - 1];
  return { kind: 'refused', text: before ? `Comes after ${statusWords[before].short}` : 'Not the next step' };
}
