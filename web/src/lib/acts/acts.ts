import type { BatchInView } from '@opsboard/shared/batches/schema';
import { expectedCount, statusWords, steps, type Status } from '@opsboard/shared/batches/steps';
import type { RightName } from '@opsboard/shared/protocol/rights';

/** What may happen to a batch besides its next step: hand-over, changes of the plan, and what really happens. */
export const actNames = [
  'handOver',
  'driver',
  'dueDate',
  'correctPart',
  'settle',
  'found',
  'split',
  'takeBack',
  'reopen',
  'cancel',
] as const;
export type ActName = (typeof actNames)[number];

/** One line of the menu. `why`: it cannot be done now, and the reason. */
export type Act = { readonly name: ActName; readonly label: string; readonly why?: string };

/** The right that each act needs. */
export const actRights: { readonly [A in ActName]: RightName } = {
  handOver: 'batch.handOver',
  driver: 'batch.assignDriver',
  dueDate: 'batch.moveDueDate',
  correctPart: 'batch.correctPart',
  settle: 'batch.settleParts',
  found: 'batch.restoreParts',
  split: 'batch.split',
  takeBack: 'batch.takeBack',
  reopen: 'batch.reopen',
  cancel: 'batch.cancel',
};

/** The status that taking back the last step leads to; undefined where there is no such step. */
export function statusBefore(status: Status): Status | undefined {
  return status === 'draft' || status === 'completed' ? undefined : steps[status].from;
}

/** Where parts that stay behind stand: before the last departure. */
export const behindAt = (status: Status): 'sealed' | 'at_center' =>
  status === 'at_center' || status === 'in_transit_back' ? 'at_center' : 'sealed';

/**
 * What may be done with a batch as it stands, in the order of the menu. What its status rules out altogether is left
 * out; what lacks something is there with what it lacks.
 */
export function actsOf(batch: BatchInView, may: (right: RightName) => boolean): readonly Act[] {
  const cancelled = batch.cancelledAt !== undefined;
  const open = batch.status !== 'completed' && !cancelled && batch.archivedAt === undefined;
  const draft = batch.status === 'draft';
  const label = (name: ActName): string | undefined => {
    const before = statusBefore(batch.status);
    switch (name) {
      case 'handOver':
        return open && batch.status === 'sealed'
          ? batch.handover
            ? 'Hand over again'
            : 'Hand over to the driver'
          : undefined;
      case 'driver':
        return open ? (batch.driver === undefined ? 'Choose a driver' : 'Change the driver') : undefined;
      case 'dueDate':
        return open ? 'Set a new expected return date' : undefined;
      case 'correctPart':
        return open ? 'Correct a wrong scan' : undefined;
      case 'settle':
        return open && !draft ? 'Report parts lost or scrapped' : undefined;
      case 'found':
        return open && (batch.outCount ?? 0) > 0 ? 'Put parts back that were found' : undefined;
      case 'split':
        return open && !draft ? 'Leave parts behind' : undefined;
      case 'takeBack':
        return open && before ? `Take back to ${statusWords[before].word}` : undefined;
      case 'reopen':
        return cancelled || batch.status === 'completed' ? 'Reopen' : undefined;
      case 'cancel':
        return open && draft ? 'Cancel the draft' : undefined;
    }
  };
  const why = (name: ActName): string | undefined => {
    if (name === 'correctPart' && batch.partCount === 0) return 'It has no parts';
    if (name === 'split' && expectedCount(batch) < 2) return 'One part must stay in each batch';
    if (name === 'settle' && expectedCount(batch) === 0) return 'No part is left in it';
    return undefined;
  };
  return actNames.flatMap((name) => {
    const words = label(name);
    if (words === undefined || !may(actRights[name])) return [];
    const reason = why(name);
    return [{ name, label: words, ...(reason === undefined ? {} : { why: reason }) }];
  });
}
