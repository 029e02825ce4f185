import { ObjectId, Timestamp } from 'bson';
import { Code, MongoError } from '../../errors.ts';
import { asInteger, type Doc, docOf, int32, type Missing, typeNameOf, type Value } from '../../values/index.ts';
import { compileExpression, isNullish } from '../compile.ts';
import type { Expr, Scope } from '../scope.ts';
import {
  dayOfYear,
  formatDate,
  isoWeek,
  isoWeekStart,
  parseDate,
  parseDateByFormat,
  sundayWeek,
  utcDate,
} from './date-format.ts';
import {
  compileArguments,
  named,
  namedArguments,
  namedOrMissing,
  type Operator,
  type OperatorTable,
  unary,
} from './operator.ts';
import { fromLocal, toLocal, UTC, type Zone, zoneOf } from './time-zone.ts';

const SECOND = 1000;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

/** A value as a moment: dates, timestamps and ids have one. */
export function coerceToDate(value: Value): Date {
  if (value instanceof Date) return value;
  if (value instanceof Timestamp) return new Date(value.t * 1000);
  if (value instanceof ObjectId) return value.getTimestamp();
  throw new MongoError(16006, `can't convert from ${typeNameOf(value)} to Date`);
}

/** A `timezone` argument: undefined for null, UTC where it was left out. */
function compileZone(spec: Doc, scope: Scope): (root: Value) => Zone | undefined {
  const zone = named(spec, 'timezone', scope);
  if (!zone) return () => UTC;
  return (root) => {
    const name = zone(root);
    if (isNullish(name)) return undefined;
    if (typeof name !== 'string')
      throw new MongoError(40517, `timezone must evaluate to a string, found ${typeNameOf(name)}`);
    return zoneOf(name);
  };
}

/** `$year` and its kin: a date, or `{date, timezone}`. */
function field(read: (local: Date) => Value): Operator {
  return (argument, scope, name) => {
    let date: Expr;
    let zone: (root: Value) => Zone | undefined = () => UTC;
    const [first] = argument instanceof Map ? argument.keys() : [];
    if (argument instanceof Map && !first?.startsWith('$')) {
      const spec = namedArguments(argument, name, ['date'], ['timezone'], 40535);
      date = namedOrMissing(spec, 'date', scope);
      zone = compileZone(spec, scope);
    } else [date] = compileArguments(argument, scope, name, 1) as [Expr];
    return (root) => {
      const value = date(root);
      const at = zone(root);
      if (isNullish(value) || !at) return null;
      return read(toLocal(coerceToDate(value).getTime(), at));
    };
  };
}

const dateToString: Operator = (argument, scope, name) => {
  const spec = namedArguments(argument, name, ['date'], ['format', 'timezone', 'onNull'], 18534);
  const date = namedOrMissing(spec, 'date', scope);
  const format = named(spec, 'format', scope);
  const zone = compileZone(spec, scope);
  const onNull = named(spec, 'onNull', scope);
  return (root) => {
    const value = date(root);
    const at = zone(root);
    const pattern = format?.(root);
    if (isNullish(value) || !at) return onNull ? onNull(root) : null;
    if (format && isNullish(pattern as Value)) return onNull ? onNull(root) : null;
    if (pattern !== undefined && typeof pattern !== 'string')
      throw new MongoError(18533, `$dateToString requires that 'format' be a string, found: ${typeNameOf(pattern)}`);
    return formatDate(coerceToDate(value), pattern ?? `%Y-%m-%dT%H:%M:%S.%L${at.utc ? 'Z' : ''}`, at);
  };
};

const dateFromString: Operator = (argument, scope, name) => {
  const spec = namedArguments(argument, name, ['dateString'], ['format', 'timezone', 'onError', 'onNull'], 40541);
  const text = namedOrMissing(spec, 'dateString', scope);
  const format = named(spec, 'format', scope);
  const zone = compileZone(spec, scope);
  const onNull = named(spec, 'onNull', scope);
  const onError = named(spec, 'onError', scope);
  return (root) => {
    const value = text(root);
    const at = zone(root);
    if (isNullish(value)) return onNull ? onNull(root) : null;
    if (!at) return null;
    const pattern = format?.(root);
    if (format && isNullish(pattern as Value)) return null;
    try {
      if (typeof value !== 'string')
        throw new MongoError(
          Code.ConversionFailure,
          `$dateFromString requires that 'dateString' be a string, found: ${typeNameOf(value)}`,
        );
      const explicit = spec.has('timezone') ? at : undefined;
      return typeof pattern === 'string' ? parseDateByFormat(value, pattern, explicit) : parseDate(value, explicit);
    } catch (error) {
      if (onError && error instanceof MongoError && error.code === Code.ConversionFailure) return onError(root);
      throw error;
    }
  };
};

const dateToParts: Operator = (argument, scope, name) => {
  const spec = namedArguments(argument, name, ['date'], ['timezone', 'iso8601'], 40520);
  const date = namedOrMissing(spec, 'date', scope);
  const zone = compileZone(spec, scope);
  const iso = named(spec, 'iso8601', scope);
  return (root) => {
    const value = date(root);
    const at = zone(root);
    if (isNullish(value) || !at) return null;
    const local = toLocal(coerceToDate(value).getTime(), at);
    const useIso = iso?.(root);
    if (useIso !== undefined && typeof useIso !== 'boolean') {
      if (isNullish(useIso)) return null;
      throw new MongoError(40521, `iso8601 must evaluate to a bool, found ${typeNameOf(useIso)}`);
    }
    const week = isoWeek(local);
    const day = useIso
      ? docOf('isoWeekYear', int32(week.year), 'isoWeek', int32(week.week), 'isoDayOfWeek', int32(week.day))
      : docOf(
          'year',
          int32(local.getUTCFullYear()),
          'month',
          int32(local.getUTCMonth() + 1),
          'day',
          int32(local.getUTCDate()),
        );
    return day
      .set('hour', int32(local.getUTCHours()))
      .set('minute', int32(local.getUTCMinutes()))
      .set('second', int32(local.getUTCSeconds()))
      .set('millisecond', int32(local.getUTCMilliseconds()));
  };
};

const PART_NAMES = [
  'year',
  'month',
  'day',
  'isoWeekYear',
  'isoWeek',
  'isoDayOfWeek',
  'hour',
  'minute',
  'second',
  'millisecond',
] as const;

const dateFromParts: Operator = (argument, scope, name) => {
  const spec = namedArguments(argument, name, [], [...PART_NAMES, 'timezone'], 40518);
  const iso = spec.has('isoWeekYear');
  if (!iso && !spec.has('year'))
    throw new MongoError(40516, `${name} requires either 'year' or 'isoWeekYear' to be present`);
  if (iso && (spec.has('year') || spec.has('month') || spec.has('day'))) {
    throw new MongoError(40489, `${name} does not allow mixing natural dates with ISO dates`);
  }
  const parts = PART_NAMES.map((key) => [key, named(spec, key, scope)] as const);
  const zone = compileZone(spec, scope);
  return (root) => {
    const numbers: Record<string, number> = {};
    for (const [key, part] of parts) {
      if (!part) continue;
      const value = part(root);
      if (isNullish(value)) return null;
      const number = asInteger(value);
      if (number === undefined)
        throw new MongoError(40515, `'${key}' must evaluate to an integer, found ${typeNameOf(value)}`);
      numbers[key] = number;
    }
    const at = zone(root);
    if (!at) return null;
    const { year = 1970, month = 1, day = 1, hour = 0, minute = 0, second = 0, millisecond = 0 } = numbers;
    const start = iso
      ? isoWeekStart(numbers['isoWeekYear'] as number) +
        (((numbers['isoWeek'] ?? 1) - 1) * 7 + (numbers['isoDayOfWeek'] ?? 1) - 1) * DAY
      : utcDate(year, month - 1, day);
    if (!iso && (year < 1 || year > 9999))
      throw new MongoError(40523, `'year' must evaluate to an integer in the range 1 to 9999, found ${year}`);
    return new Date(fromLocal(start + hour * HOUR + minute * MINUTE + second * SECOND + millisecond, at));
  };
};

type Unit = 'year' | 'quarter' | 'month' | 'week' | 'day' | 'hour' | 'minute' | 'second' | 'millisecond';
const FIXED: Readonly<Partial<Record<Unit, number>>> = { hour: HOUR, minute: MINUTE, second: SECOND, millisecond: 1 };
const UNITS: ReadonlySet<string> = new Set([
  'year',
  'quarter',
  'month',
  'week',
  'day',
  'hour',
  'minute',
  'second',
  'millisecond',
]);
const WEEKDAYS = ['sunday', 'monday', 'tuesday', 'wednesday', 'thursday', 'friday', 'saturday'];

/** Reads the name of a unit of time. */
export function readUnit(value: Value | Missing, name: string): Unit {
  if (typeof value !== 'string')
    throw new MongoError(5439013, `${name} requires 'unit' to be a string, but got ${typeNameOf(value)}`);
  if (!UNITS.has(value)) throw new MongoError(Code.FailedToParse, `unknown time unit value: ${value}`);
  return value as Unit;
}

function readWeekday(value: Value | Missing | undefined): number {
  if (value === undefined || isNullish(value)) return 0;
  const text = typeof value === 'string' ? value.toLowerCase() : '';
  const day = WEEKDAYS.findIndex((name) => name === text || name.slice(0, 3) === text);
  if (day < 0) throw new MongoError(Code.FailedToParse, `unknown day of week value: ${String(value)}`);
  return day;
}

/** Moves a moment by whole units, on the calendar of a zone from days upward. */
export function addToDate(date: Date, unit: Unit, amount: number, zone: Zone): Date {
  const fixed = FIXED[unit];
  let time: number;
  if (fixed !== undefined) time = date.getTime() + amount * fixed;
  else {
    const local = toLocal(date.getTime(), zone);
    if (unit === 'day' || unit === 'week')
      time = fromLocal(local.getTime() + amount * DAY * (unit === 'week' ? 7 : 1), zone);
    else {
      const months = amount * (unit === 'year' ? 12 : unit === 'quarter' ? 3 : 1);
      const first = new Date(utcDate(local.getUTCFullYear(), local.getUTCMonth() + months, 1));
      const last = new Date(utcDate(first.getUTCFullYear(), first.getUTCMonth() + 1, 0)).getUTCDate();
      // The 31st of a month without one becomes its last day.
      const day = first.getTime() + (Math.min(local.getUTCDate(), last) - 1) * DAY;
      time = fromLocal(day + (((local.getTime() % DAY) + DAY) % DAY), zone);
    }
  }
  const moved = new Date(time);
  if (Number.isNaN(moved.getTime())) throw new MongoError(5166406, '$dateAdd overflowed');
  return moved;
}

function shift(sign: 1 | -1): Operator {
  return (argument, scope, name) => {
    const spec = namedArguments(argument, name, ['startDate', 'unit', 'amount'], ['timezone'], 5166400);
    const [start, unit, amount] = ['startDate', 'unit', 'amount'].map((key) => namedOrMissing(spec, key, scope)) as [
      Expr,
      Expr,
      Expr,
    ];
    const zone = compileZone(spec, scope);
    return (root) => {
      const date = start(root);
      const unitName = unit(root);
      const by = amount(root);
      const at = zone(root);
      if (isNullish(date) || isNullish(unitName) || isNullish(by) || !at) return null;
      if (!(date instanceof Date || date instanceof Timestamp || date instanceof ObjectId)) {
        throw new MongoError(5166403, `${name} requires startDate to be convertible to a date`);
      }
      const count = asInteger(by);
      if (count === undefined) throw new MongoError(5166405, `${name} expects integer amount of time units`);
      return addToDate(coerceToDate(date), readUnit(unitName, name), sign * count, at);
    };
  };
}

function monthNumber(local: Date): number {
  return local.getUTCFullYear() * 12 + local.getUTCMonth();
}

function dayNumber(local: Date): number {
  return Math.floor(local.getTime() / DAY);
}

/** 1 January 1970 was a Thursday: weeks that start on `weekday`, numbered. */
function weekNumber(local: Date, weekday: number): number {
  return Math.floor((dayNumber(local) + 4 - weekday) / 7);
}

/** How many borders between units lie between two moments. */
export function dateDifference(start: Date, end: Date, unit: Unit, zone: Zone, weekday: number): number {
  const [from, to] = [toLocal(start.getTime(), zone), toLocal(end.getTime(), zone)];
  switch (unit) {
    case 'year':
      return to.getUTCFullYear() - from.getUTCFullYear();
    case 'quarter':
      return Math.floor(monthNumber(to) / 3) - Math.floor(monthNumber(from) / 3);
    case 'month':
      return monthNumber(to) - monthNumber(from);
    case 'week':
      return weekNumber(to, weekday) - weekNumber(from, weekday);
    case 'day':
      return dayNumber(to) - dayNumber(from);
    default: {
      const size = FIXED[unit] as number;
      const offsets = zone.offsetAt(end.getTime()) - zone.offsetAt(start.getTime());
      return Math.floor(to.getTime() / size) - Math.floor(from.getTime() / size) - Math.trunc(offsets / size);
    }
  }
}

const dateDiff: Operator = (argument, scope, name) => {
  const spec = namedArguments(argument, name, ['startDate', 'endDate', 'unit'], ['timezone', 'startOfWeek'], 5166302);
  const [start, end, unit, week] = ['startDate', 'endDate', 'unit', 'startOfWeek'].map((key) =>
    namedOrMissing(spec, key, scope),
  ) as [Expr, Expr, Expr, Expr];
  const zone = compileZone(spec, scope);
  return (root) => {
    const from = start(root);
    const to = end(root);
    const unitName = unit(root);
    const at = zone(root);
    if (isNullish(from) || isNullish(to) || isNullish(unitName) || !at) return null;
    return BigInt(
      dateDifference(coerceToDate(from), coerceToDate(to), readUnit(unitName, name), at, readWeekday(week(root))),
    );
  };
};

/** The start of the bin of units that a moment lies in; bins are counted from the year 2000. */
export function truncateDate(date: Date, unit: Unit, bin: number, zone: Zone, weekday: number): Date {
  const local = toLocal(date.getTime(), zone);
  const reference = utcDate(2000, 0, 1);
  const floorTo = (value: number, size: number) => Math.floor(value / size) * size;
  if (unit === 'year' || unit === 'quarter' || unit === 'month') {
    const size = bin * (unit === 'year' ? 12 : unit === 'quarter' ? 3 : 1);
    return new Date(fromLocal(utcDate(0, floorTo(monthNumber(local) - 24000, size) + 24000, 1), zone));
  }
  if (unit === 'day' || unit === 'week') {
    // 1 January 2000 was a Saturday; weeks are counted from the first day wanted at or after it.
    const origin = unit === 'week' ? reference + ((weekday + 1) % 7) * DAY : reference;
    return new Date(fromLocal(floorTo(local.getTime() - origin, bin * DAY * (unit === 'week' ? 7 : 1)) + origin, zone));
  }
  const size = bin * (FIXED[unit] as number);
  return new Date(floorTo(local.getTime() - reference, size) + reference - zone.offsetAt(date.getTime()));
}

const dateTrunc: Operator = (argument, scope, name) => {
  const spec = namedArguments(argument, name, ['date', 'unit'], ['binSize', 'timezone', 'startOfWeek'], 5439007);
  const [date, unit, week] = ['date', 'unit', 'startOfWeek'].map((key) => namedOrMissing(spec, key, scope)) as [
    Expr,
    Expr,
    Expr,
  ];
  const size = named(spec, 'binSize', scope) ?? compileExpression(int32(1), scope);
  const zone = compileZone(spec, scope);
  return (root) => {
    const value = date(root);
    const unitName = unit(root);
    const binValue = size(root);
    const at = zone(root);
    if (isNullish(value) || isNullish(unitName) || isNullish(binValue) || !at) return null;
    const bin = asInteger(binValue);
    if (bin === undefined)
      throw new MongoError(
        5439017,
        `${name} requires 'binSize' to be a 64-bit integer, but got value of type ${typeNameOf(binValue)}`,
      );
    if (bin < 1) throw new MongoError(5439018, `${name} requires 'binSize' to be greater than 0, but got value ${bin}`);
    return truncateDate(coerceToDate(value), readUnit(unitName, name), bin, at, readWeekday(week(root)));
  };
};

function timestampPart(read: (value: Timestamp) => number) {
  return unary((value, name) => {
    if (isNullish(value)) return null;
    if (!(value instanceof Timestamp))
      throw new MongoError(5687301, `${name} requires argument of type timestamp, found ${typeNameOf(value)}`);
    return BigInt(read(value));
  });
}

/** Operators on moments. */
export const DATES: OperatorTable = [
  ['$year', field((local) => int32(local.getUTCFullYear()))],
  ['$month', field((local) => int32(local.getUTCMonth() + 1))],
  ['$dayOfMonth', field((local) => int32(local.getUTCDate()))],
  ['$dayOfWeek', field((local) => int32(local.getUTCDay() + 1))],
  ['$dayOfYear', field((local) => int32(dayOfYear(local)))],
  ['$hour', field((local) => int32(local.getUTCHours()))],
  ['$minute', field((local) => int32(local.getUTCMinutes()))],
  ['$second', field((local) => int32(local.getUTCSeconds()))],
  ['$millisecond', field((local) => int32(local.getUTCMilliseconds()))],
  ['$week', field((local) => int32(sundayWeek(local)))],
  ['$isoWeek', field((local) => int32(isoWeek(local).week))],
  ['$isoWeekYear', field((local) => BigInt(isoWeek(local).year))],
  ['$isoDayOfWeek', field((local) => int32(isoWeek(local).day))],
  ['$dateToString', dateToString],
  ['$dateFromString', dateFromString],
  ['$dateToParts', dateToParts],
  ['$dateFromParts', dateFromParts],
  ['$dateAdd', shift(1)],
  ['$dateSubtract', shift(-1)],
  ['$dateDiff', dateDiff],
  ['$dateTrunc', dateTrunc],
  ['$tsSecond', timestampPart((value) => value.t)],
  ['$tsIncrement', timestampPart((value) => value.i)],
];
