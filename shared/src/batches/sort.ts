import type { BatchInView } from './schema.ts';
import { slaStatus } from './sla.ts';
import { statuses } from './steps.ts';

/** What a list of batches can be sorted by. */
export const sortFields = [
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

type SortContext = {
  now: number;
  nameOf(kind: 'branch' | 'customer' | 'center' | 'person', id: string): string;
};

function keyOf(field: SortField, { now, nameOf }: SortContext): (batch: BatchInView) => number | string {
  switch (field) {
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

/** The batches in order; each key is computed once. */
export function sortBatches<B extends BatchInView>(batches: Iterable<B>, sort: BatchSort, context: SortContext): B[] {
  const key = keyOf(sort.field, context);
  const sign = sort.descending ? -1 : 1;
  const names = new Intl.Collator('en', { numeric: true, sensitivity: 'base' });
  const rows = Array.from(batches, (batch) => ({ batch, key: key(batch) }));
  rows.sort((a, b) => {
    const order =
      typeof a.key === 'number' ? a.key - (b.key as number) : names.compare(a.key, b.key as string);
    return sign * (order || (a.batch.id < b.batch.id ? -1 : a.batch.id > b.batch.id ? 1 : 0));
  });
  return rows.map(({ batch }) => batch);
}
