import { Code, MongoError } from '../../errors.ts';
import { compare, type Missing, type Value } from '../../values/index.ts';
import { compileExpression, isNullish, truthy } from '../compile.ts';
import { int32 } from '../../values/index.ts';
import type { Expr } from '../scope.ts';
import { binary, compileArguments, namedArguments, type Operator, type OperatorTable } from './operator.ts';

function comparison(test: (order: number) => Value): Operator {
  return binary((left, right, _name, scope) => test(compare(left, right, scope.collation?.compare)));
}

const and: Operator = (argument, scope, name) => {
  const items = compileArguments(argument, scope, name, 0, Infinity);
  return (root) => items.every((item) => truthy(item(root)));
};

const or: Operator = (argument, scope, name) => {
  const items = compileArguments(argument, scope, name, 0, Infinity);
  return (root) => items.some((item) => truthy(item(root)));
};

const not: Operator = (argument, scope, name) => {
  const [item] = compileArguments(argument, scope, name, 1) as [Expr];
  return (root) => !truthy(item(root));
};

const cond: Operator = (argument, scope, name) => {
  let parts: Expr[];
  if (argument instanceof Map) {
    for (const key of argument.keys()) {
      if (key !== 'if' && key !== 'then' && key !== 'else') {
        throw new MongoError(17083, `Unrecognized parameter to $cond: ${key}`);
      }
    }
    parts = (['if', 'then', 'else'] as const).map((key, index) => {
      if (!argument.has(key)) throw new MongoError(17080 + index, `Missing '${key}' parameter to $cond`);
      return compileExpression(argument.get(key), scope);
    });
  } else parts = compileArguments(argument, scope, name, 3);
  const [test, yes, no] = parts as [Expr, Expr, Expr];
  return (root) => (truthy(test(root)) ? yes(root) : no(root));
};

const ifNull: Operator = (argument, scope, name) => {
  if (!Array.isArray(argument) || argument.length < 2) {
    throw new MongoError(
      1257300,
      `$ifNull needs at least two arguments, had: ${Array.isArray(argument) ? argument.length : 1}`,
    );
  }
  const items = compileArguments(argument, scope, name, 2, Infinity);
  return (root) => {
    let value: Value | Missing = null;
    for (const item of items) {
      value = item(root);
      if (!isNullish(value)) return value;
    }
    return value;
  };
};

const switchOperator: Operator = (argument, scope, name) => {
  const spec = namedArguments(argument, name, ['branches'], ['default'], 40060);
  const list = spec.get('branches');
  if (!Array.isArray(list)) throw new MongoError(40061, "$switch expected an array for 'branches'");
  const branches = list.map((branch): [Expr, Expr] => {
    if (!(branch instanceof Map)) throw new MongoError(40062, '$switch expected each branch to be an object');
    for (const key of branch.keys()) {
      if (key !== 'case' && key !== 'then')
        throw new MongoError(40063, `$switch found an unknown argument to a branch: ${key}`);
    }
    if (!branch.has('case')) throw new MongoError(40064, "$switch requires each branch have a 'case' expression");
    if (!branch.has('then')) throw new MongoError(40065, "$switch requires each branch have a 'then' expression.");
    return [compileExpression(branch.get('case'), scope), compileExpression(branch.get('then'), scope)];
  });
  if (branches.length === 0) throw new MongoError(40068, '$switch requires at least one branch.');
  const otherwise = spec.has('default') ? compileExpression(spec.get('default'), scope) : undefined;
  return (root) => {
    for (const [test, then] of branches) if (truthy(test(root))) return then(root);
    if (!otherwise)
      throw new MongoError(
        40066,
        '$switch could not find a matching branch for an input, and no default was specified.',
      );
    return otherwise(root);
  };
};

const refused: Operator = (_argument, _scope, name) => {
  throw new MongoError(Code.NotImplemented, `${name} is not supported`);
};

/** Comparison, boolean and conditional operators, and those that take their argument as it is. */
export const LOGIC: OperatorTable = [
  ['$eq', comparison((order) => order === 0)],
  ['$ne', comparison((order) => order !== 0)],
  ['$gt', comparison((order) => order > 0)],
  ['$gte', comparison((order) => order >= 0)],
  ['$lt', comparison((order) => order < 0)],
  ['$lte', comparison((order) => order <= 0)],
  ['$cmp', comparison((order) => int32(order))],
  ['$and', and],
  ['$or', or],
  ['$not', not],
  ['$cond', cond],
  ['$ifNull', ifNull],
  ['$switch', switchOperator],
  ['$literal', (argument) => () => argument],
  ['$const', (argument) => () => argument],
  ['$rand', () => () => Math.random()],
  ['$function', refused],
  ['$meta', refused],
];
