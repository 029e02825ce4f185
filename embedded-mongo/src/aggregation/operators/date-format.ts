import { Code, MongoError } from '../../errors.ts';
import { toLocal, UTC, type Zone } from './time-zone.ts';

const DAY = 86_400_000;
const MONTHS = [
  'January',
  'February',
  'March',
  'April',
  'May',
  'June',
  'July',
  'August',
  'September',
  'October',
  'November',
  'December',
];

/** Days since 1 January of the same year, from 1; for a local date. */
export function dayOfYear(local: Date): number {
  return Math.floor((local.getTime() - utcDate(local.getUTCFullYear(), 0, 1)) / DAY) + 1;
}

/** `Date.UTC` without its treatment of the years 0 to 99. */
export function utcDate(year: number, month: number, day: number): number {
  const date = new Date(0);
  date.setUTCFullYear(year, month, day);
  return date.getTime();
}

/** ISO week, its year, and the day of the week from Monday as 1; for a local date. */
export function isoWeek(local: Date): { week: number; year: number; day: number } {
  const day = local.getUTCDay() || 7;
  const thursday = new Date(local.getTime() + (4 - day) * DAY);
  const year = thursday.getUTCFullYear();
  return { week: Math.floor((thursday.getTime() - utcDate(year, 0, 1)) / DAY / 7) + 1, year, day };
}

/** Week of the year from Sunday on, days before the first Sunday being week 0. */
export function sundayWeek(local: Date): number {
  return Math.floor((dayOfYear(local) + 6 - local.getUTCDay()) / 7);
}

function pad(value: number, width: number): string {
  return String(value).padStart(width, '0');
}

/** A moment in ISO format with milliseconds and Z. */
export function dateToIso(date: Date): string {
  return formatDate(date, '%Y-%m-%dT%H:%M:%S.%LZ', UTC);
}

/** Formats a moment as `$dateToString` does. */
export function formatDate(date: Date, format: string, zone: Zone): string {
  const local = toLocal(date.getTime(), zone);
  let text = '';
  for (let index = 0; index < format.length; index++) {
    const char = format.charAt(index);
    if (char !== '%') {
      text += char;
      continue;
    }
    index++;
    text += formatPart(format.charAt(index), date, local, zone);
  }
  return text;
}

function formatPart(specifier: string, date: Date, local: Date, zone: Zone): string {
  switch (specifier) {
    case '%':
      return '%';
    case 'Y': {
      const year = local.getUTCFullYear();
      if (year < 0 || year > 9999)
        throw new MongoError(
          18537,
          `Could not convert date to string: date component was outside the supported range of 0-9999: ${year}`,
        );
      return pad(year, 4);
    }
    case 'G':
      return pad(isoWeek(local).year, 4);
    case 'm':
      return pad(local.getUTCMonth() + 1, 2);
    case 'b':
      return (MONTHS[local.getUTCMonth()] as string).slice(0, 3);
    case 'B':
      return MONTHS[local.getUTCMonth()] as string;
    case 'd':
      return pad(local.getUTCDate(), 2);
    case 'H':
      return pad(local.getUTCHours(), 2);
    case 'M':
      return pad(local.getUTCMinutes(), 2);
    case 'S':
      return pad(local.getUTCSeconds(), 2);
    case 'L':
      return pad(local.getUTCMilliseconds(), 3);
    case 'j':
      return pad(dayOfYear(local), 3);
    case 'w':
      return String(local.getUTCDay() + 1);
    case 'u':
      return String(isoWeek(local).day);
    case 'U':
      return pad(sundayWeek(local), 2);
    case 'V':
      return pad(isoWeek(local).week, 2);
    case 'z':
    case 'Z': {
      const minutes = Math.round(zone.offsetAt(date.getTime()) / 60_000);
      if (specifier === 'Z') return (minutes >= 0 ? '+' : '') + String(minutes);
      return `${minutes < 0 ? '-' : '+'}${pad(Math.floor(Math.abs(minutes) / 60), 2)}${pad(Math.abs(minutes) % 60, 2)}`;
    }
    default:
      throw new MongoError(18536, `Invalid format character '%${specifier}' in format string`);
  }
}

/** A moment as fields, from text. */
interface Fields {
  year: number;
  month: number;
  day: number;
  time: number;
  offset: number | undefined;
}

const ZONE_NAMES: Readonly<Record<string, number>> = {
  Z: 0,
  UTC: 0,
  GMT: 0,
  WET: 0,
  WEST: 1,
  BST: 1,
  CET: 1,
  CEST: 2,
  EET: 2,
  EEST: 3,
  MSK: 3,
  EST: -5,
  EDT: -4,
  CST: -6,
  CDT: -5,
  MST: -7,
  MDT: -6,
  PST: -8,
  PDT: -7,
};
/** Letters for zones, from UTC+1 on; J is nobody's. */
const EASTWARD = 'ABCDEFGHIKLM';
const WESTWARD = 'NOPQRSTUVWXY';
const ZONE = String.raw`(?:GMT|UTC)?[+-]\d{2}(?::?\d{2})?|[A-Za-z]{1,4}`;
const ISO = new RegExp(
  String.raw`^\s*(\d{4})-(\d{1,2})-(\d{1,2})(?:(?:[Tt]|\s+)(\d{1,2}):(\d{2})(?:[:.](\d{2})(?:[.,](\d{1,9}))?)?)?\s*(${ZONE})?\s*$`,
);

/** Milliseconds that a zone in a text is ahead of UTC. */
function readOffset(text: string): number {
  const match = /^(?:GMT|UTC)?([+-])(\d{2}):?(\d{2})?$/.exec(text);
  if (match) return (match[1] === '-' ? -1 : 1) * (Number(match[2]) * 60 + Number(match[3] ?? 0)) * 60_000;
  const name = text.toUpperCase();
  const letter = name.length === 1 ? EASTWARD.indexOf(name) - WESTWARD.indexOf(name) : 0;
  const hours = ZONE_NAMES[name] ?? (letter === 0 ? undefined : letter);
  if (hours === undefined) throw failure(text, 'the time zone is not known');
  return hours * 3_600_000;
}

function failure(text: string, why: string): MongoError {
  return new MongoError(Code.ConversionFailure, `Error parsing date string '${text}'; ${why}`);
}

/** Reads ISO dates and times; UTC unless an offset or a zone says otherwise. Throws ConversionFailure (241). */
export function parseDate(text: string, zone: Zone | undefined): Date {
  const match = ISO.exec(text);
  if (!match) throw failure(text, 'not an ISO 8601 date');
  const [, year, month, day, hour = '0', minute = '0', second = '0', fraction = '', offset] = match;
  const time =
    ((Number(hour) * 60 + Number(minute)) * 60 + Number(second)) * 1000 + Number(fraction.padEnd(3, '0').slice(0, 3));
  if (Number(hour) > 24 || Number(minute) > 59 || Number(second) > 59) throw failure(text, 'time out of range');
  return assemble(
    text,
    {
      year: Number(year),
      month: Number(month),
      day: Number(day),
      time,
      offset: offset === undefined ? undefined : readOffset(offset),
    },
    zone,
  );
}

function assemble(text: string, fields: Fields, zone: Zone | undefined): Date {
  const { year, month, day, time, offset } = fields;
  const start = utcDate(year, month - 1, day);
  if (month < 1 || month > 12 || new Date(start).getUTCDate() !== day) throw failure(text, 'date out of range');
  if (offset !== undefined && zone && !zone.utc) {
    throw new MongoError(
      Code.ConversionFailure,
      `you cannot pass in a date/time string with GMT offset together with a timezone argument`,
    );
  }
  const local = start + time;
  if (offset !== undefined) return new Date(local - offset);
  if (!zone) return new Date(local);
  return new Date(local - zone.offsetAt(local - zone.offsetAt(local)));
}

const PARSERS: Readonly<Record<string, string>> = {
  Y: '(?<Y>\\d{4})',
  m: '(?<m>\\d{1,2})',
  d: '(?<d>\\d{1,2})',
  H: '(?<H>\\d{1,2})',
  M: '(?<M>\\d{1,2})',
  S: '(?<S>\\d{1,2})',
  L: '(?<L>\\d{1,3})',
  z: `\\s*(?<z>${ZONE})`,
  Z: '(?<Z>[+-]?\\d{1,4})',
  b: '(?<b>[A-Za-z]{3})',
  B: '(?<B>[A-Za-z]+)',
  j: '(?<j>\\d{1,3})',
  G: '(?<G>\\d{4})',
  V: '(?<V>\\d{1,2})',
  u: '(?<u>\\d)',
  '%': '%',
};

/** Reads text by the format of `$dateToString`. Throws ConversionFailure (241). */
export function parseDateByFormat(text: string, format: string, zone: Zone | undefined): Date {
  const pattern = format.replace(/%(.?)|[\\^$.*+?()[\]{}|]/g, (found, specifier: string | undefined) => {
    if (!found.startsWith('%')) return `\\${found}`;
    const part = specifier ? PARSERS[specifier] : undefined;
    if (!part) throw new MongoError(18536, `Invalid format character '${found}' in format string`);
    return part;
  });
  const groups = new RegExp(`^${pattern}$`).exec(text)?.groups;
  if (!groups) throw failure(text, `it does not fit the format '${format}'`);
  const number = (key: string, fallback: number) => (groups[key] === undefined ? fallback : Number(groups[key]));
  const time =
    ((number('H', 0) * 60 + number('M', 0)) * 60 + number('S', 0)) * 1000 + Number((groups['L'] ?? '0').padEnd(3, '0'));
  let offset = groups['z'] === undefined ? undefined : readOffset(groups['z']);
  if (groups['Z'] !== undefined) offset = Number(groups['Z']) * 60_000;
  if (groups['G'] !== undefined) {
    const start = isoWeekStart(number('G', 1970)) + ((number('V', 1) - 1) * 7 + number('u', 1) - 1) * DAY;
    const date = new Date(start);
    return assemble(
      text,
      { year: date.getUTCFullYear(), month: date.getUTCMonth() + 1, day: date.getUTCDate(), time, offset },
      zone,
    );
  }
  const named = groups['b'] ?? groups['B'];
  const month =
    named === undefined
      ? number('m', 1)
      : MONTHS.findIndex((name) => name.toLowerCase().startsWith(named.toLowerCase())) + 1;
  if (groups['j'] !== undefined) {
    const date = new Date(utcDate(number('Y', 1970), 0, number('j', 1)));
    return assemble(
      text,
      { year: date.getUTCFullYear(), month: date.getUTCMonth() + 1, day: date.getUTCDate(), time, offset },
      zone,
    );
  }
  return assemble(text, { year: number('Y', 1970), month, day: number('d', 1), time, offset }, zone);
}

/** Midnight, as if in UTC, of the Monday that begins the first ISO week of a year. */
export function isoWeekStart(year: number): number {
  const fourth = utcDate(year, 0, 4);
  return fourth - ((new Date(fourth).getUTCDay() || 7) - 1) * DAY;
}
