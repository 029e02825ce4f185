import type { BatchInView } from '@opsboard/shared/batches/schema';
import { statuses, type Status } from '@opsboard/shared/batches/steps';
import { byDue } from '#lib/batches/figures.ts';
import { placeIn } from '#lib/batches/live-order.ts';

/** How much a card shows: everything, or two lines. */
export type Density = 'comfortable' | 'compact';

/** The heights of a card and of the gap under it, in pixels: what makes columns of thousands cheap to lay out. */
const heights = { comfortable: { card: 114, done: 100, gap: 8 }, compact: { card: 44, done: 44, gap: 4 } } as const;

export const cardHeight = (status: Status, density: Density): number =>
  status === 'completed' ? heights[density].done : heights[density].card;
export const gapOf = (density: Density): number => heights[density].gap;

/** Where a batch would stand in a column, by its order. */
export function slotIn(column: readonly BatchInView[], status: Status, batch: BatchInView): number {
  // What has just been completed goes to the top; the rest stands by its date.
  if (status === 'completed') return 0;
  return placeIn(column, batch, byDue);
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
