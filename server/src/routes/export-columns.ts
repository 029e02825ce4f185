import type { SortContext } from '@opsboard/shared/batches/sort';
import type { Handled, Route, Stop } from '@opsboard/shared/routes/schema';
import { hasEnded } from '@opsboard/shared/routes/stops';
import { routeStatusWords } from '@opsboard/shared/routes/words';
import type { Cell } from '../transfer/csv.ts';

/** What the cells of a row are made from besides the route. `time` writes a moment in the organization's zone. */
export type RowContext = Pick<SortContext, 'nameOf'> & { time(at: number): string };

/** A minute late is in time: nobody plans by the second. */
const lateFrom = 60_000;

const stopsOf = ({ order, stops }: Route): Stop[] => order.flatMap((id) => stops[id] ?? []);
const doneOf = (route: Route): Handled[] =>
  stopsOf(route)
    .flatMap(({ done = {} }) => Object.values(done))
    .filter(({ takenBack }) => takenBack === undefined);
const batchesOf = (route: Route): Set<string> =>
  new Set(stopsOf(route).flatMap(({ pickUp, handOver }) => [...pickUp, ...handOver]));
const differs = ({ expected, missing, extra }: Handled): boolean =>
  expected !== undefined || (missing?.length ?? 0) + (extra?.length ?? 0) > 0;

function isLate({ arrived, to, plannedAt }: Stop): boolean {
  const due = to ?? plannedAt;
  return arrived !== undefined && due !== undefined && arrived.at - due > lateFrom;
}

/** `1 Halden Works, planned 2026-10-15 12:40, arrived 2026-10-15 12:43, left 2026-10-15 12:51`. */
function stopLine({ place, plannedAt, arrived, departed, skipped }: Stop, at: number, context: RowContext): string {
  const { nameOf, time } = context;
  return [
    `${at + 1} ${nameOf(place.kind, place.id)}`,
    ...(plannedAt === undefined ? [] : [`planned ${time(plannedAt)}`]),
    ...(arrived ? [`arrived ${time(arrived.at)}`] : []),
    ...(departed ? [`left ${time(departed.at)}`] : []),
    ...(skipped ? [`skipped ${time(skipped.at)}`] : []),
  ].join(', ');
}

/** The columns of an export, in order, each with how its cell is made. No addresses, and nobody who received. */
const columns: readonly (readonly [name: string, cell: (route: Route, context: RowContext) => Cell])[] = [
  ['Reference', ({ reference }) => reference],
  ['Day', ({ day }) => day],
  ['Status', ({ status }) => routeStatusWords[status]],
  ['Branch', ({ branch }, { nameOf }) => nameOf('branch', branch)],
  ['Driver', ({ driver }, { nameOf }) => (driver === undefined ? undefined : nameOf('person', driver))],
  ['Vehicle', ({ vehicle }) => vehicle],
  ['Planned start', ({ startAt }, { time }) => startAt && time(startAt)],
  ['Started', ({ startedAt }, { time }) => startedAt && time(startedAt)],
  ['Finished', ({ finishedAt }, { time }) => finishedAt && time(finishedAt)],
  ['Cancelled', ({ cancelledAt }, { time }) => cancelledAt && time(cancelledAt)],
  ['Stop count', ({ order }) => order.length],
  ['Stops done', (route) => stopsOf(route).filter(hasEnded).length],
  ['Stops skipped', (route) => stopsOf(route).filter(({ skipped }) => skipped).length],
  ['Stops reached late', (route) => stopsOf(route).filter(isLate).length],
  ['Batch count', (route) => batchesOf(route).size],
  ['Picked up', (route) => doneOf(route).filter(({ what }) => what === 'pick_up').length],
  ['Handed over', (route) => doneOf(route).filter(({ what }) => what === 'hand_over').length],
  ['Not as expected', (route) => doneOf(route).filter(differs).length],
  ['Problems', ({ problems = {} }) => Object.keys(problems).length],
  ['Problems open', ({ problems = {} }) => Object.values(problems).filter(({ resolved }) => !resolved).length],
  [
    'Stops',
    (route, context) =>
      stopsOf(route)
        .map((stop, i) => stopLine(stop, i, context))
        .join('\n'),
  ],
];

export const columnNames: readonly string[] = columns.map(([name]) => name);

/** A route as a row. */
export const rowOf = (route: Route, context: RowContext): Cell[] => columns.map(([, cell]) => cell(route, context));
