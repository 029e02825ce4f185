import { Code, MongoError } from '../../errors.ts';
import { asInteger, type Doc, type Value } from '../../values/index.ts';
import { checkVariableName, compileExpression, isNullish, orNull, truthy } from '../compile.ts';
import { bind } from '../scope.ts';
import { arrayOf } from './array.ts';
import { named, namedArguments, namedOrMissing, type Operator, type OperatorTable } from './operator.ts';

const map: Operator = (argument, scope, name) => {
  const spec = namedArguments(argument, name, ['input', 'in'], ['as'], 16879);
  const input = namedOrMissing(spec, 'input', scope);
  const variable = variableName(spec, 'as', 'this');
  const bound = bind(scope, [variable]);
  const body = compileExpression(spec.get('in'), bound.scope);
  const [slot] = bound.slots as [number];
  return (root) => {
    const array = input(root);
    if (isNullish(array)) return null;
    return arrayOf(array, name, 16883, 'input').map((item) => {
      scope.slots[slot] = item;
      return orNull(body(root));
    });
  };
};

function variableName(spec: Doc, key: string, fallback: string): string {
  if (!spec.has(key)) return fallback;
  const variable = spec.get(key);
  if (typeof variable !== 'string') throw new MongoError(Code.FailedToParse, `'${key}' must be a string`);
  return checkVariableName(variable);
}

const filter: Operator = (argument, scope, name) => {
  const spec = namedArguments(argument, name, ['input', 'cond'], ['as', 'limit'], 28646);
  const input = namedOrMissing(spec, 'input', scope);
  const limit = named(spec, 'limit', scope);
  const bound = bind(scope, [variableName(spec, 'as', 'this')]);
  const condition = compileExpression(spec.get('cond'), bound.scope);
  const [slot] = bound.slots as [number];
  return (root) => {
    const array = input(root);
    if (isNullish(array)) return null;
    let room = Infinity;
    const limitValue = limit?.(root);
    if (limitValue !== undefined && !isNullish(limitValue)) {
      const number = asInteger(limitValue);
      if (number === undefined)
        throw new MongoError(327391, `${name}: limit must be represented as a 32-bit integral value`);
      if (number < 1) throw new MongoError(327392, `${name}: limit must be greater than 0: ${number}`);
      room = number;
    }
    const result: Value[] = [];
    for (const item of arrayOf(array, name, 28651, 'input')) {
      if (result.length >= room) break;
      scope.slots[slot] = item;
      if (truthy(condition(root))) result.push(item);
    }
    return result;
  };
};

const reduce: Operator = (argument, scope, name) => {
  const spec = namedArguments(argument, name, ['input', 'initialValue', 'in'], [], 40076);
  const input = namedOrMissing(spec, 'input', scope);
  const initial = namedOrMissing(spec, 'initialValue', scope);
  const bound = bind(scope, ['this', 'value']);
  const body = compileExpression(spec.get('in'), bound.scope);
  const [thisSlot, valueSlot] = bound.slots as [number, number];
  return (root) => {
    const array = input(root);
    if (isNullish(array)) return null;
    let value = initial(root);
    for (const item of arrayOf(array, name, 40080, 'input')) {
      scope.slots[thisSlot] = item;
      scope.slots[valueSlot] = value;
      value = body(root);
    }
    return value;
  };
};

const letOperator: Operator = (argument, scope, name) => {
  const spec = namedArguments(argument, name, ['vars', 'in'], [], 16874);
  const vars = spec.get('vars');
  if (!(vars instanceof Map)) throw new MongoError(10065, 'invalid parameter: expected an object (vars)');
  const names = [...vars.keys()].map(checkVariableName);
  const values = [...vars.values()].map((value) => compileExpression(value, scope));
  const bound = bind(scope, names);
  const body = compileExpression(spec.get('in'), bound.scope);
  return (root) => {
    const results = values.map((value) => value(root));
    for (const [index, slot] of bound.slots.entries()) scope.slots[slot] = results[index] as Value;
    return body(root);
  };
};

/** Operators that bind variables. */
export const BINDINGS: OperatorTable = [
  ['$map', map],
  ['$filter', filter],
  ['$reduce', reduce],
  ['$let', letOperator],
];
