import { Int32 } from 'bson';
import { MongoError } from '../../errors.ts';
import {
  addDecimals,
  asInteger,
  decimalClass,
  decimalFromDouble,
  decimalToDouble,
  fitsLong,
  isNumber,
  makeDecimal,
  narrowInteger,
  negateDecimal,
  type NumberValue,
  quantizeDecimal,
  toBigint,
  toDecimal,
  typeNameOf,
  type Value,
} from '../../values/index.ts';
import { isNullish } from '../compile.ts';
import { type Decimal, isDecimal, numeric } from './arithmetic.ts';
import { type OperatorTable, variadic } from './operator.ts';

function decimalStep(value: Decimal, step: -1n | 1n): Decimal {
  if (decimalClass(value) !== 'finite') return value;
  const cut = quantizeDecimal(value, 0, 'truncate');
  const rest = decimalToDouble(addDecimals(value, negateDecimal(cut)));
  return step > 0n === rest > 0 && rest !== 0 ? addDecimals(cut, makeDecimal(step < 0n, 1n, 0)) : cut;
}

/** Doubles keep their type; decimals and integers theirs. */
function rounding(double: (value: number) => number, decimal: (value: Decimal) => Decimal) {
  return numeric(28765, (value) =>
    typeof value === 'number' ? double(value) : isDecimal(value) ? decimal(value) : value,
  );
}

function roundTo(mode: 'half-even' | 'truncate') {
  return variadic(
    (values, name) => {
      const [value, placeValue] = values;
      if (isNullish(value as Value)) return null;
      if (values.length > 1 && isNullish(placeValue as Value)) return null;
      if (!isNumber(value as Value))
        throw new MongoError(51081, `${name} only supports numeric types, not ${typeNameOf(value as Value)}`);
      const place = values.length > 1 ? asInteger(placeValue as Value) : 0;
      if (place === undefined)
        throw new MongoError(51082, 'precision argument to  ' + `${name} must be a integral value`);
      if (place < -20 || place > 100)
        throw new MongoError(51083, `cannot apply ${name} with precision value ${place} value must be in [-20, 100]`);
      return roundNumber(value as NumberValue, place, mode);
    },
    1,
    2,
  );
}

/** Rounds half to even, or cuts, at a number of places behind the point, keeping the type where it can. */
export function roundNumber(value: NumberValue, place: number, mode: 'half-even' | 'truncate'): NumberValue {
  if (isDecimal(value)) return quantizeDecimal(value, place, mode);
  if (typeof value === 'number') {
    if (!Number.isFinite(value)) return value;
    return decimalToDouble(quantizeDecimal(decimalFromDouble(value, 34), place, mode));
  }
  if (place >= 0) return value;
  const rounded = toBigint(quantizeDecimal(toDecimal(value), place, mode)) as bigint;
  if (value instanceof Int32) return narrowInteger(rounded) as NumberValue;
  if (!fitsLong(rounded)) throw new MongoError(51080, 'invalid conversion from Decimal128 result');
  return rounded;
}

/** Operators that round. */
export const ROUNDING: OperatorTable = [
  ['$ceil', rounding(Math.ceil, (value) => decimalStep(value, 1n))],
  ['$floor', rounding(Math.floor, (value) => decimalStep(value, -1n))],
  ['$round', roundTo('half-even')],
  ['$trunc', roundTo('truncate')],
];
