import type { Batch } from './schema.ts';
import { startStep } from './steps.ts';

/**
 * What no batch may be, whatever brought it there: undo puts single fields back, and asks this whether they still fit
 * the others. A sentence for a person, or undefined when the batch is whole.
 */
export function faultOf(batch: Batch): string | undefined {
  const { reference, status, handover, driver } = batch;
  if (status !== 'draft' && batch.partCount === 0) return `${reference} has no parts any more.`;
  if (status === 'draft' && handover) return `${reference} has been handed over since.`;
  if (status === 'sealed' && handover && handover.to !== driver) {
    return `${reference} is with the driver who took it over.`;
  }
  if ((status === 'in_transit_to_center' || status === 'in_transit_back') && driver === undefined) {
    return `${reference} is on the road, and needs its driver.`;
  }
  // The date is no guess any more once what it is counted from has happened.
  if (batch.provisional && batch.slaStart && batch.steps[startStep[batch.slaStart]]) {
    return `The time of ${reference} has begun to count.`;
  }
  if (batch.cancelledAt !== undefined ? status !== 'draft' : batch.archivedAt !== undefined && status !== 'completed') {
    return `${reference} is closed by now.`;
  }
  return undefined;
}

/** What changes a batch only while it is a draft; it is taken back only there, too. */
export const draftVerbs: ReadonlySet<string> = new Set(['batch.edit', 'batch.addParts', 'batch.removeParts']);
