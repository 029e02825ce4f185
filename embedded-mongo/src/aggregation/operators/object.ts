import { Binary } from 'bson';
import { MongoError } from '../../errors.ts';
import {
  type Doc,
  encode,
  int32,
  isNumber,
  MISSING,
  type Missing,
  typeNameOf,
  type Value,
} from '../../values/index.ts';
import { compileExpression, isNullish } from '../compile.ts';
import {
  named,
  namedArguments,
  namedOrMissing,
  type Operator,
  type OperatorTable,
  unary,
  variadic,
} from './operator.ts';

const mergeObjects: Operator = (argument, scope, name) => {
  const merge = variadic((values) => {
    const result: Doc = new Map();
    for (const value of values) {
      if (isNullish(value)) continue;
      if (!(value instanceof Map))
        throw new MongoError(40400, `${name} requires object inputs, but input is of type ${typeNameOf(value)}`);
      for (const [key, item] of value) result.set(key, item);
    }
    return result;
  });
  const all = merge(argument, scope, name);
  if (Array.isArray(argument)) return all;
  // A single expression may also give an array of documents.
  const single = compileExpression(argument, scope);
  return (root) => {
    const value = single(root);
    if (!Array.isArray(value)) return all(root);
    return merge(
      value.map((item) => new Map([['$literal', item]])),
      scope,
      name,
    )(root);
  };
};

/** The field's name, which must be a constant string. */
function constantName(spec: Value, name: string, code: number): string {
  const value = spec instanceof Map && spec.size === 1 && spec.has('$literal') ? spec.get('$literal') : spec;
  if (typeof value !== 'string')
    throw new MongoError(code, `${name} requires 'field' to evaluate to type String, but got ${typeNameOf(value)}`);
  if (value.startsWith('$') && !(spec instanceof Map)) {
    throw new MongoError(
      code + 1,
      `A field path reference which does not evaluate to a constant string is not allowed as the 'field' argument to ${name}. Did you mean {$literal: '${value}'}?`,
    );
  }
  return value;
}

const getField: Operator = (argument, scope, name) => {
  let field: Value = argument;
  let input = compileExpression('$$CURRENT', scope);
  if (argument instanceof Map && !argument.keys().next().value?.startsWith('$')) {
    const spec = namedArguments(argument, name, ['field', 'input'], [], [3041701, 3041701, 3041702, 3041703]);
    field = spec.get('field');
    input = named(spec, 'input', scope) ?? input;
  }
  // A name given as text is taken as it is, dots and dollars that come from $literal included.
  const key =
    typeof field === 'string' && !field.startsWith('$') ? () => field as Value : compileExpression(field, scope);
  return (root) => {
    const wanted = key(root);
    if (typeof wanted !== 'string')
      throw new MongoError(
        3041704,
        `${name} requires 'field' to evaluate to type String, but got ${typeNameOf(wanted)}`,
      );
    const value = input(root);
    if (value instanceof Map) return value.has(wanted) ? value.get(wanted) : MISSING;
    return isNullish(value) && value !== MISSING ? null : MISSING;
  };
};

function assign(value: Value | Missing, key: string, next: Value | Missing, name: string): Value {
  if (isNullish(value)) return null;
  if (!(value instanceof Map)) throw new MongoError(4161105, `${name} requires 'input' to evaluate to type Object`);
  const result: Doc = new Map(value);
  if (next === MISSING) result.delete(key);
  else result.set(key, next);
  return result;
}

const setField: Operator = (argument, scope, name) => {
  const spec = namedArguments(argument, name, ['field', 'input', 'value'], [], 4161101);
  const key = constantName(spec.get('field'), name, 4161106);
  const input = namedOrMissing(spec, 'input', scope);
  const next = namedOrMissing(spec, 'value', scope);
  return (root) => assign(input(root), key, next(root), name);
};

const unsetField: Operator = (argument, scope, name) => {
  const spec = namedArguments(argument, name, ['field', 'input'], [], 4161101);
  const key = constantName(spec.get('field'), name, 4161106);
  const input = namedOrMissing(spec, 'input', scope);
  return (root) => assign(input(root), key, MISSING, name);
};

function bsonSize(value: Value | Missing, name: string): Value {
  if (isNullish(value)) return null;
  if (!(value instanceof Map))
    throw new MongoError(31393, `${name} requires a document input, found: ${typeNameOf(value)}`);
  return int32(encode(value, Infinity).length);
}

function binarySize(value: Value | Missing, name: string): Value {
  if (isNullish(value)) return null;
  if (typeof value === 'string') return int32(Buffer.byteLength(value));
  if (value instanceof Binary) return int32(value.position);
  throw new MongoError(51276, `${name} requires a string or BinData argument, found: ${typeNameOf(value)}`);
}

/** Operators on documents, and questions about types and sizes. */
export const OBJECTS: OperatorTable = [
  ['$mergeObjects', mergeObjects],
  ['$getField', getField],
  ['$setField', setField],
  ['$unsetField', unsetField],
  ['$type', unary((value) => typeNameOf(value))],
  ['$isNumber', unary((value) => isNumber(value))],
  ['$bsonSize', unary(bsonSize)],
  ['$binarySize', unary(binarySize)],
];
