import { ObjectId, Timestamp } from 'bson';
import { Code, MongoError } from '../../errors.ts';
import { asInteger, int32, type Missing, typeNameOf, type Value } from '../../values/index.ts';
import { compileExpression, isNullish } from '../compile.ts';
import type { Expr } from '../scope.ts';
import { utcDate } from './date-format.ts';
import { named, namedArguments, namedOrMissing, type Operator, type OperatorTable } from './operator.ts';
import { fromLocal, toLocal, type Zone, zoneOf } from './time-zone.ts';

const SECOND = 1000;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

/** A value as a moment: dates, timestamps and ids have one. Throws `code` for others. */
export function coerceToDate(value: Value, code = 16006): Date {
  if (value instanceof Date) return value;
  if (value instanceof Timestamp) return new Date(value.t * 1000);
  if (value instanceof ObjectId) return value.getTimestamp();
  throw new MongoError(code, `can't convert from ${typeNameOf(value)} to Date`);
}

/** The zone that a `timezone` argument, which is not null, names. */
export function readZone(name: Value): Zone {
  if (typeof name !== 'string')
    throw new MongoError(40517, `timezone must evaluate to a string, found ${typeNameOf(name)}`);
  return zoneOf(name);
}

const UTC_NAME: Expr = () => 'UTC';

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

/** What goes wrong with a unit: it is no text, or no unit. */
type UnitCodes = readonly [notText: number, unknown: number];

/** Reads the name of a unit of time. */
export function readUnit(value: Value | Missing, name: string, codes: UnitCodes = [5439013, 5439014]): Unit {
  if (typeof value !== 'string') {
    throw new MongoError(codes[0], `${name} requires 'unit' to be a string, but got ${typeNameOf(value)}`);
  }
  if (!UNITS.has(value))
    throw new MongoError(codes[1], `${name} parameter 'unit' value cannot be recognized as a time unit: ${value}`);
  return value as Unit;
}

/** Reads the day that weeks start on, Sunday being 0. */
function readWeekday(value: Value | Missing, name: string): number {
  if (typeof value !== 'string') {
    throw new MongoError(5439015, `${name} requires 'startOfWeek' to be a string, but got ${typeNameOf(value)}`);
  }
  const text = value.toLowerCase();
  const day = WEEKDAYS.findIndex((weekday) => weekday === text || weekday.slice(0, 3) === text);
  if (day < 0)
    throw new MongoError(
      5439016,
      `${name} parameter 'startOfWeek' value cannot be recognized as a day of a week: ${value}`,
    );
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
    const codes = [5166400, 5166401, 5166402];
    const spec = namedArguments(argument, name, ['startDate', 'unit', 'amount'], ['timezone'], codes);
    const [start, unit, amount] = ['startDate', 'unit', 'amount'].map((key) => namedOrMissing(spec, key, scope)) as [
      Expr,
      Expr,
      Expr,
    ];
    const zone = named(spec, 'timezone', scope) ?? UTC_NAME;
    return (root) => {
      const date = start(root);
      const unitName = unit(root);
      const by = amount(root);
      const zoneName = zone(root);
      if (isNullish(date) || isNullish(unitName) || isNullish(by) || isNullish(zoneName)) return null;
      const moment = coerceToDate(date, 5166403);
      const step = readUnit(unitName, name, [5166404, Code.FailedToParse]);
      const count = asInteger(by);
      if (count === undefined) throw new MongoError(5166405, `${name} expects integer amount of time units`);
      return addToDate(moment, step, sign * count, readZone(zoneName));
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
  const codes = [5166301, 5166302, 5166303, 5166304, 5166305];
  const spec = namedArguments(argument, name, ['startDate', 'endDate', 'unit'], ['timezone', 'startOfWeek'], codes);
  const [start, end, unit] = ['startDate', 'endDate', 'unit'].map((key) => namedOrMissing(spec, key, scope)) as [
    Expr,
    Expr,
    Expr,
  ];
  const week = named(spec, 'startOfWeek', scope) ?? (() => 'sunday');
  const zone = named(spec, 'timezone', scope) ?? UTC_NAME;
  return (root) => {
    const from = start(root);
    const to = end(root);
    const unitName = unit(root);
    const zoneName = zone(root);
    const first = week(root);
    if (isNullish(from) || isNullish(to) || isNullish(unitName) || isNullish(zoneName)) return null;
    // Only weeks ask when they start.
    const weeks = unitName === 'week';
    if (weeks && isNullish(first)) return null;
    const step = readUnit(unitName, name);
    const [left, right] = [coerceToDate(from, 5166307), coerceToDate(to, 5166307)];
    return BigInt(dateDifference(left, right, step, readZone(zoneName), weeks ? readWeekday(first, name) : 0));
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
  const codes = [5439007, 5439008, 5439009, 5439010];
  const spec = namedArguments(argument, name, ['date', 'unit'], ['binSize', 'timezone', 'startOfWeek'], codes);
  const [date, unit] = ['date', 'unit'].map((key) => namedOrMissing(spec, key, scope)) as [Expr, Expr];
  const size = named(spec, 'binSize', scope) ?? compileExpression(int32(1), scope);
  const week = named(spec, 'startOfWeek', scope) ?? (() => 'sunday');
  const zone = named(spec, 'timezone', scope) ?? UTC_NAME;
  return (root) => {
    const value = date(root);
    const unitName = unit(root);
    const binValue = size(root);
    const zoneName = zone(root);
    const first = week(root);
    if (isNullish(value) || isNullish(unitName) || isNullish(binValue) || isNullish(zoneName)) return null;
    const weeks = unitName === 'week';
    if (weeks && isNullish(first)) return null;
    const moment = coerceToDate(value, 5439012);
    const step = readUnit(unitName, name);
    const bin = asInteger(binValue);
    if (bin === undefined) {
      throw new MongoError(
        5439017,
        `${name} requires 'binSize' to be a 64-bit integer, but got value of type ${typeNameOf(binValue)}`,
      );
    }
    if (bin < 1) throw new MongoError(5439018, `${name} requires 'binSize' to be greater than 0, but got value ${bin}`);
    return truncateDate(moment, step, bin, readZone(zoneName), weeks ? readWeekday(first, name) : 0);
  };
};

/** Operators that count in units of time. */
export const DATE_UNITS: OperatorTable = [
  ['$dateAdd', shift(1)],
  ['$dateSubtract', shift(-1)],
  ['$dateDiff', dateDiff],
  ['$dateTrunc', dateTrunc],
];
