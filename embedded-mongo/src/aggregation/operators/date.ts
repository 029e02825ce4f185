import { Timestamp } from 'bson';
import { Code, MongoError } from '../../errors.ts';
import { asInteger, type Doc, docOf, int32, typeNameOf, type Value } from '../../values/index.ts';
import { isNullish } from '../compile.ts';
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
import { coerceToDate, DATE_UNITS, readZone } from './date-units.ts';
import { fromLocal, toLocal, UTC, type Zone } from './time-zone.ts';

const SECOND = 1000;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

/** A `timezone` argument: undefined for null, UTC where it was left out. */
function compileZone(spec: Doc, scope: Scope): (root: Value) => Zone | undefined {
  const zone = named(spec, 'timezone', scope);
  if (!zone) return () => UTC;
  return (root) => {
    const name = zone(root);
    if (isNullish(name)) return undefined;
    return readZone(name);
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
  ...DATE_UNITS,
  ['$tsSecond', timestampPart((value) => value.t)],
  ['$tsIncrement', timestampPart((value) => value.i)],
];
