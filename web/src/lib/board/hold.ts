import type { BatchInView } from '@opsboard/shared/batches/schema';
import { placeIn, type Order } from '#lib/batches/live-order.ts';

/** An order that is kept while a hand is over it: the list as it was then. */
export type Held = { readonly list: readonly BatchInView[]; readonly index: ReadonlyMap<string, number> };

/** Keeps the order of a list as it is. */
export const hold = (list: readonly BatchInView[]): Held => ({
  list,
  index: new Map(list.map(({ id }, i) => [id, i])),
});

/** What is shown of a held list, and what waits. */
export type Shown = {
  /** The places, in the order that is kept. The records are as they were: look up what they are now. */
  readonly list: readonly BatchInView[];
  /** Came since, and not shown yet. */
  readonly fresh: number;
  /** Would stand elsewhere by now. */
  readonly moved: number;
  /** Ids of those that left: their places stay empty. */
  readonly gone: ReadonlySet<string>;
};

const nobody: ReadonlySet<string> = new Set();

/**
 * What to show of a held list while its batches change: whoever points at a card must not find another one there a moment
 * later. What changes in place and what leaves shows at once (its place stays empty); what comes and what would move
 * waits. What the person did themselves does not wait.
 *
 * @param now the list as it is, in `order`
 * @param own ids of batches that this person has just moved
 */
export function shownOf(held: Held, now: readonly BatchInView[], own: ReadonlySet<string>, order: Order): Shown {
  let fresh = 0;
  let moved = 0;
  const mine: BatchInView[] = [];
  const there = new Set<string>();
  for (const batch of now) {
    const at = held.index.get(batch.id);
    if (at === undefined) {
      if (own.has(batch.id)) mine.push(batch);
      else fresh++;
      continue;
    }
    there.add(batch.id);
    if (order(held.list[at]!, batch) === 0) continue;
    if (own.has(batch.id)) mine.push(batch);
    else moved++;
  }
  let { list } = held;
  let gone = nobody;
  if (there.size < list.length) {
    list = list.filter(({ id }) => there.has(id) || !own.has(id));
    gone = new Set(list.flatMap(({ id }) => (there.has(id) ? [] : [id])));
  }
  if (mine.length > 0) {
    const next = list.filter(({ id }) => !mine.some((batch) => batch.id === id));
    for (const batch of mine) next.splice(placeIn(next, batch, order), 0, batch);
    list = next;
  }
  return { list, fresh, moved, gone };
}

/** A list that nothing holds. */
export const freely = (list: readonly BatchInView[]): Shown => ({ list, fresh: 0, moved: 0, gone: nobody });

/** "3 new, 2 moved"; empty when nothing waits. */
export function waitingWords({ fresh, moved }: Pick<Shown, 'fresh' | 'moved'>): string {
  return [fresh > 0 ? `${fresh} new` : '', moved > 0 ? `${moved} moved` : ''].filter(Boolean).join(', ');
}
