import { Int32 } from 'bson';
import { Code, MongoError } from '../../errors.ts';
import {
  add,
  asInteger,
  decimalClass,
  decimalFromDouble,
  divideDecimals,
  fitsLong,
  int32,
  isNumber,
  type Missing,
  multiply,
  narrowInteger,
  negateDecimal,
  type NumberValue,
  remainderDecimals,
  toBigint,
  toDecimal,
  toDouble,
  typeNameOf,
  type Value,
} from '../../values/index.ts';
import { isNullish } from '../compile.ts';
import { binary, unary, variadic, type OperatorTable } from './operator.ts';

export type Decimal = ReturnType<typeof toDecimal>;

/** Whether a number is a decimal. */
export function isDecimal(value: NumberValue): value is Decimal {
  return typeof value === 'object' && !(value instanceof Int32);
}

/** Sums as expressions do: beyond long it goes on as a double. */
export function addNumbers(left: NumberValue, right: NumberValue): NumberValue {
  return add(left, right) ?? toDouble(left) + toDouble(right);
}

/** A moment moved by milliseconds; refused where JavaScript's dates end. */
export function shiftDate(date: Date, milliseconds: number): Date {
  const moved = new Date(date.getTime() + Math.round(milliseconds));
  if (Number.isNaN(moved.getTime())) throw new MongoError(Code.Overflow, 'date overflow');
  return moved;
}

function sum(values: (Value | Missing)[], name: string): Value {
  let total: NumberValue = int32(0);
  let date: Date | undefined;
  let hasNull = false;
  for (const value of values) {
    if (isNumber(value)) total = addNumbers(total, value);
    else if (value instanceof Date) {
      if (date) throw new MongoError(16612, 'only one date allowed in an $add expression');
      date = value;
    } else if (isNullish(value)) hasNull = true;
    else
      throw new MongoError(Code.TypeMismatch, `${name} only supports numeric or date types, not ${typeNameOf(value)}`);
  }
  if (hasNull) return null;
  return date ? shiftDate(date, toDouble(total)) : total;
}

function subtract(left: Value | Missing, right: Value | Missing): Value {
  if (isNullish(left) || isNullish(right)) return null;
  if (isNumber(left) && isNumber(right)) return addNumbers(left, negate(right));
  if (left instanceof Date) {
    if (right instanceof Date) return BigInt(left.getTime() - right.getTime());
    if (isNumber(right)) return shiftDate(left, -toDouble(right));
  }
  throw new MongoError(Code.TypeMismatch, `can't $subtract ${typeNameOf(right)} from ${typeNameOf(left)}`);
}

function negate(value: NumberValue): NumberValue {
  if (typeof value === 'number') return -value;
  if (value instanceof Int32) return narrowInteger(-value.value) as NumberValue;
  if (typeof value === 'bigint') return fitsLong(-value) ? -value : -Number(value);
  return negateDecimal(value);
}

function product(values: (Value | Missing)[], name: string): Value {
  let total: NumberValue = int32(1);
  let hasNull = false;
  for (const value of values) {
    if (isNumber(value)) total = multiply(total, value) ?? toDouble(total) * toDouble(value);
    else if (isNullish(value)) hasNull = true;
    else throw new MongoError(Code.TypeMismatch, `${name} only supports numeric types, not ${typeNameOf(value)}`);
  }
  return hasNull ? null : total;
}

function divide(left: Value | Missing, right: Value | Missing): Value {
  if (isNullish(left) || isNullish(right)) return null;
  if (!isNumber(left) || !isNumber(right)) {
    throw new MongoError(
      Code.TypeMismatch,
      `$divide only supports numeric types, not ${typeNameOf(left)} and ${typeNameOf(right)}`,
    );
  }
  if (toDouble(right) === 0) throw new MongoError(Code.BadValue, "can't $divide by zero");
  if (isDecimal(left) || isDecimal(right)) return divideDecimals(toDecimal(left), toDecimal(right));
  return toDouble(left) / toDouble(right);
}

function remainder(left: Value | Missing, right: Value | Missing): Value {
  if (isNullish(left) || isNullish(right)) return null;
  if (!isNumber(left) || !isNumber(right)) {
    throw new MongoError(16611, `$mod only supports numeric types, not ${typeNameOf(left)} and ${typeNameOf(right)}`);
  }
  if (toDouble(right) === 0) throw new MongoError(16610, "can't $mod by zero");
  if (isDecimal(left) || isDecimal(right)) return remainderDecimals(toDecimal(left), toDecimal(right));
  // A whole double that an int could hold leaves an integer an integer.
  const real = typeof right === 'number' && !(Number.isInteger(right) && Math.abs(right) <= 2147483647);
  if (typeof left === 'number' || real) return toDouble(left) % toDouble(right);
  const rest = (toBigint(left) as bigint) % (toBigint(right) as bigint);
  return typeof left === 'bigint' || typeof right === 'bigint' ? rest : int32(Number(rest));
}

/** An operator of one number. */
export function numeric(code: number, apply: (value: NumberValue) => Value) {
  return unary((value, name) => {
    if (isNullish(value)) return null;
    if (!isNumber(value)) throw new MongoError(code, `${name} only supports numeric types, not ${typeNameOf(value)}`);
    return apply(value);
  });
}

function absolute(value: NumberValue): Value {
  if (typeof value === 'bigint') {
    if (value === -(1n << 63n)) throw new MongoError(28680, "can't take $abs of long long min");
    return value < 0n ? -value : value;
  }
  if (value instanceof Int32) return narrowInteger(Math.abs(value.value)) as Value;
  if (typeof value === 'number') return Math.abs(value);
  return decimalClass(value) !== 'nan' && (value.bytes[15] as number) & 0x80 ? negateDecimal(value) : value;
}

/** Functions over doubles; a decimal goes through one and comes back as a decimal. */
function real(apply: (value: number, name: string) => number) {
  return unary((value, name) => {
    if (isNullish(value)) return null;
    if (!isNumber(value)) throw new MongoError(28765, `${name} only supports numeric types, not ${typeNameOf(value)}`);
    const result = apply(toDouble(value), name);
    return isDecimal(value) ? decimalFromDouble(result) : result;
  });
}

function inRange(apply: (value: number) => number, test: (value: number) => boolean) {
  return real((value, name) => {
    if (!Number.isNaN(value) && !test(value))
      throw new MongoError(50989, `cannot apply ${name} to ${value}, value must be in its range`);
    return apply(value);
  });
}

function power(base: Value | Missing, exponent: Value | Missing): Value {
  if (isNullish(base) || isNullish(exponent)) return null;
  if (!isNumber(base)) throw new MongoError(28762, `$pow's base must be numeric, not ${typeNameOf(base)}`);
  if (!isNumber(exponent)) throw new MongoError(28763, `$pow's exponent must be numeric, not ${typeNameOf(exponent)}`);
  if (toDouble(base) === 0 && toDouble(exponent) < 0)
    throw new MongoError(28764, '$pow cannot take a base of 0 and a negative exponent');
  if (isDecimal(base) || isDecimal(exponent)) {
    const whole = asInteger(exponent);
    if (whole === undefined || whole < 0 || whole > 1000)
      return decimalFromDouble(toDouble(base) ** toDouble(exponent), 15);
    let result = toDecimal(int32(1));
    for (let count = 0; count < whole; count++) result = multiply(result, base) as Decimal;
    return result;
  }
  if (typeof base === 'number' || typeof exponent === 'number' || toDouble(exponent) < 0)
    return toDouble(base) ** toDouble(exponent);
  const large = toDouble(base) ** toDouble(exponent);
  if (Math.abs(large) > 1e19) return large;
  const result = (toBigint(base) as bigint) ** (toBigint(exponent) as bigint);
  if (!fitsLong(result)) return Number(result);
  return typeof base === 'bigint' || typeof exponent === 'bigint' ? result : (narrowInteger(result) as Value);
}

function logarithm(value: Value | Missing, base: Value | Missing): Value {
  if (isNullish(value) || isNullish(base)) return null;
  if (!isNumber(value)) throw new MongoError(28756, `$log's argument must be numeric, not ${typeNameOf(value)}`);
  if (!isNumber(base)) throw new MongoError(28757, `$log's base must be numeric, not ${typeNameOf(base)}`);
  if (toDouble(value) <= 0)
    throw new MongoError(28758, `$log's argument must be a positive number, but is ${toDouble(value)}`);
  if (toDouble(base) <= 0 || toDouble(base) === 1)
    throw new MongoError(28759, `$log's base must be a positive number not equal to 1, but is ${toDouble(base)}`);
  return Math.log(toDouble(value)) / Math.log(toDouble(base));
}

function bitwise(apply: (left: bigint, right: bigint) => bigint, start: number) {
  return variadic((values, name) => {
    let result = BigInt(start);
    let long = false;
    for (const value of values) {
      if (isNullish(value)) return null;
      if (typeof value !== 'bigint' && !(value instanceof Int32)) {
        throw new MongoError(
          Code.TypeMismatch,
          `${name} only supports int and long operands, not ${typeNameOf(value)}.`,
        );
      }
      if (typeof value === 'bigint') long = true;
      result = apply(result, toBigint(value) as bigint);
    }
    return long ? BigInt.asIntN(64, result) : int32(Number(BigInt.asIntN(32, result)));
  });
}

const bitNot = unary((value, name) => {
  if (isNullish(value)) return null;
  if (value instanceof Int32) return int32(~value.value);
  if (typeof value === 'bigint') return ~value;
  throw new MongoError(28765, `${name} only supports int and long, not: ${typeNameOf(value)}.`);
});

function positive(code: number, text: string, apply: (value: number) => number) {
  return real((value) => {
    if (value <= 0 && !(code === 28714 && value === 0)) throw new MongoError(code, `${text}, but is ${value}`);
    return apply(value);
  });
}

const FINITE = Number.isFinite;
const UNIT = (value: number) => value >= -1 && value <= 1;

/** Arithmetic, trigonometry and bits. */
export const ARITHMETIC: OperatorTable = [
  ['$add', variadic(sum)],
  ['$subtract', binary(subtract)],
  ['$multiply', variadic(product)],
  ['$divide', binary(divide)],
  ['$mod', binary(remainder)],
  ['$abs', numeric(28765, absolute)],
  ['$exp', real(Math.exp)],
  ['$ln', positive(28766, "$ln's argument must be a positive number", Math.log)],
  ['$log10', positive(28761, "$log10's argument must be a positive number", Math.log10)],
  ['$log', binary(logarithm)],
  ['$sqrt', positive(28714, "$sqrt's argument must be greater than or equal to 0", Math.sqrt)],
  ['$pow', binary(power)],
  ['$sin', inRange(Math.sin, FINITE)],
  ['$cos', inRange(Math.cos, FINITE)],
  ['$tan', inRange(Math.tan, FINITE)],
  ['$asin', inRange(Math.asin, UNIT)],
  ['$acos', inRange(Math.acos, UNIT)],
  ['$atan', real(Math.atan)],
  ['$sinh', real(Math.sinh)],
  ['$cosh', real(Math.cosh)],
  ['$tanh', real(Math.tanh)],
  ['$asinh', real(Math.asinh)],
  ['$acosh', inRange(Math.acosh, (value) => value >= 1)],
  ['$atanh', inRange(Math.atanh, UNIT)],
  [
    '$atan2',
    binary((left, right, name) => {
      if (isNullish(left) || isNullish(right)) return null;
      if (!isNumber(left) || !isNumber(right)) throw new MongoError(51044, `${name} only supports numeric types`);
      const angle = Math.atan2(toDouble(left), toDouble(right));
      return isDecimal(left) || isDecimal(right) ? decimalFromDouble(angle) : angle;
    }),
  ],
  ['$degreesToRadians', real((value) => (value * Math.PI) / 180)],
  ['$radiansToDegrees', real((value) => (value * 180) / Math.PI)],
  ['$bitAnd', bitwise((left, right) => left & right, -1)],
  ['$bitOr', bitwise((left, right) => left | right, 0)],
  ['$bitXor', bitwise((left, right) => left ^ right, 0)],
  ['$bitNot', bitNot],
];
