import { dateAfter, momentAt, startOfDay } from '../time/days.ts';
import type { BatchInView } from './schema.ts';
import { isDueSoon, slaStatus, type SlaStatus } from './sla.ts';
import { statuses, type Status } from './steps.ts';

/** The fields by which batches are narrowed to chosen records. */
export const pickFields = ['branch', 'customer', 'center', 'driver'] as const;
export type PickField = (typeof pickFields)[number];

/** Those of them that name the directory, where two can become one. */
type MergedField = Exclude<PickField, 'driver'>;

/** In place of a driver's id: the batches that have none. */
export const NOBODY = 'none';

/**
 * What a list, a board or an export is narrowed to: one meaning on screens and on the server. It is written in the
 * address, so that what one person sees can be sent to another as a link. An empty list does not narrow.
 */
export type BatchFilter = { readonly [F in PickField]: readonly string[] } & {
  readonly status: readonly Status[];
  readonly sla: readonly SlaStatus[];
  readonly due?: 'today' | 'soon';
  /** First and last calendar day of the expected return date, as `2026-12-24`, in the organization's time zone. */
  readonly from?: string;
  readonly to?: string;
  /** Completed batches: those of today, unless all that are still on the board are asked for. */
  readonly completed: 'today' | 'all';
  /** Words that the reference, the customer or the center contain, or a whole part ID. */
  readonly q: string;
  /** A whole part ID. Clients do not hold part lists: the server answers it. */
  readonly part?: string;
};

export const noFilter: BatchFilter = {
  branch: [],
  customer: [],
  center: [],
  driver: [],
  status: [],
  sla: [],
  completed: 'today',
  q: '',
};

const slaValues = ['on_track', 'at_risk', 'breached'] as const satisfies readonly SlaStatus[];
const calendarDay = /^\d{4}-(0[1-9]|1[0-2])-(0[1-9]|[12]\d|3[01])$/;

/** Reads the filter from an address. What it does not know it leaves out: an old link still opens. */
export function filterFrom(params: Pick<URLSearchParams, 'get' | 'getAll'>): BatchFilter {
  const due = params.get('due');
  const date = (name: 'from' | 'to') => {
    const value = params.get(name);
    return value !== null && calendarDay.test(value) ? { [name]: value } : {};
  };
  const part = params.get('part')?.trim().toUpperCase();
  return {
    branch: params.getAll('branch'),
    customer: params.getAll('customer'),
    center: params.getAll('center'),
    driver: params.getAll('driver'),
    status: statuses.filter((status) => params.getAll('status').includes(status)),
    sla: slaValues.filter((sla) => params.getAll('sla').includes(sla)),
    ...(due === 'today' || due === 'soon' ? { due } : {}),
    ...date('from'),
    ...date('to'),
    completed: params.get('completed') === 'all' ? 'all' : 'today',
    q: params.get('q') ?? '',
    ...(part ? { part } : {}),
  };
}

/** The query of an address for a filter: `?status=sealed&driver=none`, or nothing. */
export function queryOf(filter: Partial<BatchFilter>): string {
  const params = new URLSearchParams();
  for (const field of ['status', 'sla', ...pickFields] as const) {
    for (const value of filter[field] ?? []) params.append(field, value);
  }
  for (const field of ['due', 'from', 'to', 'part'] as const) {
    const value = filter[field];
    if (value) params.set(field, value);
  }
  if (filter.completed === 'all') params.set('completed', 'all');
  if (filter.q) params.set('q', filter.q);
  const text = params.toString();
  return text && `?${text}`;
}

/** How many of the filter's fields narrow something. */
export function narrowing(filter: BatchFilter): number {
  const lists = [filter.status, filter.sla, ...pickFields.map((field) => filter[field])];
  const singles = [filter.due, filter.from ?? filter.to, filter.part, filter.q.trim()];
  return lists.filter((list) => list.length > 0).length + singles.filter(Boolean).length;
}

/** What matching must know besides the batch. */
export type FilterContext = {
  /** Server time, milliseconds. */
  now: number;
  /** The organization's time zone. */
  zone: string;
  /** The name of a record, for the words of a search. */
  nameOf(kind: 'customer' | 'center', id: string): string;
  /** The record that stands for one today: the same, or what it was merged into since the filter was written. */
  standsFor?(kind: MergedField, id: string): string;
  /** For clients, whose batches carry no parts: those that hold the part of `part`, and the one that `q` may name. */
  holders?: { readonly part?: ReadonlySet<string>; readonly q?: ReadonlySet<string> };
};

/**
 * The ids that a filter asks for. A saved one may name what was merged into another since: what pointed at it points at
 * that one now, save for what had left the boards before.
 */
export const idsOf = (
  filter: BatchFilter,
  field: PickField,
  standsFor: FilterContext['standsFor'],
): readonly string[] =>
  field === 'driver' || !standsFor ? filter[field] : filter[field].flatMap((id) => [id, standsFor(field, id)]);

/**
 * One test for a filter, made once and run over every batch. Parts are looked up in batches that carry theirs, and
 * among the `holders` of the context for those that do not.
 */
export function matcher(
  filter: BatchFilter,
  context: FilterContext,
): (batch: BatchInView & { parts?: { readonly [part: string]: unknown } }) => boolean {
  const { now, zone, nameOf, holders } = context;
  const sets = pickFields.flatMap((field) =>
    filter[field].length ? [{ field, values: new Set(idsOf(filter, field, context.standsFor)) }] : [],
  );
  const status = filter.status.length ? new Set<Status>(filter.status) : undefined;
  const words = filter.q.trim().toLowerCase();
  const partOfWords = words.toUpperCase();
  const today = { start: startOfDay(now, zone), end: startOfDay(now, zone, 1) };
  const from = filter.from === undefined ? -Infinity : momentAt(filter.from, 0, zone);
  const before = filter.to === undefined ? Infinity : momentAt(dateAfter(filter.to, 1), 0, zone);
  return (batch) => {
    if (status && !status.has(batch.status)) return false;
    for (const { field, values } of sets) if (!values.has(batch[field] ?? NOBODY)) return false;
    if (
      filter.sla.length &&
      (batch.status === 'completed' || !filter.sla.includes(slaStatus(batch, undefined, 1, now)))
    ) {
      return false;
    }
    if (filter.due === 'soon' && !isDueSoon(batch, now)) return false;
    if (filter.due === 'today' && !(isDueSoon(batch, now) && batch.dueAt < today.end)) return false;
    if (batch.dueAt < from || batch.dueAt >= before) return false;
    if (batch.status === 'completed' && filter.completed === 'today' && batch.since < today.start) return false;
    if (filter.part !== undefined) {
      if (batch.parts ? !Object.hasOwn(batch.parts, filter.part) : holders?.part?.has(batch.id) === false) return false;
    }
    if (!words) return true;
    if (batch.parts ? Object.hasOwn(batch.parts, partOfWords) : holders?.q?.has(batch.id)) return true;
    return [batch.reference, nameOf('customer', batch.customer), nameOf('center', batch.center)].some((text) =>
      text.toLowerCase().includes(words),
    );
  };
}
