import type { Batch } from '@opsboard/shared/batches/schema';
import { byPartId } from '#lib/acts/read.ts';

/** The parts of the batches at one stop that a driver's phone knows, by batch. */
export type Lists = ReadonlyMap<string, Batch['parts']>;

/** What a scanned part turned out to be. */
export type Seen =
  /** On the list of `batch`: ticked off now, or before. */
  | { readonly is: 'ticked' | 'again'; readonly batch: string }
  /** On the list, but on record as lost or scrapped. */
  | { readonly is: 'out'; readonly batch: string; readonly how: 'lost' | 'scrapped' }
  /** On no list of this stop. */
  | { readonly is: 'stranger' };

/** The parts on a list that must be there, in the order of their IDs. */
export const listed = (parts: Batch['parts']): string[] =>
  Object.keys(parts)
    .filter((part) => parts[part]?.out === undefined)
    .toSorted(byPartId);

/** Where a part belongs at this stop; the batch in hand is looked at first. */
export function lookUp(part: string, lists: Lists, inHand: string, ticked: ReadonlySet<string>): Seen {
  const batches = [inHand, ...[...lists.keys()].filter((batch) => batch !== inHand)];
  for (const batch of batches) {
    const parts = lists.get(batch);
    const found = parts && Object.hasOwn(parts, part) ? parts[part] : undefined;
    if (!found) continue;
    if (found.out) return { is: 'out', batch, how: found.out.how };
    return { is: ticked.has(part) ? 'again' : 'ticked', batch };
  }
  return { is: 'stranger' };
}

/** How a count differs from what must be there. Names are known where the parts were scanned. */
export type Difference = {
  readonly expected: number;
  readonly counted: number;
  readonly missing?: readonly string[];
  readonly extra?: readonly string[];
};

/** What differs when parts were scanned; undefined: nothing. */
export function differenceOf(
  parts: Batch['parts'],
  ticked: ReadonlySet<string>,
  extra: readonly string[],
): Difference | undefined {
  const list = listed(parts);
  const missing = list.filter((part) => !ticked.has(part));
  if (missing.length === 0 && extra.length === 0) return undefined;
  return { expected: list.length, counted: list.length - missing.length + extra.length, missing, extra };
}
