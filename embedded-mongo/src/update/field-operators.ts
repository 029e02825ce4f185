import { Int32, Timestamp } from 'bson';
import { Code, MongoError } from '../errors.ts';
import {
  add,
  compare,
  fitsLong,
  identical,
  int32,
  isNumber,
  MISSING,
  type Missing,
  multiply,
  type NumberValue,
  type StringComparator,
  toBigint,
  typeNameOf,
  type Value,
} from '../values/index.ts';
import { type Change, KEEP, type Outcome, REMOVE } from './modifier.ts';
import { show } from './show.ts';

/** The new value, unless it is the old one to the last bit. */
export function unlessSame(current: Value | Missing, next: Value): Outcome {
  return current !== MISSING && identical(current, next) ? KEEP : next;
}

/** `$set`. */
export function set(value: Value): Change {
  return { creates: true, apply: (current) => unlessSame(current, value) };
}

/** `$setOnInsert`. */
export function setOnInsert(value: Value): Change {
  return { creates: true, apply: (current, { inserting }) => (inserting ? unlessSame(current, value) : KEEP) };
}

/** `$unset`. */
export const unset: Change = { creates: false, apply: () => REMOVE };

function arithmetic(operator: '$inc' | '$mul', argument: Value, field: string): Change {
  if (!isNumber(argument)) {
    const verb = operator === '$inc' ? 'increment' : 'multiply';
    throw new MongoError(Code.TypeMismatch, `Cannot ${verb} with non-numeric argument: {${field}: ${show(argument)}}`);
  }
  const combine = operator === '$inc' ? add : multiply;
  return {
    creates: true,
    apply: (current, context, path) => {
      if (current === MISSING) return operator === '$inc' ? argument : (multiply(argument, int32(0)) as NumberValue);
      if (!isNumber(current)) {
        throw new MongoError(
          Code.TypeMismatch,
          `Cannot apply ${operator} to a value of non-numeric type. ${context.describe()} has the field '${path.split('.').at(-1)}' of non-numeric type ${typeNameOf(current)}`,
        );
      }
      const result = combine(current, argument);
      if (result === undefined) {
        throw new MongoError(
          Code.BadValue,
          `Failed to apply ${operator} operations to current value (${show(current)}) for document ${context.describe()}`,
        );
      }
      return unlessSame(current, result);
    },
  };
}

/** `$inc`. */
export function inc(argument: Value, field: string): Change {
  return arithmetic('$inc', argument, field);
}

/** `$mul`: a missing field becomes zero of the factor's type. */
export function mul(argument: Value, field: string): Change {
  return arithmetic('$mul', argument, field);
}

/** `$min` (direction -1) and `$max` (1), over the order of all types. */
export function extreme(value: Value, direction: 1 | -1, strings: StringComparator): Change {
  return {
    creates: true,
    apply: (current) => (current === MISSING || compare(value, current, strings) * direction > 0 ? value : KEEP),
  };
}

/** `$currentDate`. */
export function currentDate(argument: Value, now: Date): Change {
  let timestamp = false;
  if (argument instanceof Map) {
    for (const key of argument.keys()) {
      if (key !== '$type') throw new MongoError(Code.BadValue, `Unrecognized $currentDate option: ${key}`);
    }
    const type = argument.get('$type');
    if (type !== 'date' && type !== 'timestamp') {
      throw new MongoError(
        Code.BadValue,
        "The '$type' string field is required to be 'date' or 'timestamp': {$currentDate: {field : {$type: 'date'}}}",
      );
    }
    timestamp = type === 'timestamp';
  } else if (typeof argument !== 'boolean') {
    throw new MongoError(
      Code.BadValue,
      `${typeNameOf(argument)} is not valid type for $currentDate. Please use a boolean ('true') or a $type expression ({$type: 'timestamp/date'}).`,
    );
  }
  let ordinal = 0;
  return {
    creates: true,
    apply: () => (timestamp ? new Timestamp({ t: Math.floor(now.getTime() / 1000), i: ++ordinal }) : now),
  };
}

type BitOperation = (left: bigint, right: bigint) => bigint;
const BIT_OPERATIONS: Readonly<Record<string, BitOperation>> = {
  and: (left, right) => left & right,
  or: (left, right) => left | right,
  xor: (left, right) => left ^ right,
};

/** `$bit`. */
export function bit(argument: Value, field: string): Change {
  if (!(argument instanceof Map)) {
    throw new MongoError(
      Code.BadValue,
      `The $bit modifier is not compatible with a ${typeNameOf(argument)}. You must pass in an embedded document: {$bit: {field: {and/or/xor: #}}`,
    );
  }
  if (argument.size === 0)
    throw new MongoError(
      Code.BadValue,
      `You must pass in at least one bitwise operation. The format is: {$bit: {field: {and/or/xor: #}}`,
    );
  const operations = [...argument].map(([name, operand]): [BitOperation, bigint | Int32] => {
    const operation = Object.hasOwn(BIT_OPERATIONS, name) ? BIT_OPERATIONS[name] : undefined;
    if (!operation) {
      throw new MongoError(
        Code.BadValue,
        `The $bit modifier only supports 'and', 'or', and 'xor', not '${name}' which is an unknown operator: {${name}: ${show(operand)}}`,
      );
    }
    if (typeof operand !== 'bigint' && !(operand instanceof Int32)) {
      throw new MongoError(
        Code.BadValue,
        `The $bit modifier field must be an Integer(32/64 bit); a '${typeNameOf(operand)}' is not supported here: {${name}: ${show(operand)}}`,
      );
    }
    return [operation, operand];
  });
  return {
    creates: true,
    apply: (current, context) => {
      let value: Value = current === MISSING ? int32(0) : current;
      if (typeof value !== 'bigint' && !(value instanceof Int32)) {
        throw new MongoError(
          Code.BadValue,
          `Cannot apply $bit to a value of non-integral type.${context.describe()} has the field ${field} of non-integer type ${typeNameOf(value)}`,
        );
      }
      for (const [operation, operand] of operations) {
        const long: boolean = typeof value === 'bigint' || typeof operand === 'bigint';
        const result: bigint = operation(toBigint(value) as bigint, toBigint(operand) as bigint);
        value = long && fitsLong(result) ? result : int32(Number(result));
      }
      return unlessSame(current, value);
    },
  };
}
