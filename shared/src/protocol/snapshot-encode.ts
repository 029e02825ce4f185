import type { Fields } from './entries.ts';
import { uuidv7Pattern, uuidv7Time } from './ids.ts';
import type { Kind } from './kinds.ts';
import { allKinds } from './kinds.ts';
import type { Column, Snapshot } from './snapshot.ts';
import { absent, baseAt, looseDigits, sinceId, sinceLatest } from './snapshot.ts';

/** More different values than this are not a vocabulary (their characters must stay below the surrogates). */
const maxWords = 4096;
/** Numbers between these are taken for times, milliseconds since the epoch (2000 to 2200). */
const [minTime, maxTime] = [946_684_800_000, 7_258_118_400_000];
/** How many rows are looked at to choose the base of a column of times. */
const sampleRows = 256;

/**
 * Encodes records as an audience sees them; the counterpart of `decodeSnapshot`.
 *
 * @param records by kind, each with an `id`; fields that are undefined are left out
 */
export function encodeSnapshot(
  head: Pick<Snapshot, 'epoch' | 'audience' | 'seq'>,
  records: { readonly [K in Kind]?: readonly object[] },
): Snapshot {
  const kinds: Snapshot['kinds'] = {};
  for (const kind of allKinds) {
    const rows = records[kind];
    if (rows && rows.length > 0) kinds[kind] = { rows: rows.length, columns: columnsOf(rows as Fields[]) };
  }
  return { v: 1, ...head, kinds };
}

/** Values by row; undefined is absent. */
type Cells = { path: string; values: unknown[]; nested: boolean };

function columnsOf(unsorted: readonly Fields[]): Column[] {
  // Ids begin with their time: in their order, times and references count up.
  const rows = unsorted.toSorted((a, b) => ((a['id'] as string) < (b['id'] as string) ? -1 : 1));
  const cells: Cells[] = [];
  const root: Places = new Map();
  rows.forEach((row, i) => spread(row, '', root, i, rows.length, cells));
  // What lies in nested steps is known before what sums it up: `since` is the latest of them.
  cells.sort((a, b) => rank(a) - rank(b));
  const context: Context = { idTimes: [], latest: [], bases: [] };
  return cells.map((column) => encodeColumn(column, context));
}

const rank = ({ path, nested }: Cells) =>
  path === 'id' ? 0 : nested ? 1 : path === 'createdAt' ? 2 : path === 'since' ? 3 : 4;

/** Where the values of each key go: into a column, or, where it holds an object, to the places of its keys. */
type Places = Map<string, { path: string; cells: Cells | undefined; below: Places | undefined }>;

/** Puts a row's leaves into their columns. Arrays, empty objects, objects whose keys hold dots and maps by id (a column for each id would be
 * one for each row) are leaves. */
function spread(value: Fields, prefix: string, places: Places, row: number, rows: number, all: Cells[]): void {
  for (const key in value) {
    const field = value[key];
    if (field === undefined) continue;
    let place = places.get(key);
    if (!place) places.set(key, (place = { path: prefix + key, cells: undefined, below: undefined }));
    if (isBranching(field)) {
      spread(field, `${place.path}.`, (place.below ??= new Map()), row, rows, all);
      continue;
    }
    if (!place.cells) {
      place.cells = { path: place.path, values: new Array<unknown>(rows).fill(undefined), nested: prefix !== '' };
      all.push(place.cells);
    }
    place.cells.values[row] = field;
  }
}

function isBranching(value: unknown): value is Fields {
  if (value === null || typeof value !== 'object' || Array.isArray(value)) return false;
  let keys = 0;
  for (const key in value) {
    if (key === '' || key === '__proto__' || key.includes('.') || uuidv7Pattern.test(key)) return false;
    keys++;
  }
  return keys > 0;
}

type Context = { idTimes: number[]; latest: number[]; bases: number[][] };

function encodeColumn({ path, values }: Cells, context: Context): Column {
  return (
    asIds(path, values, context) ??
    asTimes(path, values, context) ??
    asCounted(path, values) ??
    asWords(path, values) ??
    (values.includes(null)
      ? ['wrapped', path, values.map((value): [unknown] | null => (value === undefined ? null : [value]))]
      : ['plain', path, values.map((value) => value ?? null)])
  );
}

function asIds(path: string, values: unknown[], context: Context): Column | undefined {
  if (path !== 'id' || !values.every((value) => typeof value === 'string' && uuidv7Pattern.test(value)))
    return undefined;
  const ids = values as string[];
  const times = ids.map(uuidv7Time);
  context.idTimes = times;
  return ['ids', path, times.map((time, i) => time - (times[i - 1] ?? 0)), ids.map(looseDigits).join('')];
}

function asTimes(path: string, values: unknown[], context: Context): Column | undefined {
  const isTime = (value: unknown) =>
    value === undefined || (Number.isInteger(value) && (value as number) > minTime && (value as number) < maxTime);
  if (!values.every(isTime)) return undefined;
  const times = values.map((value) => (value === undefined ? Number.NaN : (value as number)));
  const base = bestBase(times, context);
  const from = base === sinceId ? context.idTimes : base === sinceLatest ? context.latest : context.bases[base]!;
  const steps = times.map((time, i) => (Number.isNaN(time) ? null : time - baseAt(from, i)));
  times.forEach((time, i) => {
    if (!Number.isNaN(time)) context.latest[i] = Math.max(context.latest[i] ?? 0, time);
  });
  context.bases.push(times);
  return ['times', path, base, steps];
}

/** The base from which the times are nearest, in digits. */
function bestBase(times: number[], { idTimes, latest, bases }: Context): number {
  const stride = Math.max(1, Math.floor(times.length / sampleRows));
  const cost = (base: readonly number[]) => {
    let digits = 0;
    for (let i = 0; i < times.length; i += stride) {
      if (!Number.isNaN(times[i]!)) digits += Math.log2(1 + Math.abs(times[i]! - baseAt(base, i)));
    }
    return digits;
  };
  let best = sinceId;
  let least = cost(idTimes);
  const consider = (number: number, base: readonly number[]) => {
    const digits = cost(base);
    if (digits < least) [best, least] = [number, digits];
  };
  bases.forEach((base, number) => consider(number, base));
  consider(sinceLatest, latest);
  return best;
}

function asCounted(path: string, values: unknown[]): Column | undefined {
  const first = typeof values[0] === 'string' ? /^(.*?)([1-9]\d{0,14})$/.exec(values[0]) : null;
  if (!first) return undefined;
  const prefix = first[1]!;
  const numbers: number[] = [];
  for (const value of values) {
    if (typeof value !== 'string' || !value.startsWith(prefix)) return undefined;
    const rest = value.slice(prefix.length);
    if (!/^[1-9]\d{0,14}$/.test(rest)) return undefined;
    numbers.push(Number(rest));
  }
  return ['counted', path, prefix, numbers.map((number, i) => number - (numbers[i - 1] ?? 0))];
}

function asWords(path: string, values: unknown[]): Column | undefined {
  const places = new Map<unknown, number>();
  const codes: number[] = [];
  for (const value of values) {
    if (typeof value === 'object') return undefined;
    let place = value === undefined ? -1 : places.get(value);
    if (place === undefined) {
      place = places.size;
      if (place === maxWords || place > values.length / 2 + 16) return undefined;
      places.set(value, place);
    }
    codes.push(absent + 1 + place);
  }
  let text = '';
  for (let i = 0; i < codes.length; i += 8192) text += String.fromCharCode(...codes.slice(i, i + 8192));
  return ['words', path, [...places.keys()], text];
}
