import type { BatchInView } from '@opsboard/shared/batches/schema';
import { expectedCount, nextStatus, steps, type StepTarget } from '@opsboard/shared/batches/steps';
import type { CommandName } from '@opsboard/shared/protocol/deciders';
import { app } from '#lib/app.ts';
import { may } from '#lib/session/may.ts';
import { derivedId } from './derived-id.ts';
import type { BulkItem } from './run.ts';

/** What can be done to many batches at once: their next step, or a change of the same field of all. */
export type BulkAction = StepTarget | 'driver' | 'date' | 'cancel';

export const bulkActions: readonly BulkAction[] = [
  'sealed',
  'in_transit_to_center',
  'at_center',
  'in_transit_back',
  'completed',
  'driver',
  'date',
  'cancel',
];

type Words = {
  /** On the button: "Seal". */
  readonly does: string;
  /** What it did to `12 batches`: "sealed". */
  readonly did: string;
  readonly verb: CommandName;
};

export const bulkWords: { readonly [A in BulkAction]: Words } = {
  sealed: { does: 'Seal', did: 'sealed', verb: 'batch.seal' },
  in_transit_to_center: { does: 'Depart', did: 'departed', verb: 'batch.depart' },
  at_center: { does: 'Arrive at center', did: 'arrived at the center', verb: 'batch.arrive' },
  in_transit_back: { does: 'Depart for return', did: 'left the center', verb: 'batch.departBack' },
  completed: { does: 'Complete', did: 'completed', verb: 'batch.complete' },
  driver: { does: 'Assign driver', did: 'given to a driver', verb: 'batch.assignDriver' },
  date: { does: 'New date', did: 'expected on the new date', verb: 'batch.moveDueDate' },
  cancel: { does: 'Cancel', did: 'cancelled', verb: 'batch.cancel' },
};

const isStep = (action: BulkAction): action is StepTarget => Object.hasOwn(steps, action);

/** What a form must ask for before. */
export function bulkNeeds(action: BulkAction): 'count' | 'driver' | 'date' | 'reason' | undefined {
  if (action === 'driver') return 'driver';
  if (action === 'date') return 'date';
  if (action === 'cancel') return 'reason';
  const [need] = steps[action].needs;
  return need;
}

/** Whether it may be tried on a batch: it is the next step, and the person has the right. The server judges the rest. */
export function applies(action: BulkAction, batch: BatchInView): boolean {
  if (!may(bulkWords[action].verb, { branch: batch.branch, owner: batch.driver })) return false;
  if (isStep(action)) return nextStatus(batch.status) === action;
  return action === 'cancel' ? batch.status === 'draft' : batch.status !== 'completed';
}

/** What the form gave. */
export type BulkGiven = {
  /** Counted parts by batch; one that is not named was counted as it is listed. */
  readonly counts?: ReadonlyMap<string, number>;
  readonly driver?: string;
  /** Whether those that have a driver get this one as well. */
  readonly everyDriver?: boolean;
  readonly dueAt?: number;
  readonly reason?: string;
};

function argsOf(action: BulkAction, id: string, given: BulkGiven): object {
  // As it is now, not as it was when it was chosen: an edit names the version that it was made on.
  const batch = app.get('batch', id);
  const rev = batch?.rev ?? 1;
  switch (action) {
    case 'sealed':
    case 'completed':
      return { id, count: given.counts?.get(id) ?? (batch ? expectedCount(batch) : 0) };
    case 'in_transit_to_center':
    case 'in_transit_back': {
      const named = given.driver !== undefined && (given.everyDriver === true || batch?.driver === undefined);
      return named ? { id, driver: given.driver } : { id };
    }
    case 'at_center':
      return { id };
    case 'driver':
      return { id, rev, driver: given.driver ?? null };
    case 'date':
      return { id, rev, dueAt: given.dueAt, reason: given.reason };
    case 'cancel':
      return { id, reason: given.reason };
  }
}

/** One command for each batch, under ids that follow from the bulk's. */
export function itemsOf(action: BulkAction, bulk: string, batches: readonly string[], given: BulkGiven): BulkItem[] {
  return batches.map((id) => ({
    record: id,
    reference: app.get('batch', id)?.reference ?? '–',
    commandId: derivedId(bulk, id),
    name: bulkWords[action].verb,
    args: () => argsOf(action, id, given),
  }));
}
