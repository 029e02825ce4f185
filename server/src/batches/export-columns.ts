import type { Batch } from '@opsboard/shared/batches/schema';
import { slaStatus } from '@opsboard/shared/batches/sla';
import type { SortContext } from '@opsboard/shared/batches/sort';
import type { Status } from '@opsboard/shared/batches/steps';
import { statusWords } from '@opsboard/shared/batches/steps';
import { offsetAt } from '@opsboard/shared/time/days';
import type { Cell } from '../transfer/csv.ts';

/** What the cells of a row are made from besides the batch. `time` writes a moment in the organization's zone. */
export type RowContext = Pick<SortContext, 'now' | 'nameOf'> & { time(at: number): string };

const minutes = (ms: number): number => Math.trunc(ms / 60_000);
const slaWords = { breached: 'Breached', at_risk: 'At risk', on_track: 'On track' } as const;

/** The word of the list's own column: what is over is judged by the first promise. */
function slaWord(batch: Batch, now: number): string | undefined {
  if (batch.cancelledAt !== undefined) return undefined;
  if (batch.status === 'completed') return batch.since <= batch.promisedAt ? 'In time' : 'Late';
  return slaWords[slaStatus(batch, undefined, 1, now)];
}

const runs = (batch: Batch): boolean => batch.status !== 'completed' && batch.cancelledAt === undefined;
const reached =
  (status: Status) =>
  (batch: Batch, { time }: RowContext): Cell => {
    const step = batch.steps[status];
    return step && time(step.at);
  };

/** The columns of an export, in order, each with how its cell is made. The import knows them by these names. */
const columns: readonly (readonly [name: string, cell: (batch: Batch, context: RowContext) => Cell])[] = [
  ['Reference', (batch) => batch.reference],
  ['Status', (batch) => (batch.cancelledAt === undefined ? statusWords[batch.status].word : 'Cancelled')],
  ['Customer', (batch, { nameOf }) => nameOf('customer', batch.customer)],
  ['Service center', (batch, { nameOf }) => nameOf('center', batch.center)],
  ['Branch', (batch, { nameOf }) => nameOf('branch', batch.branch)],
  ['Driver', (batch, { nameOf }) => (batch.driver === undefined ? undefined : nameOf('person', batch.driver))],
  ['Part count', (batch) => batch.partCount],
  ['Lost or scrapped', (batch) => batch.outCount ?? 0],
  ['Parts', (batch) => Object.keys(batch.parts).join(' ')],
  ['Expected return date', (batch, { time }) => time(batch.dueAt)],
  ['First promise', (batch, { time }) => time(batch.promisedAt)],
  ['SLA status', (batch, { now }) => slaWord(batch, now)],
  ['Time to due (min)', (batch, { now }) => (runs(batch) ? minutes(batch.dueAt - now) : undefined)],
  ['In status since', (batch, { time }) => time(batch.since)],
  ['Elapsed (min)', (batch, { now }) => (runs(batch) ? minutes(now - batch.since) : undefined)],
  ['Created', (batch, { time }) => time(batch.createdAt)],
  ['Sealed', reached('sealed')],
  ['Departed', reached('in_transit_to_center')],
  ['Arrived at center', reached('at_center')],
  ['Departed back', reached('in_transit_back')],
  ['Completed', reached('completed')],
  ['Cancelled', (batch, { time }) => batch.cancelledAt && time(batch.cancelledAt)],
];

export const columnNames: readonly string[] = columns.map(([name]) => name);

/** A batch as a row. */
export const rowOf = (batch: Batch, context: RowContext): Cell[] => columns.map(([, cell]) => cell(batch, context));

/**
 * Writes moments as `2026-10-15 14:32` on the wall clock of a zone. A calendar is asked once for each quarter of an
 * hour: zones change at no other moments, and asking it for every cell would be most of the work of an export.
 */
export function timesIn(zone: string): (at: number) => string {
  const quarter = 15 * 60_000;
  const offsets = new Map<number, number>();
  return (at) => {
    const bucket = Math.floor(at / quarter);
    let offset = offsets.get(bucket);
    if (offset === undefined) offsets.set(bucket, (offset = offsetAt(bucket * quarter, zone)));
    return new Date(at + offset).toISOString().slice(0, 16).replace('T', ' ');
  };
}
