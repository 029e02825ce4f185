import type { BatchInView } from '@opsboard/shared/batches/schema';
import { statuses, type Status } from '@opsboard/shared/batches/steps';
import { byDue } from '#lib/batches/figures.ts';

/** The heights of a card and of the gap under it, in pixels: what makes columns of thousands cheap to lay out. */
export const CARD = 114;
export const CARD_DONE = 100;
export const GAP = 8;

export const cardHeight = (status: Status): number => (status === 'completed' ? CARD_DONE : CARD);

/** Where a batch would stand in a column, by its order. */
export function slotIn(column: readonly BatchInView[], status: Status, batch: BatchInView): number {
  // What has just been completed goes to the top; the rest stands by its date.
  if (status === 'completed') return 0;
  let low = 0;
  let high = column.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    const there = column[middle];
    if (there && byDue(there, batch) < 0) low = middle + 1;
    else high = middle;
  }
  return low;
}

/** The nearest column to the left or right, or undefined at the edge. */
export function besides(status: Status, step: -1 | 1): Status | undefined {
  return statuses[statuses.indexOf(status) + step];
}

/** How many of a sorted column are past `at`: the first that is not is at this index. */
export function passed(column: readonly BatchInView[], at: number): number {
  let low = 0;
  let high = column.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((column[middle]?.dueAt ?? 0) < at) low = middle + 1;
    else high = middle;
  }
  return low;
}
