import { MongoError } from '../../errors.ts';
import { compileSort } from '../../projection/sort.ts';
import { asInteger, compare, type Doc, type Value } from '../../values/index.ts';
import { isNullish } from '../compile.ts';
import { arrayOf } from './array.ts';
import { namedArguments, namedOrMissing, type Operator } from './operator.ts';

/** `$sortArray`. */
export const sortArray: Operator = (argument, scope, name) => {
  const spec = namedArguments(argument, name, ['input', 'sortBy'], [], 2942500);
  const input = namedOrMissing(spec, 'input', scope);
  const sortBy = spec.get('sortBy');
  let order: (left: Value, right: Value) => number;
  if (sortBy instanceof Map) {
    const sort = compileSort(sortBy, scope.collation);
    const wrap = (value: Value): Doc => (value instanceof Map ? value : new Map());
    order = (left, right) => sort.compare(wrap(left), wrap(right));
  } else {
    const direction = asInteger(sortBy);
    if (direction !== 1 && direction !== -1)
      throw new MongoError(2942506, `${name} 'sortBy' must be 1, -1 or a sort specification`);
    order = (left, right) => compare(left, right, scope.collation?.compare) * direction;
  }
  return (root) => {
    const array = input(root);
    if (isNullish(array)) return null;
    // JavaScript puts undefined last whatever the comparison says.
    return arrayOf(array, name, 2942504)
      .map((value) => ({ value }))
      .sort((a, b) => order(a.value, b.value))
      .map(({ value }) => value);
  };
};
