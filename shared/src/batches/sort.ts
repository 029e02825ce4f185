import type { BatchInView } from './schema.ts';
import { slaStatus } from './sla.ts';
import { statuses } from './steps.ts';

/** What a list of batches can be sorted by. */
export const sortFields = [
  'pressing',
  'reference',
  'customer',
  'center',
  'branch',
  'driver',
  'status',
  'since',
  'parts',
  'createdAt',
  'promisedAt',
  'dueAt',
  'sla',
] as const;
export type SortField = (typeof sortFields)[number];
/** Ascending by the field, or descending; the id decides between equals. */
export type BatchSort = { readonly field: SortField; readonly descending: boolean };

/** The order where none was chosen: open batches by their date, the nearest first; completed ones after, latest first. */
export const usualSort: BatchSort = { field: 'pressing', descending: false };

/** Reads `dueAt` or `-dueAt`; undefined when it names no field. */
export function sortFrom(text: string | null | undefined): BatchSort | undefined {
  const field = sortFields.find((name) => name === text?.replace(/^-/, ''));
  return field && { field, descending: text!.startsWith('-') };
}

/** The text that {@link sortFrom} reads. */
export const sortText = ({ field, descending }: BatchSort): string => (descending ? `-${field}` : field);

const slaOrder = { breached: 0, at_risk: 1, on_track: 2 } as const;

/** The number at the end of a reference: B-999 comes before B-1000. */
const numberOf = (reference: string): number => Number(/\d+$/.exec(reference)?.[0] ?? 0);

/** Later than every moment: what is subtracted from it comes after all of them. */
const afterAll = 1e15;

export type SortContext = {
  now: number;
  nameOf(kind: 'branch' | 'customer' | 'center' | 'person', id: string): string;
};

function keyOf(field: SortField, { now, nameOf }: SortContext): (batch: BatchInView) => number | string {
  switch (field) {
    case 'pressing':
      return (batch) => (batch.status === 'completed' ? afterAll - batch.since : batch.dueAt);
    case 'reference':
      return (batch) => numberOf(batch.reference);
    case 'customer':
    case 'center':
    case 'branch':
      return (batch) => nameOf(field, batch[field]);
    case 'driver':
      // Those without a driver come last: nothing is sorted before everything.
      return (batch) => (batch.driver === undefined ? '\uffff' : nameOf('person', batch.driver));
    case 'status':
      return (batch) => statuses.indexOf(batch.status);
    case 'parts':
      return (batch) => batch.partCount;
    case 'sla':
      return (batch) => (batch.status === 'completed' ? 3 : slaOrder[slaStatus(batch, undefined, 1, now)]);
    case 'since':
    case 'createdAt':
    case 'promisedAt':
    case 'dueAt':
      return (batch) => batch[field];
  }
}

/** Where a batch stands in an order: what it is sorted by, and what decides between equals. */
export type SortPlace = { readonly value: number | string; readonly id: string };

/** An order as two functions: the place of a batch, and which of two places comes first. */
export function orderOf(
  sort: BatchSort,
  context: SortContext,
): { placeOf(batch: BatchInView): SortPlace; compare(a: SortPlace, b: SortPlace): number } {
  const key = keyOf(sort.field, context);
  const sign = sort.descending ? -1 : 1;
  const names = new Intl.Collator('en', { numeric: true, sensitivity: 'base' });
  return {
    placeOf: (batch) => ({ value: key(batch), id: batch.id }),
    compare: (a, b) => {
      const order =
        typeof a.value === 'number' && typeof b.value === 'number'
          ? a.value - b.value
          : names.compare(String(a.value), String(b.value));
      return sign * (order || (a.id < b.id ? -1 : a.id > b.id ? 1 : 0));
    },
  };
}

/**
 * The batches in order; each key is computed once. Names are ranked first: comparing them anew for each pair would be
 * most of the work on a list of 10,000.
 */
export function sortBatches<B extends BatchInView>(batches: Iterable<B>, sort: BatchSort, context: SortContext): B[] {
  const { placeOf, compare } = orderOf(sort, context);
  const rows = Array.from(batches, (batch) => ({ batch, place: placeOf(batch) }));
  if (typeof rows[0]?.place.value === 'string') {
    const ranks = ranksOf(new Set(rows.map(({ place }) => place.value as string)));
    for (const row of rows) row.place = { value: ranks.get(row.place.value as string) ?? 0, id: row.place.id };
  }
  rows.sort((a, b) => compare(a.place, b.place));
  return rows.map(({ batch }) => batch);
}

/** The rank of each name; names that compare as equal share one. */
function ranksOf(given: ReadonlySet<string>): Map<string, number> {
  const names = new Intl.Collator('en', { numeric: true, sensitivity: 'base' });
  const ranks = new Map<string, number>();
  let rank = 0;
  let before: string | undefined;
  for (const name of [...given].sort(names.compare)) {
    if (before !== undefined && names.compare(before, name) !== 0) rank++;
    ranks.set(name, rank);
    before = name;
  }
  return ranks;
}
