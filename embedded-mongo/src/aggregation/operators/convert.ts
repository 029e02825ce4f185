import { Binary, Decimal128, Int32, ObjectId, Timestamp } from 'bson';
import { Code, MongoError } from '../../errors.ts';
import {
  asInteger,
  decimalClass,
  decimalFromDouble,
  fitsLong,
  int32,
  isNumber,
  type Missing,
  narrowInteger,
  type NumberValue,
  parseDecimal,
  toBigint,
  toDecimal,
  toDouble,
  Type,
  TYPE_ALIASES,
  typeName,
  typeNameOf,
  typeOf,
  type Value,
} from '../../values/index.ts';
import { isNullish } from '../compile.ts';
import { parseDate } from './date-format.ts';
import { named, namedArguments, namedOrMissing, type Operator, type OperatorTable, unary } from './operator.ts';
import { coerceToString } from './string.ts';

function failed(message: string): MongoError {
  return new MongoError(Code.ConversionFailure, `${message} in $convert with no onError value`);
}

function unsupported(value: Value, to: number): MongoError {
  return failed(`Unsupported conversion from ${typeNameOf(value)} to ${typeName(to)}`);
}

function toBool(value: Value): Value {
  if (isNumber(value)) return toDouble(value) !== 0;
  return typeof value === 'boolean' ? value : true;
}

function parseNumber(text: string): number {
  // Hexadecimal, blanks and the like are no numbers here.
  if (!/^[+-]?(\d+\.?\d*([eE][+-]?\d+)?|\.\d+([eE][+-]?\d+)?|inf(inity)?|nan)$/i.test(text)) {
    throw failed(`Failed to parse number '${text}'`);
  }
  if (/nan/i.test(text)) return Number.NaN;
  if (/inf/i.test(text)) return text.startsWith('-') ? -Infinity : Infinity;
  return Number(text);
}

function toReal(value: Value): Value {
  if (isNumber(value)) {
    const number = toDouble(value);
    if (!Number.isFinite(number) && value instanceof Decimal128 && decimalClass(value) === 'finite') {
      throw failed(`Conversion would overflow target type`);
    }
    return number;
  }
  if (typeof value === 'boolean') return value ? 1 : 0;
  if (typeof value === 'string') return parseNumber(value);
  if (value instanceof Date) return value.getTime();
  throw unsupported(value, Type.double);
}

function whole(value: NumberValue): bigint {
  const number = toDouble(value);
  if (Number.isNaN(number)) throw failed('Attempt to convert NaN value to integer type');
  if (!Number.isFinite(number)) throw failed('Attempt to convert infinity value to integer type');
  return toBigint(value) as bigint;
}

function toWhole(value: Value, type: 16 | 18): Value {
  let result: bigint;
  if (isNumber(value)) result = whole(value);
  else if (typeof value === 'boolean') result = value ? 1n : 0n;
  else if (typeof value === 'string') {
    if (!/^[+-]?\d+$/.test(value)) throw failed(`Failed to parse number '${value}'`);
    result = BigInt(value.replace(/^\+/, ''));
  } else if (value instanceof Date && type === 18) result = BigInt(value.getTime());
  else throw unsupported(value, type);
  if (!fitsLong(result)) throw failed(`Conversion would overflow target type`);
  if (type === 18) return result;
  const narrow = narrowInteger(result);
  if (!(narrow instanceof Int32)) throw failed('Conversion would overflow target type');
  return narrow;
}

function toExact(value: Value): Value {
  if (isNumber(value)) return toDecimal(value);
  if (typeof value === 'boolean') return toDecimal(int32(value ? 1 : 0));
  if (typeof value === 'string') {
    const decimal = parseDecimal(value);
    if (!decimal) throw failed(`Failed to parse number '${value}'`);
    return decimal;
  }
  if (value instanceof Date) return decimalFromDouble(value.getTime());
  throw unsupported(value, Type.decimal);
}

function toDate(value: Value): Value {
  if (value instanceof Date) return value;
  if (typeof value === 'string') return parseDate(value, undefined);
  if (value instanceof ObjectId) return value.getTimestamp();
  if (value instanceof Timestamp) return new Date(value.t * 1000);
  if (isNumber(value) && !(value instanceof Int32)) {
    const date = new Date(Number(whole(value)));
    if (Number.isNaN(date.getTime())) throw failed('date overflow');
    return date;
  }
  throw unsupported(value, Type.date);
}

function toText(value: Value, format: string): Value {
  if (typeof value === 'boolean') return String(value);
  if (value instanceof ObjectId) return value.toHexString();
  if (value instanceof Binary) {
    if (format === 'auto') {
      if (value.sub_type === 4 && value.position === 16) return value.toUUID().toHexString();
      return Buffer.from(value.buffer.subarray(0, value.position)).toString('base64');
    }
    if (format === 'uuid' && value.sub_type === 4) return value.toUUID().toHexString();
    if (format === 'base64' || format === 'base64url' || format === 'hex') {
      const text = Buffer.from(value.buffer.subarray(0, value.position)).toString(format);
      return format === 'hex' ? text.toUpperCase() : text;
    }
    throw failed(`Unsupported format ${format}`);
  }
  if (isNumber(value) || typeof value === 'string' || value instanceof Date || typeOf(value) === 14)
    return coerceToString(value, '$convert');
  throw unsupported(value, Type.string);
}

function toId(value: Value): Value {
  if (value instanceof ObjectId) return value;
  if (typeof value !== 'string') throw unsupported(value, Type.objectId);
  if (!/^[0-9a-fA-F]{24}$/.test(value)) {
    throw failed(
      `Failed to parse objectId '${value}'${value.length === 24 ? ': Invalid character found in hex string' : `: Invalid string length for parsing to OID, expected 24 but found ${value.length}`}`,
    );
  }
  return new ObjectId(value);
}

function toBinary(value: Value, format: string, subtype: number): Value {
  if (value instanceof Binary) return value;
  if (typeof value !== 'string') throw unsupported(value, Type.binData);
  if (format === 'uuid' || (format === 'auto' && subtype === 4)) {
    if (!/^[0-9a-f]{8}-([0-9a-f]{4}-){3}[0-9a-f]{12}$/i.test(value))
      throw failed(`Input is not a valid UUID: '${value}'`);
    return new Binary(Buffer.from(value.replaceAll('-', ''), 'hex'), 4);
  }
  if (format !== 'base64' && format !== 'base64url' && format !== 'hex' && format !== 'utf8')
    throw failed(`Unsupported format ${format}`);
  return new Binary(Buffer.from(value, format), subtype);
}

/** Converts a value that is not null. Throws ConversionFailure (241). */
export function convert(value: Value, to: number, format = 'auto', subtype = 0): Value {
  switch (to) {
    case Type.double:
      return toReal(value);
    case Type.string:
      return toText(value, format);
    case Type.objectId:
      return toId(value);
    case Type.bool:
      return toBool(value);
    case Type.date:
      return toDate(value);
    case Type.int:
      return toWhole(value, 16);
    case Type.long:
      return toWhole(value, 18);
    case Type.decimal:
      return toExact(value);
    case Type.binData:
      return toBinary(value, format, subtype);
    default:
      throw unsupported(value, to);
  }
}

function targetOf(value: Value | Missing): number {
  if (typeof value === 'string') {
    // A name that types have and no value can be given: refused as a conversion.
    const type = value === 'missing' ? 0 : TYPE_ALIASES.get(value);
    if (type === undefined) throw new MongoError(Code.BadValue, `Unknown type name: ${value}`);
    return type;
  }
  const type = asInteger(value);
  if (type === undefined)
    throw new MongoError(
      Code.FailedToParse,
      `$convert's 'to' argument must be a string or number, but is ${typeNameOf(value)}`,
    );
  return type;
}

const convertOperator: Operator = (argument, scope, name) => {
  const spec = namedArguments(
    argument,
    name,
    ['input', 'to'],
    ['onError', 'onNull', 'format', 'byteOrder'],
    Code.FailedToParse,
  );
  const input = namedOrMissing(spec, 'input', scope);
  const to = namedOrMissing(spec, 'to', scope);
  const onError = named(spec, 'onError', scope);
  const onNull = named(spec, 'onNull', scope);
  const format = named(spec, 'format', scope);
  return (root) => {
    const value = input(root);
    const wanted = to(root);
    if (isNullish(value)) return onNull ? onNull(root) : null;
    if (isNullish(wanted)) return null;
    let subtype = 0;
    let type: number;
    if (wanted instanceof Map) {
      type = targetOf(wanted.has('type') ? wanted.get('type') : null);
      subtype = asInteger(wanted.get('subtype')) ?? 0;
    } else type = targetOf(wanted);
    const how = format?.(root);
    try {
      return convert(value, type, typeof how === 'string' ? how : 'auto', subtype);
    } catch (error) {
      if (onError && error instanceof MongoError && error.code === Code.ConversionFailure) return onError(root);
      throw error;
    }
  };
};

function shorthand(to: number, format = 'auto', subtype = 0): Operator {
  return unary((value) => (isNullish(value) ? null : convert(value, to, format, subtype)));
}

/** Conversions between types. */
export const CONVERSIONS: OperatorTable = [
  ['$convert', convertOperator],
  ['$toBool', shorthand(Type.bool)],
  ['$toDate', shorthand(Type.date)],
  ['$toDecimal', shorthand(Type.decimal)],
  ['$toDouble', shorthand(Type.double)],
  ['$toInt', shorthand(Type.int)],
  ['$toLong', shorthand(Type.long)],
  ['$toObjectId', shorthand(Type.objectId)],
  ['$toString', shorthand(Type.string)],
  ['$toUUID', shorthand(Type.binData, 'uuid', 4)],
];
