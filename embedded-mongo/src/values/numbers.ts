import { type Decimal128, Int32 } from 'bson';
import {
  addDecimals,
  decimalClass,
  decimalFromBigint,
  decimalFromDouble,
  decimalParts,
  decimalToBigint,
  decimalToDouble,
  multiplyDecimals,
} from './decimal.ts';
import { int32, isNumber, type Missing, type Value } from './types.ts';

/** A value of one of the four numeric types. */
export type NumberValue = number | Int32 | bigint | Decimal128;

export const MAX_LONG = (1n << 63n) - 1n;
export const MIN_LONG = -(1n << 63n);

/** Whether a bigint fits a BSON long. */
export function fitsLong(value: bigint): boolean {
  return value <= MAX_LONG && value >= MIN_LONG;
}

/** An integer as int if it fits, else as long; undefined if it fits neither. */
export function narrowInteger(value: number | bigint): Int32 | bigint | undefined {
  if (value >= -2147483648 && value <= 2147483647) return int32(Number(value));
  const long = BigInt(value);
  return fitsLong(long) ? long : undefined;
}

/** The value as a double; precision of longs and decimals may be lost. */
export function toDouble(value: NumberValue): number {
  if (typeof value === 'number') return value;
  if (value instanceof Int32) return value.value;
  if (typeof value === 'bigint') return Number(value);
  return decimalToDouble(value);
}

/** The value as a decimal, doubles with 15 digits. */
export function toDecimal(value: NumberValue): Decimal128 {
  if (typeof value === 'number') return decimalFromDouble(value);
  if (value instanceof Int32) return decimalFromBigint(BigInt(value.value));
  if (typeof value === 'bigint') return decimalFromBigint(value);
  return value;
}

/** The value as an integer of arbitrary size, cut toward zero; undefined for NaN and infinities. */
export function toBigint(value: NumberValue): bigint | undefined {
  if (typeof value === 'bigint') return value;
  if (value instanceof Int32) return BigInt(value.value);
  if (typeof value === 'number') return Number.isFinite(value) ? BigInt(Math.trunc(value)) : undefined;
  return decimalClass(value) === 'finite' ? decimalToBigint(value) : undefined;
}

/** The value as a JavaScript integer if it is a whole number that a double holds exactly, of whatever type. */
export function asInteger(value: Value | Missing): number | undefined {
  if (!isNumber(value)) return undefined;
  const number = toDouble(value);
  return Number.isSafeInteger(number) && (typeof value !== 'object' || value instanceof Int32 || isWhole(value))
    ? number
    : undefined;
}

/** Whether a number has no fraction (infinities and NaN have none that counts: false). */
export function isWhole(value: NumberValue): boolean {
  if (typeof value === 'number') return Number.isInteger(value);
  if (value instanceof Int32 || typeof value === 'bigint') return true;
  if (decimalClass(value) !== 'finite') return false;
  const { coefficient, exponent } = decimalParts(value);
  return exponent >= 0 || exponent < -40
    ? exponent >= 0 || coefficient === 0n
    : coefficient % 10n ** BigInt(-exponent) === 0n;
}

function isDecimal(value: NumberValue): value is Decimal128 {
  return typeof value === 'object' && !(value instanceof Int32);
}

/**
 * left + right in the type that MongoDB gives: int and int stay int or widen to long, a double makes a double, a
 * decimal a decimal. Undefined if a long overflows: updates refuse that, expressions go on with a double.
 */
export function add(left: NumberValue, right: NumberValue): NumberValue | undefined {
  if (left instanceof Int32 && right instanceof Int32) return narrowInteger(left.value + right.value);
  if (isDecimal(left) || isDecimal(right)) return addDecimals(toDecimal(left), toDecimal(right));
  if (typeof left === 'number' || typeof right === 'number') return toDouble(left) + toDouble(right);
  const sum = (toBigint(left) as bigint) + (toBigint(right) as bigint);
  return fitsLong(sum) ? sum : undefined;
}

/** left · right; types and overflow as with `add`. */
export function multiply(left: NumberValue, right: NumberValue): NumberValue | undefined {
  if (left instanceof Int32 && right instanceof Int32) {
    return narrowInteger(BigInt(left.value) * BigInt(right.value));
  }
  if (isDecimal(left) || isDecimal(right)) return multiplyDecimals(toDecimal(left), toDecimal(right));
  if (typeof left === 'number' || typeof right === 'number') return toDouble(left) * toDouble(right);
  const product = (toBigint(left) as bigint) * (toBigint(right) as bigint);
  return fitsLong(product) ? product : undefined;
}
