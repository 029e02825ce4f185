import type { Fields } from './entries.ts';
import type { LiveState } from './fold.ts';
import { emptyLiveSet } from './fold.ts';
import type { Kind } from './kinds.ts';

/**
 * The live set as one audience sees it at `seq` ([L9]), by columns: like values stand together, so that they compress
 * well, and what a row repeats (the time in its id, a reference to another record, one time equal to another) is said
 * once.
 */
export type Snapshot = {
  v: 1;
  epoch: string;
  audience: string;
  seq: number;
  kinds: { [K in Kind]?: { rows: number; columns: Column[] } };
};

/**
 * One dotted path of all rows. In texts with one character per row, code 35 means absent.
 * - `ids`: UUIDv7s, none absent. Milliseconds between the times of successive rows, and the 19 random digits of each.
 * - `words`: few different values. The values, and a character per row: its place among them, plus 36.
 * - `times`: milliseconds since a time of the same row: an earlier `times` column by number, -1 the time in the row's
 *   id, -2 the latest of its earlier columns. `null` is absent.
 * - `counted`: a common beginning and whole numbers without leading zeros, each minus the one before. None absent.
 * - `plain`: the values as they are; `null` is absent. `wrapped`: each in a list of one, where null is a value.
 */
export type Column =
  | ['ids', string, number[], string]
  | ['words', string, unknown[], string]
  | ['times', string, number, (number | null)[]]
  | ['counted', string, string, number[]]
  | ['plain', string, unknown[]]
  | ['wrapped', string, ([unknown] | null)[]];

/** Code of the character for "absent". */
export const absent = 35;
export const sinceId = -1;
export const sinceLatest = -2;

const digitsPerId = 19;

/** The 19 digits of a UUIDv7 that its time and version do not tell. */
export const looseDigits = (id: string): string => id.slice(15, 18) + id.slice(19, 23) + id.slice(24);

function idFrom(time: number, digits: string): string {
  const hex = time.toString(16).padStart(12, '0');
  return `${hex.slice(0, 8)}-${hex.slice(8)}-7${digits.slice(0, 3)}-${digits.slice(3, 7)}-${digits.slice(7)}`;
}

/**
 * The state that a snapshot holds.
 *
 * @throws {Error} on a version other than this one's
 */
export function decodeSnapshot(snapshot: Snapshot): LiveState {
  if (snapshot.v !== 1) throw new Error(`snapshot version ${String(snapshot.v)}`);
  const records = emptyLiveSet();
  for (const [kind, table] of Object.entries(snapshot.kinds)) {
    const into = records[kind as Kind] as Map<string, unknown>;
    for (const row of rowsOf(table.rows, table.columns)) into.set(row['id'] as string, row);
  }
  return { epoch: snapshot.epoch, audience: snapshot.audience, seq: snapshot.seq, records };
}

function rowsOf(count: number, columns: readonly Column[]): Fields[] {
  const rows: Fields[] = Array.from({ length: count }, () => ({}));
  const bases: number[][] = [];
  let idTimes: number[] = [];
  const latest: number[] = [];
  for (const column of columns) {
    const put = putterOf(column[1]);
    switch (column[0]) {
      case 'ids': {
        let time = 0;
        const times = column[2].map((step) => (time += step));
        times.forEach((at, i) => put(rows[i]!, idFrom(at, column[3].slice(i * digitsPerId, (i + 1) * digitsPerId))));
        if (column[1] === 'id') idTimes = times;
        break;
      }
      case 'words': {
        const words = column[2];
        const codes = column[3];
        for (let i = 0; i < count; i++) {
          const code = codes.charCodeAt(i) - absent;
          if (code > 0) put(rows[i]!, words[code - 1]);
        }
        break;
      }
      case 'times': {
        const base = column[2] === sinceId ? idTimes : column[2] === sinceLatest ? latest : (bases[column[2]] ?? []);
        const times = column[3].map((step, i) => (step === null ? Number.NaN : baseAt(base, i) + step));
        times.forEach((time, i) => {
          if (Number.isNaN(time)) return;
          put(rows[i]!, time);
          latest[i] = Math.max(latest[i] ?? 0, time);
        });
        bases.push(times);
        break;
      }
      case 'counted': {
        let number = 0;
        column[3].forEach((step, i) => put(rows[i]!, column[2] + String((number += step))));
        break;
      }
      case 'plain':
        column[2].forEach((value, i) => value !== null && put(rows[i]!, value));
        break;
      case 'wrapped':
        column[2].forEach((value, i) => value !== null && put(rows[i]!, value[0]));
        break;
      default:
        throw new Error(`snapshot column ${String(column[0])}`);
    }
  }
  return rows;
}

/** The base of a time: an absent one counts as 0. Both ends use it. */
export function baseAt(base: readonly number[], row: number): number {
  const time = base[row];
  return time === undefined || Number.isNaN(time) ? 0 : time;
}

/** Puts a value at a dotted path, making the objects on the way. */
function putterOf(path: string): (row: Fields, value: unknown) => void {
  const keys = path.split('.');
  const last = keys.pop()!;
  if (keys.length === 0) return (row, value) => void (row[last] = value);
  return (row, value) => {
    let at = row;
    for (const key of keys) at = (at[key] ??= {}) as Fields;
    at[last] = value;
  };
}
