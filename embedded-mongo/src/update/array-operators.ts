import { BSONRegExp } from 'bson';
import { Code, MongoError } from '../errors.ts';
import { type Collation, compileFilter, isOperatorDoc, stringOrder } from '../query/index.ts';
import type { Scope } from '../aggregation/expression.ts';
import {
  asInteger,
  compare,
  type Doc,
  getPath,
  MISSING,
  parsePath,
  type StringComparator,
  typeNameOf,
  type Value,
} from '../values/index.ts';
import { type Change, type ChangeContext, KEEP, type Outcome } from './modifier.ts';
import { show } from './show.ts';

function bad(message: string): MongoError {
  return new MongoError(Code.BadValue, message);
}

type Ordering = (left: Value, right: Value) => number;

/** The order that a `$push` with `$sort` asks for: of the elements themselves, or of paths in them. */
function readSort(spec: Value, strings: StringComparator): Ordering {
  if (!(spec instanceof Map)) {
    const direction = asInteger(spec);
    if (direction !== 1 && direction !== -1)
      throw bad('The $sort is invalid: use 1/-1 to sort the whole element, or {field:1/-1} to sort embedded fields');
    return (left, right) => compare(left, right, strings) * direction;
  }
  if (spec.size === 0) throw bad('The $sort pattern is empty when it should be a set of fields.');
  const keys = [...spec].map(([path, order]) => {
    const direction = asInteger(order);
    if (direction !== 1 && direction !== -1) throw bad('The $sort element value must be either 1 or -1');
    if (path === '' || path.startsWith('.') || path.endsWith('.'))
      throw bad('The $sort field is a dotted field but has an empty part');
    return { path: parsePath(path), direction };
  });
  const at = (item: Value, path: readonly string[]): Value => {
    const found = item instanceof Map ? getPath(item, path) : MISSING;
    return found === MISSING ? null : found;
  };
  return (left, right) => {
    for (const { path, direction } of keys) {
      const order = compare(at(left, path), at(right, path), strings);
      if (order !== 0) return order * direction;
    }
    return 0;
  };
}

function integerOption(name: string, value: Value): number {
  const number = asInteger(value);
  if (number === undefined)
    throw bad(`The value for ${name} must be an integer value but was given type: ${typeNameOf(value)}`);
  return number;
}

/** The array in place, an empty one for a missing field; anything else is refused. */
function arrayAt(current: Value | typeof MISSING, context: ChangeContext, path: string): Value[] {
  if (current === MISSING) return [];
  if (Array.isArray(current)) return current;
  throw bad(
    `The field '${path}' must be an array but is of type ${typeNameOf(current)} in document ${context.describe()}`,
  );
}

/** `$push`, with `$each`, `$position`, `$sort` and `$slice`. */
export function push(argument: Value, collation: Collation | undefined): Change {
  let items: Value[] = [argument];
  let position: number | undefined;
  let slice: number | undefined;
  let sort: Ordering | undefined;
  if (argument instanceof Map && argument.has('$each')) {
    for (const [name, value] of argument) {
      if (name === '$each') {
        if (!Array.isArray(value))
          throw bad(`The argument to $each in $push must be an array but it was of type: ${typeNameOf(value)}`);
        items = value;
      } else if (name === '$position') position = integerOption('$position', value);
      else if (name === '$slice') slice = integerOption('$slice', value);
      else if (name === '$sort') sort = readSort(value, stringOrder(collation));
      else throw bad(`Unrecognized clause in $push: ${name}`);
    }
  }
  return {
    creates: true,
    apply: (current, context, path): Outcome => {
      const array = arrayAt(current, context, path);
      const start =
        position === undefined
          ? array.length
          : position < 0
            ? Math.max(0, array.length + position)
            : Math.min(position, array.length);
      let next = [...array.slice(0, start), ...items, ...array.slice(start)];
      if (sort) next.sort(sort);
      if (slice !== undefined) next = slice >= 0 ? next.slice(0, slice) : next.slice(slice);
      if (current !== MISSING && next.length === array.length && next.every((item, index) => item === array[index]))
        return KEEP;
      return next;
    },
  };
}

/** `$addToSet`, with `$each`. */
export function addToSet(argument: Value, collation: Collation | undefined): Change {
  let items: Value[] = [argument];
  const strings = stringOrder(collation);
  if (argument instanceof Map && argument.keys().next().value === '$each') {
    const each = argument.get('$each');
    if (!Array.isArray(each)) {
      throw new MongoError(
        Code.TypeMismatch,
        `The argument to $each in $addToSet must be an array but it was of type ${typeNameOf(each)}`,
      );
    }
    if (argument.size > 1) throw bad(`Found unexpected fields after $each in $addToSet: ${show(argument)}`);
    items = each;
  }
  return {
    creates: true,
    apply: (current, _context, path): Outcome => {
      if (current !== MISSING && !Array.isArray(current)) {
        throw bad(
          `Cannot apply $addToSet to non-array field. Field named '${path.split('.').at(-1)}' has non-array type ${typeNameOf(current)}`,
        );
      }
      const next = current === MISSING ? [] : [...current];
      const before = next.length;
      for (const item of items) if (!next.some((known) => compare(known, item, strings) === 0)) next.push(item);
      return next.length === before && current !== MISSING ? KEEP : next;
    },
  };
}

/** `$pop`. */
export function pop(argument: Value): Change {
  const end = asInteger(argument);
  if (end !== 1 && end !== -1)
    throw new MongoError(Code.FailedToParse, `$pop expects 1 or -1, found: ${show(argument)}`);
  return {
    creates: false,
    apply: (current, _context, path): Outcome => {
      if (current === MISSING) return KEEP;
      if (!Array.isArray(current)) {
        throw new MongoError(
          Code.TypeMismatch,
          `Path '${path}' contains an element of non-array type '${typeNameOf(current)}'`,
        );
      }
      if (current.length === 0) return KEEP;
      return end === 1 ? current.slice(0, -1) : current.slice(1);
    },
  };
}

function without(operator: string, leaves: (item: Value) => boolean): Change {
  return {
    creates: false,
    apply: (current): Outcome => {
      if (current === MISSING) return KEEP;
      if (!Array.isArray(current)) throw bad(`Cannot apply ${operator} to a non-array value`);
      const next = current.filter((item) => !leaves(item));
      return next.length === current.length ? KEEP : next;
    },
  };
}

/** `$pullAll`. */
export function pullAll(argument: Value, collation: Collation | undefined): Change {
  if (!Array.isArray(argument))
    throw bad(`$pullAll requires an array argument but was given a ${typeNameOf(argument)}`);
  const strings = stringOrder(collation);
  return without('$pullAll', (item) => argument.some((wanted) => compare(item, wanted, strings) === 0));
}

/** `$pull`: a document is a filter of elements that are documents, operators are a condition, all else is equality. */
export function pull(argument: Value, collation: Collation | undefined, scope: Scope): Change {
  if (argument instanceof Map && !isOperatorDoc(argument)) {
    const { matches } = compileFilter(argument, { collation, scope });
    return without('$pull', (item) => item instanceof Map && matches(item));
  }
  if (argument instanceof Map || argument instanceof BSONRegExp) {
    const filter: Doc = new Map([['', argument]]);
    const { matches } = compileFilter(filter, { collation, scope });
    return without('$pull', (item) => matches(new Map([['', item]])));
  }
  const strings = stringOrder(collation);
  return without('$pull', (item) => compare(item, argument, strings) === 0);
}
