import { isDueSoon } from '@opsboard/shared/batches/sla';
import type { BatchInView } from '@opsboard/shared/batches/schema';
import { statuses, type Status } from '@opsboard/shared/batches/steps';
import { dayOf } from '#lib/time/format.ts';
import type { Order } from './live-order.ts';

/** Batches by status, each list with the most pressing first; completed ones with the latest first. */
export type ByStatus = { readonly [S in Status]: readonly BatchInView[] };

const byText = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0);

/** The nearest expected return date first; the id settles a tie, so that every screen has one order. */
export const byDue = (a: BatchInView, b: BatchInView): number => a.dueAt - b.dueAt || byText(a.id, b.id);

/** The latest step first. */
export const byLatest = (a: BatchInView, b: BatchInView): number => b.since - a.since || byText(a.id, b.id);

/** Puts batches into their columns, in order. */
export function groupByStatus(batches: Iterable<BatchInView>): ByStatus {
  const groups: { [S in Status]: BatchInView[] } = {
    draft: [],
    sealed: [],
    in_transit_to_center: [],
    at_center: [],
    in_transit_back: [],
    completed: [],
  };
  for (const batch of batches) groups[batch.status].push(batch);
  for (const status of statuses) groups[status].sort(status === 'completed' ? byLatest : byDue);
  return groups;
}

/** The order of a column. */
export const orderIn = (status: Status): Order => (status === 'completed' ? byLatest : byDue);

/** What is past its date and not completed, the longest over first. `sorted` is in the order of {@link byDue}. */
export function breachedOf(sorted: readonly BatchInView[], now: number): BatchInView[] {
  const breached: BatchInView[] = [];
  for (const batch of sorted) {
    if (batch.dueAt >= now) break;
    if (batch.status !== 'completed') breached.push(batch);
  }
  return breached;
}

/** How many batches have each status. */
export function countByStatus(batches: Iterable<BatchInView>): { [S in Status]: number } {
  const count = Object.fromEntries(statuses.map((status) => [status, 0])) as { [S in Status]: number };
  for (const batch of batches) count[batch.status]++;
  return count;
}

/** Everything that the dashboard and the wall count, at one moment. */
export type Figures = {
  readonly count: { readonly [S in Status]: number };
  /** Past the expected return date and not completed, the longest over first. */
  readonly breached: readonly BatchInView[];
  /** Due today and not past it, the nearest first. */
  readonly dueToday: readonly BatchInView[];
  /** Due after today, within three days, the nearest first. */
  readonly dueLater: readonly BatchInView[];
  /** Open and not past the date, the nearest first: what may breach next. */
  readonly ahead: readonly BatchInView[];
  readonly completedToday: readonly BatchInView[];
  readonly completedInTime: number;
  readonly sealedWithoutDriver: number;
  readonly open: number;
};

/**
 * Runs each second over every open batch: it neither sorts nor asks a calendar for each of them.
 *
 * @param sorted in the order of {@link byDue}
 * @param now server time, milliseconds
 * @param zone where "today" begins and ends
 */
export function figuresOf(sorted: Iterable<BatchInView>, now: number, zone: string): Figures {
  const count = Object.fromEntries(statuses.map((status) => [status, 0])) as { [S in Status]: number };
  const { start: dayStart, end: dayEnd } = dayOf(now, zone);
  const breached: BatchInView[] = [];
  const dueToday: BatchInView[] = [];
  const dueLater: BatchInView[] = [];
  const ahead: BatchInView[] = [];
  const completedToday: BatchInView[] = [];
  let sealedWithoutDriver = 0;
  let open = 0;
  for (const batch of sorted) {
    count[batch.status]++;
    if (batch.status === 'completed') {
      if (batch.since >= dayStart) completedToday.push(batch);
      continue;
    }
    open++;
    if (batch.status === 'sealed' && batch.driver === undefined) sealedWithoutDriver++;
    if (now > batch.dueAt) breached.push(batch);
    else ahead.push(batch);
  }
  completedToday.sort((a, b) => b.since - a.since);
  for (const batch of ahead) {
    if (!isDueSoon(batch, now)) break;
    (batch.dueAt < dayEnd ? dueToday : dueLater).push(batch);
  }
  return {
    count,
    breached,
    dueToday,
    dueLater,
    ahead,
    completedToday,
    completedInTime: completedToday.filter((batch) => batch.since <= batch.promisedAt).length,
    sealedWithoutDriver,
    open,
  };
}

/** Batches under the day that they are due on, days in order. `sorted` is in the order of {@link byDue}. */
export function byDay(sorted: readonly BatchInView[], zone: string): { start: number; batches: BatchInView[] }[] {
  const days: { start: number; end: number; batches: BatchInView[] }[] = [];
  for (const batch of sorted) {
    const last = days.at(-1);
    if (last && batch.dueAt < last.end) last.batches.push(batch);
    else days.push({ ...dayOf(batch.dueAt, zone), batches: [batch] });
  }
  return days;
}
