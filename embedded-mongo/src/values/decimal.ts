import { Decimal128 } from 'bson';

/** A finite decimal: (-1)^negative · coefficient · 10^exponent. */
export interface DecimalParts {
  readonly negative: boolean;
  readonly coefficient: bigint;
  readonly exponent: number;
}

const MAX_DIGITS = 34;
const MAX_EXPONENT = 6111;
const MIN_EXPONENT = -6176;
const BIAS = 6176;
const LOW_MASK = (1n << 64n) - 1n;
const COEFFICIENT_LIMIT = 10n ** 34n;

/** The special values, as canonical encodings. */
export const DECIMAL_NAN = special(0x7c);
export const DECIMAL_INFINITY = special(0x78);
export const DECIMAL_NEGATIVE_INFINITY = special(0xf8);

function special(high: number): Decimal128 {
  const bytes = new Uint8Array(16);
  bytes[15] = high;
  return new Decimal128(bytes);
}

function view(decimal: Decimal128): DataView {
  const { bytes } = decimal;
  return new DataView(bytes.buffer, bytes.byteOffset, 16);
}

/** What sort of value a decimal is. */
export function decimalClass(decimal: Decimal128): 'nan' | 'infinity' | '-infinity' | 'finite' {
  const high = decimal.bytes[15] as number;
  if ((high & 0x7c) === 0x7c) return 'nan';
  if ((high & 0x78) === 0x78) return high & 0x80 ? '-infinity' : 'infinity';
  return 'finite';
}

/** Takes a finite decimal apart. Trailing zeros stay as they are: they are part of its representation. */
export function decimalParts(decimal: Decimal128): DecimalParts {
  const bits = view(decimal);
  const high = bits.getBigUint64(8, true);
  const low = bits.getBigUint64(0, true);
  const negative = high >> 63n === 1n;
  const combination = Number((high >> 58n) & 0x1fn);
  // The second form of the exponent belongs to coefficients above 34 digits, which count as zero.
  if (combination >> 3 === 3) {
    return { negative, coefficient: 0n, exponent: Number((high >> 47n) & 0x3fffn) - BIAS };
  }
  const exponent = Number((high >> 49n) & 0x3fffn) - BIAS;
  const coefficient = ((high & ((1n << 49n) - 1n)) << 64n) | low;
  return { negative, coefficient: coefficient >= COEFFICIENT_LIMIT ? 0n : coefficient, exponent };
}

/** Divides by a power of ten, rounding half to even. */
function shiftRight(coefficient: bigint, digits: number): bigint {
  if (digits > 6200) return 0n;
  const divisor = 10n ** BigInt(digits);
  const quotient = coefficient / divisor;
  const twice = (coefficient % divisor) * 2n;
  return twice > divisor || (twice === divisor && quotient % 2n === 1n) ? quotient + 1n : quotient;
}

/** Makes a decimal, rounding to 34 digits half to even; too large becomes infinite, too small zero. */
export function makeDecimal(negative: boolean, coefficient: bigint, exponent: number): Decimal128 {
  let digits = coefficient;
  let power = exponent;
  let length = digits.toString().length;
  if (length > MAX_DIGITS) {
    power += length - MAX_DIGITS;
    digits = shiftRight(digits, length - MAX_DIGITS);
    if (digits === COEFFICIENT_LIMIT) {
      digits /= 10n;
      power++;
    }
    length = MAX_DIGITS;
  }
  if (power < MIN_EXPONENT) {
    digits = shiftRight(digits, MIN_EXPONENT - power);
    power = MIN_EXPONENT;
  } else if (power > MAX_EXPONENT) {
    if (digits === 0n) power = MAX_EXPONENT;
    else {
      const room = MAX_DIGITS - length;
      if (power - MAX_EXPONENT > room) return negative ? DECIMAL_NEGATIVE_INFINITY : DECIMAL_INFINITY;
      digits *= 10n ** BigInt(power - MAX_EXPONENT);
      power = MAX_EXPONENT;
    }
  }
  const bytes = new Uint8Array(16);
  const bits = new DataView(bytes.buffer);
  bits.setBigUint64(0, digits & LOW_MASK, true);
  bits.setBigUint64(8, (digits >> 64n) | (BigInt(power + BIAS) << 49n) | (negative ? 1n << 63n : 0n), true);
  return new Decimal128(bytes);
}

/** An integer as a decimal. */
export function decimalFromBigint(value: bigint): Decimal128 {
  return makeDecimal(value < 0n, value < 0n ? -value : value, 0);
}

/** A double as a decimal of 15 significant digits, as MongoDB converts doubles when it mixes both. */
export function decimalFromDouble(value: number, digits = 15): Decimal128 {
  if (Number.isNaN(value)) return DECIMAL_NAN;
  if (value === Infinity) return DECIMAL_INFINITY;
  if (value === -Infinity) return DECIMAL_NEGATIVE_INFINITY;
  if (value === 0) return makeDecimal(Object.is(value, -0), 0n, 0);
  const [mantissa = '0', power = '0'] = Math.abs(value)
    .toExponential(digits - 1)
    .split('e');
  return makeDecimal(value < 0, BigInt(mantissa.replace('.', '')), Number(power) - (digits - 1));
}

/** The double nearest to a decimal. */
export function decimalToDouble(decimal: Decimal128): number {
  switch (decimalClass(decimal)) {
    case 'nan':
      return Number.NaN;
    case 'infinity':
      return Infinity;
    case '-infinity':
      return -Infinity;
    default: {
      const { negative, coefficient, exponent } = decimalParts(decimal);
      return Number(`${negative ? '-' : ''}${coefficient}e${exponent}`);
    }
  }
}

/** The integer part of a finite decimal, rounded toward zero, or half to even. */
export function decimalToBigint(decimal: Decimal128, rounding: 'truncate' | 'half-even' = 'truncate'): bigint {
  const { negative, coefficient, exponent } = decimalParts(decimal);
  let magnitude: bigint;
  if (exponent >= 0) magnitude = coefficient * 10n ** BigInt(exponent);
  else if (rounding === 'half-even') magnitude = shiftRight(coefficient, -exponent);
  else magnitude = -exponent > 40 ? 0n : coefficient / 10n ** BigInt(-exponent);
  return negative ? -magnitude : magnitude;
}

type Binary = (left: Decimal128, right: Decimal128) => Decimal128;

/** Doubles have the same rules for infinities and NaN: they answer where one side is not finite. */
function withSpecials(special: (left: number, right: number) => number, finite: Binary): Binary {
  return (left, right) => {
    if (decimalClass(left) === 'finite' && decimalClass(right) === 'finite') return finite(left, right);
    const sign = (decimal: Decimal128): number => {
      const value = decimalToDouble(decimal);
      return Number.isFinite(value) ? Math.sign(value) : value;
    };
    return decimalFromDouble(special(sign(left), sign(right)));
  };
}

function signed({ negative, coefficient }: DecimalParts): bigint {
  return negative ? -coefficient : coefficient;
}

/** left + right, rounded to 34 digits. */
export const addDecimals: Binary = withSpecials(
  (left, right) => left + right,
  (left, right) => {
    const a = decimalParts(left);
    const b = decimalParts(right);
    const exponent = Math.min(a.exponent, b.exponent);
    const sum = signed(a) * 10n ** BigInt(a.exponent - exponent) + signed(b) * 10n ** BigInt(b.exponent - exponent);
    const negative = sum === 0n ? a.negative && b.negative : sum < 0n;
    return makeDecimal(negative, sum < 0n ? -sum : sum, exponent);
  },
);

/** The decimal with its sign turned. */
export function negateDecimal(decimal: Decimal128): Decimal128 {
  const bytes = Uint8Array.from(decimal.bytes);
  bytes[15] = (bytes[15] as number) ^ 0x80;
  return new Decimal128(bytes);
}

/** left · right, rounded to 34 digits. */
export const multiplyDecimals: Binary = withSpecials(
  (left, right) => left * right,
  (left, right) => {
    const a = decimalParts(left);
    const b = decimalParts(right);
    return makeDecimal(a.negative !== b.negative, a.coefficient * b.coefficient, a.exponent + b.exponent);
  },
);

/** left / right, rounded to 34 digits; whoever divides by zero is asked not to. */
export const divideDecimals: Binary = withSpecials(
  (left, right) => left / right,
  (left, right) => {
    const a = decimalParts(left);
    const b = decimalParts(right);
    const negative = a.negative !== b.negative;
    if (b.coefficient === 0n) {
      if (a.coefficient === 0n) return DECIMAL_NAN;
      return negative ? DECIMAL_NEGATIVE_INFINITY : DECIMAL_INFINITY;
    }
    const ideal = a.exponent - b.exponent;
    if (a.coefficient === 0n) return makeDecimal(negative, 0n, ideal);
    const extra = Math.max(0, MAX_DIGITS + 2 + b.coefficient.toString().length - a.coefficient.toString().length);
    const scaled = a.coefficient * 10n ** BigInt(extra);
    let quotient = scaled / b.coefficient;
    let exponent = ideal - extra;
    if (scaled % b.coefficient !== 0n) {
      // A digit below the last one that can count keeps the rounding right.
      return makeDecimal(negative, quotient * 10n + 1n, exponent - 1);
    }
    while (exponent < ideal && quotient % 10n === 0n) {
      quotient /= 10n;
      exponent++;
    }
    return makeDecimal(negative, quotient, exponent);
  },
);

/** left mod right, with the sign of the dividend. */
export const remainderDecimals: Binary = withSpecials(
  (left, right) => left % right,
  (left, right) => {
    const a = decimalParts(left);
    const b = decimalParts(right);
    if (b.coefficient === 0n) return DECIMAL_NAN;
    const exponent = Math.min(a.exponent, b.exponent);
    const dividend = a.coefficient * 10n ** BigInt(a.exponent - exponent);
    const rest = dividend % (b.coefficient * 10n ** BigInt(b.exponent - exponent));
    return makeDecimal(a.negative, rest, exponent);
  },
);

/** Gives a finite decimal so many places behind the point (negative: before it), with zeros where it has less. */
export function quantizeDecimal(decimal: Decimal128, places: number, mode: 'half-even' | 'truncate'): Decimal128 {
  if (decimalClass(decimal) !== 'finite') return decimal;
  const { negative, coefficient, exponent } = decimalParts(decimal);
  const drop = -places - exponent;
  if (drop <= 0) {
    const room = MAX_DIGITS - coefficient.toString().length;
    const zeros = coefficient === 0n ? -drop : Math.min(-drop, room);
    return zeros === 0 ? decimal : makeDecimal(negative, coefficient * 10n ** BigInt(zeros), exponent - zeros);
  }
  if (drop > 40) return makeDecimal(negative, 0n, -places);
  const kept = mode === 'half-even' ? shiftRight(coefficient, drop) : coefficient / 10n ** BigInt(drop);
  return makeDecimal(negative, kept, -places);
}

/** The decimal that a text stands for, undefined if it is none. */
export function parseDecimal(text: string): Decimal128 | undefined {
  if (/^[+-]?nan$/i.test(text)) return DECIMAL_NAN;
  const infinite = /^([+-]?)inf(inity)?$/i.exec(text);
  if (infinite) return infinite[1] === '-' ? DECIMAL_NEGATIVE_INFINITY : DECIMAL_INFINITY;
  const match = /^([+-]?)(\d*)(?:\.(\d*))?(?:e([+-]?\d{1,6}))?$/i.exec(text);
  if (!match) return undefined;
  const [, sign, whole = '', fraction = '', power = '0'] = match;
  if (whole === '' && fraction === '') return undefined;
  return makeDecimal(sign === '-', BigInt(whole + fraction), Number(power) - fraction.length);
}
