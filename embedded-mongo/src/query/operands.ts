import { Binary, BSONRegExp } from 'bson';
import { Code, MongoError } from '../errors.ts';
import {
  asInteger,
  isNumber,
  isWhole,
  toBigint,
  TYPE_ALIASES,
  typeNameOf,
  type Value,
  type ValueTest,
} from '../values/index.ts';
import { modTest } from './leaf.ts';

function bad(message: string): MongoError {
  return new MongoError(Code.BadValue, message);
}

/** The type numbers that `$type` names. */
export function readTypes(value: Value): Set<number> {
  const types = new Set<number>();
  const list = Array.isArray(value) ? value : [value];
  if (list.length === 0) throw new MongoError(Code.FailedToParse, '$type must match at least one type');
  for (const item of list) {
    if (typeof item === 'string') {
      if (item === 'number') for (const type of [1, 16, 18, 19]) types.add(type);
      else {
        const type = TYPE_ALIASES.get(item);
        if (type === undefined) throw bad(`Unknown type name alias: ${item}`);
        types.add(type);
      }
    } else if (isNumber(item)) {
      const type = asInteger(item);
      if (type === undefined || !(type === -1 || type === 127 || (type >= 1 && type <= 19))) {
        throw bad(`Invalid numerical type code: ${String(item)}`);
      }
      types.add(type);
    } else throw new MongoError(Code.TypeMismatch, 'type must be represented as a number or a string');
  }
  return types;
}

/** The regular expression of `$regex` with its `$options`. */
export function readRegex(value: Value, options: Value, hasOptions: boolean): BSONRegExp {
  if (hasOptions && typeof options !== 'string') throw bad('$options has to be a string');
  if (value instanceof BSONRegExp) {
    if (hasOptions && value.options !== '') throw new MongoError(51074, 'options set in both $regex and $options');
    return hasOptions ? regexValue(value.pattern, options as string) : value;
  }
  if (typeof value !== 'string') throw bad('$regex has to be a string');
  return regexValue(value, hasOptions ? (options as string) : '');
}

function regexValue(pattern: string, options: string): BSONRegExp {
  try {
    return new BSONRegExp(pattern, options);
  } catch {
    throw new MongoError(51108, ` invalid flag in regex options: ${options}`);
  }
}

/** The test of `$mod`. */
export function readMod(value: Value): ValueTest {
  if (!Array.isArray(value)) throw bad('malformed mod, needs to be an array');
  if (value.length < 2) throw bad('malformed mod, not enough elements');
  if (value.length > 2) throw bad('malformed mod, too many elements');
  const [divisor, remainder] = value;
  if (!isNumber(divisor)) throw bad('malformed mod, divisor not a number');
  if (!isNumber(remainder)) throw bad('malformed mod, remainder not a number');
  const by = toBigint(divisor);
  const rest = toBigint(remainder);
  if (by === undefined || rest === undefined) throw bad('malformed mod, divisor or remainder is not finite');
  if (by === 0n) throw bad('divisor cannot be 0');
  return modTest(by, rest);
}

/** The bit positions of the `$bits…` operators. */
export function readBits(name: string, value: Value): number[] {
  if (Array.isArray(value)) {
    return value.map((item) => {
      const position = asInteger(item);
      if (position === undefined) throw bad(`Failed to parse bit position. Expected an integer: ${String(item)}`);
      if (position < 0) throw bad(`Failed to parse bit position. Expected a non-negative number in: ${position}`);
      return position;
    });
  }
  const positions: number[] = [];
  if (isNumber(value)) {
    const mask = toBigint(value);
    if (mask === undefined || !isWhole(value))
      throw new MongoError(Code.FailedToParse, `Expected an integer: ${name}: ${String(value)}`);
    if (mask < 0n)
      throw new MongoError(Code.FailedToParse, `Expected a non-negative number in: ${name}: ${String(value)}`);
    for (let at = 0; mask >> BigInt(at) > 0n; at++) if ((mask >> BigInt(at)) & 1n) positions.push(at);
    return positions;
  }
  if (value instanceof Binary) {
    for (let at = 0; at < value.position * 8; at++) {
      if (((value.buffer[at >> 3] as number) >> (at & 7)) & 1) positions.push(at);
    }
    return positions;
  }
  throw bad(`${name} takes an Array, a number, or a BinData but received: ${typeNameOf(value)}`);
}
