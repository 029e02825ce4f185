import { MongoError } from '../../errors.ts';
import { compare, encodeKeyString, typeNameOf, type Value } from '../../values/index.ts';
import { isNullish, truthy } from '../compile.ts';
import type { Expr } from '../scope.ts';
import { arrayOf } from './array.ts';
import { binary, compileArguments, type Operator, type OperatorTable, variadic } from './operator.ts';

/** Values once each, in order of first appearance. */
function distinct(values: Iterable<Value>): Map<string, Value> {
  const seen = new Map<string, Value>();
  for (const value of values) {
    const key = encodeKeyString([value]);
    if (!seen.has(key)) seen.set(key, value);
  }
  return seen;
}

function setOperation(combine: (sets: Map<string, Value>[]) => Iterable<Value>): Operator {
  return variadic((values, name) => {
    const sets: Map<string, Value>[] = [];
    for (const value of values) {
      if (isNullish(value)) return null;
      if (!Array.isArray(value))
        throw new MongoError(
          17047,
          `All operands of ${name} must be arrays. One argument is of type: ${typeNameOf(value)}`,
        );
      sets.push(distinct(value));
    }
    return [...combine(sets)].sort((left, right) => compare(left, right));
  });
}

function setPair(apply: (left: Map<string, Value>, right: Map<string, Value>) => Value, nulls: boolean): Operator {
  return binary((left, right, name) => {
    if (nulls && (isNullish(left) || isNullish(right))) return null;
    return apply(distinct(arrayOf(left, name, 17048)), distinct(arrayOf(right, name, 17048)));
  });
}

const isSubset = (left: Map<string, Value>, right: Map<string, Value>) =>
  [...left.keys()].every((key) => right.has(key));

const setEquals = variadic((values, name) => {
  const sets = values.map((value) => distinct(arrayOf(value, name, 17044)));
  const [first] = sets as [Map<string, Value>];
  return sets.every((set) => set.size === first.size && isSubset(set, first));
}, 2);

function quantifier(name: string, test: (values: Value[]) => boolean): Operator {
  return (argument, scope) => {
    // Takes its one argument inside an array of one.
    const [list] = compileArguments(argument, scope, name, 1) as [Expr];
    return (root) => test(arrayOf(list(root), name, 17040));
  };
}

/** Operators on arrays as sets. */
export const SETS: OperatorTable = [
  ['$setUnion', setOperation((sets) => distinct(sets.flatMap((set) => [...set.values()])).values())],
  [
    '$setIntersection',
    setOperation(([first, ...others]) =>
      first ? [...first].filter(([key]) => others.every((set) => set.has(key))).map(([, value]) => value) : [],
    ),
  ],
  [
    '$setDifference',
    setPair((left, right) => [...left].filter(([key]) => !right.has(key)).map(([, value]) => value), true),
  ],
  ['$setIsSubset', setPair((left, right) => isSubset(left, right), false)],
  ['$setEquals', setEquals],
  ['$allElementsTrue', quantifier('$allElementsTrue', (values) => values.every(truthy))],
  ['$anyElementTrue', quantifier('$anyElementTrue', (values) => values.some(truthy))],
];
