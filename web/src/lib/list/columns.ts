import type { SortField } from '@opsboard/shared/batches/sort';

/** A column of the list of batches. */
export type ColumnName =
  | 'reference'
  | 'customer'
  | 'center'
  | 'branch'
  | 'driver'
  | 'status'
  | 'since'
  | 'parts'
  | 'createdAt'
  | 'promisedAt'
  | 'dueAt'
  | 'left'
  | 'sla';

export type Column = {
  readonly name: ColumnName;
  /** In the head of the list and in the menu of columns. */
  readonly word: string;
  /** What the list is sorted by under this column. */
  readonly sort: SortField;
  /** Its width, pixels; with `grow` it takes that share of what is left over. */
  readonly width: number;
  readonly grow?: number;
  /** Figures stand at the right. */
  readonly right?: true;
  /** Sorted the other way round at first: the most, or the latest, is what is looked for. */
  readonly descendingFirst?: true;
};

const all: readonly Column[] = [
  { name: 'reference', word: 'Batch', sort: 'reference', width: 64 },
  { name: 'customer', word: 'Customer', sort: 'customer', width: 160, grow: 1.4 },
  { name: 'center', word: 'Center', sort: 'center', width: 132, grow: 1 },
  { name: 'branch', word: 'Branch', sort: 'branch', width: 104, grow: 0.6 },
  { name: 'driver', word: 'Driver', sort: 'driver', width: 104, grow: 0.8 },
  { name: 'status', word: 'Status', sort: 'status', width: 148 },
  { name: 'since', word: 'In status', sort: 'since', width: 68, right: true },
  { name: 'parts', word: 'Parts', sort: 'parts', width: 48, right: true, descendingFirst: true },
  { name: 'createdAt', word: 'Created', sort: 'createdAt', width: 92, right: true, descendingFirst: true },
  { name: 'promisedAt', word: 'First promise', sort: 'promisedAt', width: 92, right: true },
  { name: 'dueAt', word: 'Expected back', sort: 'dueAt', width: 92, right: true },
  { name: 'left', word: 'Time to due', sort: 'dueAt', width: 100, right: true },
  { name: 'sla', word: 'SLA status', sort: 'sla', width: 92 },
];

const byName = new Map(all.map((column) => [column.name, column]));
export const columnNames: readonly ColumnName[] = all.map(({ name }) => name);
export const columnOf = (name: ColumnName): Column => byName.get(name)!;

/** What is shown where nobody chose. */
export const usualColumns: readonly ColumnName[] = [
  'reference',
  'customer',
  'center',
  'driver',
  'status',
  'since',
  'parts',
  'dueAt',
  'left',
  'sla',
];

/** Reads `reference,customer,sla`. The reference is always there and first: it is the link. Undefined: none chosen. */
export function columnsFrom(text: string | null | undefined): readonly ColumnName[] | undefined {
  if (!text) return undefined;
  const asked = text.split(',');
  const known = columnNames.filter((name) => name !== 'reference' && asked.includes(name));
  if (known.length === 0) return undefined;
  return ['reference', ...known.toSorted((a, b) => asked.indexOf(a) - asked.indexOf(b))];
}

/** The text that {@link columnsFrom} reads. */
export const columnsText = (columns: readonly ColumnName[]): string => columns.join(',');

/** The columns with one shown or hidden; a new one takes its usual place. */
export function toggledColumn(columns: readonly ColumnName[], name: ColumnName): readonly ColumnName[] {
  if (name === 'reference') return columns;
  if (columns.includes(name)) return columns.filter((other) => other !== name);
  const rank = columnNames.indexOf(name);
  const before = columns.findIndex((other) => columnNames.indexOf(other) > rank);
  return before === -1 ? [...columns, name] : [...columns.slice(0, before), name, ...columns.slice(before)];
}

/** The columns with one a place further left (-1) or right (1); the reference keeps the first. */
export function movedColumn(columns: readonly ColumnName[], name: ColumnName, by: -1 | 1): readonly ColumnName[] {
  const at = columns.indexOf(name);
  const to = at + by;
  if (at < 1 || to < 1 || to >= columns.length) return columns;
  const next = columns.filter((other) => other !== name);
  next.splice(to, 0, name);
  return next;
}

/** Gaps between columns and the padding of a row, pixels. */
const gap = 12;
const padding = 16;

/** The columns as a grid of CSS, after `lead` (a box to tick), and how wide that is at least. */
export function gridOf(columns: readonly ColumnName[], lead: number): { template: string; width: number } {
  const given = columns.map(columnOf);
  const tracks = given.map(({ width, grow }) => (grow ? `minmax(${width}px, ${grow}fr)` : `${width}px`));
  const widths = given.reduce((sum, { width }) => sum + width, lead);
  const count = given.length + (lead > 0 ? 1 : 0);
  return {
    template: [...(lead > 0 ? [`${lead}px`] : []), ...tracks].join(' '),
    width: widths + (count - 1) * gap + 2 * padding,
  };
}
