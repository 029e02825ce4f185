import { Binary, type BSONRegExp, Int32, MaxKey, MinKey } from 'bson';
import {
  compare,
  compareNumbers,
  encodeKeyString,
  isNumber,
  MISSING,
  type NumberValue,
  toBigint,
  toDouble,
  typeOf,
  typeRank,
  type Value,
  type ValueTest,
} from '../values/index.ts';
import { regexOf } from './regex.ts';
import type { Collation } from './collation.ts';

/** Comparisons with an order. */
export type Order = 'gt' | 'gte' | 'lt' | 'lte';

/** Equality with a value; null also stands for a missing field. */
export function equalTest(wanted: Value, collation: Collation | undefined): ValueTest {
  if (wanted === null) return (value) => value === null || value === MISSING;
  if (typeof wanted === 'string' && !collation) {
    return (value) => value === wanted || (typeof value === 'object' && compare(value, wanted) === 0);
  }
  if (typeof wanted === 'boolean') return (value) => value === wanted;
  if (typeof wanted === 'number' || wanted instanceof Int32) {
    const number = toDouble(wanted);
    if (!Number.isNaN(number)) {
      return (value) =>
        value instanceof Int32
          ? value.value === number
          : typeof value === 'number'
            ? value === number
            : isNumber(value) && compareNumbers(value, wanted) === 0;
    }
  }
  const strings = collation?.compare;
  return (value) => value !== MISSING && compare(value, wanted, strings) === 0;
}

/** An ordering comparison: only values of the operand's own type (all numbers are one) can pass. */
export function orderTest(order: Order, operand: Value, collation: Collation | undefined): ValueTest {
  const inclusive = order === 'gte' || order === 'lte';
  const upward = order === 'gt' || order === 'gte';
  if (operand === null) return inclusive ? (value) => value === null || value === MISSING : () => false;
  if (operand instanceof MinKey || operand instanceof MaxKey) {
    // The one exception: against the ends of the order values of all types are compared.
    const passes = operand instanceof MinKey === upward;
    const rank = typeRank(operand);
    return (value) => (typeRank(value) === rank && value !== MISSING ? inclusive : passes);
  }
  const rank = typeRank(operand);
  const strings = collation?.compare;
  const passes = (result: number) => (result === 0 ? inclusive : result > 0 === upward);
  if (isNumber(operand)) {
    if (Number.isNaN(toDouble(operand))) {
      return (value) => inclusive && isNumber(value) && Number.isNaN(toDouble(value));
    }
    return (value) =>
      isNumber(value) &&
      !(typeof value === 'number' ? Number.isNaN(value) : typeof value === 'object' && Number.isNaN(toDouble(value))) &&
      passes(compareNumbers(value, operand));
  }
  return (value) => value !== MISSING && typeRank(value) === rank && passes(compare(value, operand, strings));
}

/** A regular expression against strings, or against a stored regular expression that is the same. */
export function regexTest(wanted: BSONRegExp): ValueTest {
  const regex = regexOf(wanted);
  return (value) => {
    if (typeof value === 'string') return regex.test(value);
    if (typeof value !== 'object' || value === null) return false;
    const type = typeOf(value);
    if (type === 14) return regex.test((value as unknown as { value: string }).value);
    return type === 11 && compare(value, wanted) === 0;
  };
}

/** Membership in a list of values and regular expressions. */
export function inTest(
  values: readonly Value[],
  regexes: readonly BSONRegExp[],
  collation: Collation | undefined,
): ValueTest {
  const patterns = regexes.map(regexTest);
  const viaKeys = !collation && values.length > 8;
  const hasNull = values.includes(null);
  const keys = viaKeys ? new Set(values.map((value) => encodeKeyString([value]))) : undefined;
  const tests = viaKeys ? [] : values.map((value) => equalTest(value, collation));
  return (value) => {
    if (value === MISSING) return hasNull;
    if (keys) {
      if (keys.has(encodeKeyString([value]))) return true;
    } else for (const test of tests) if (test(value)) return true;
    for (const pattern of patterns) if (pattern(value)) return true;
    return false;
  };
}

/** `$mod`: the whole part of a number leaves the given rest. */
export function modTest(divisor: bigint, remainder: bigint): ValueTest {
  return (value) => {
    if (!isNumber(value)) return false;
    const whole = toBigint(value as NumberValue);
    return whole !== undefined && whole % divisor === remainder;
  };
}

/** `$type`, for a set of type numbers. */
export function typeTest(types: ReadonlySet<number>): ValueTest {
  return (value) => value !== MISSING && types.has(typeOf(value));
}

/** Which of the bits in the mask must be set or clear. */
export type BitsKind = 'allSet' | 'allClear' | 'anySet' | 'anyClear';

/** The `$bits…` operators, on whole numbers that fit a long and on binaries, bit 0 being the lowest of the first byte. */
export function bitsTest(kind: BitsKind, positions: readonly number[]): ValueTest {
  const wanted = kind === 'allSet' || kind === 'anySet';
  const all = kind === 'allSet' || kind === 'allClear';
  return (value) => {
    let bitAt: (position: number) => boolean;
    if (value instanceof Binary) {
      const { buffer } = value;
      bitAt = (position) =>
        position < value.position * 8 && (((buffer[position >> 3] as number) >> (position & 7)) & 1) === 1;
    } else if (isNumber(value)) {
      const number = toDouble(value);
      const whole = toBigint(value);
      if (whole === undefined || (typeof value === 'number' && !Number.isInteger(number))) return false;
      if (whole >= 1n << 63n || whole < -(1n << 63n)) return false;
      // Negative numbers go on with ones beyond their 64 bits.
      bitAt = (position) => ((whole >> BigInt(Math.min(position, 63))) & 1n) === 1n;
    } else return false;
    return all ? positions.every((at) => bitAt(at) === wanted) : positions.some((at) => bitAt(at) === wanted);
  };
}
