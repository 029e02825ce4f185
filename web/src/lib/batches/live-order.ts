import type { BatchInView } from '@opsboard/shared/batches/schema';

/** One batch before and after a change, as shown; absent where it was not, or is no longer, in view. */
export type Touched = { readonly before: BatchInView | undefined; readonly after: BatchInView | undefined };
/** Negative: `a` stands before `b`. Must be a total order. */
export type Order = (a: BatchInView, b: BatchInView) => number;

/** The index at which a batch stands, or would stand, in a list in this order. */
export function placeIn(list: readonly BatchInView[], batch: BatchInView, order: Order): number {
  let low = 0;
  let high = list.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (order(list[middle]!, batch) < 0) low = middle + 1;
    else high = middle;
  }
  return low;
}

/** Takes a batch out of a list in this order, in place. It must be as it was when it was put in. */
export function take(list: BatchInView[], batch: BatchInView, order: Order): void {
  const at = placeIn(list, batch, order);
  if (list[at]?.id === batch.id) list.splice(at, 1);
}

/** Puts a batch into a list in this order, in place. */
export function put(list: BatchInView[], batch: BatchInView, order: Order): void {
  list.splice(placeIn(list, batch, order), 0, batch);
}

/** More changes than this share of the list at once: sorting anew is cheaper than one step after the other. */
const manyAre = 0.1;

/**
 * A list kept in order while its members change. Sorting 10,000 batches anew for every change was what made a busy
 * board slow; a change now costs two searches and a copy.
 *
 * @returns a new list, or the same where nothing was touched
 */
export function reordered(list: readonly BatchInView[], touched: readonly Touched[], order: Order): BatchInView[] {
  if (touched.length === 0) return list as BatchInView[];
  if (touched.length > 16 && touched.length > list.length * manyAre) {
    const now = new Map(list.map((batch) => [batch.id, batch]));
    for (const { before, after } of touched) {
      if (after) now.set(after.id, after);
      else if (before) now.delete(before.id);
    }
    return [...now.values()].sort(order);
  }
  const next = [...list];
  for (const { before, after } of touched) {
    if (before) take(next, before, order);
    if (after) put(next, after, order);
  }
  return next;
}

/** How many entries a log keeps for those who are behind. */
const kept = 4_000;

/** What happened, in order, for whoever keeps something in step with it, each at their own pace. */
export class ChangeLog<T> {
  #entries: T[] = [];
  #begin = 0;

  /** The position after the last entry. */
  get end(): number {
    return this.#begin + this.#entries.length;
  }

  add(entry: T): void {
    this.#entries.push(entry);
    if (this.#entries.length < 2 * kept) return;
    this.#entries.splice(0, kept);
    this.#begin += kept;
  }

  /** What came after a position; undefined when that is no longer known and one must begin afresh. */
  since(position: number): readonly T[] | undefined {
    return position < this.#begin ? undefined : this.#entries.slice(position - this.#begin);
  }
}
