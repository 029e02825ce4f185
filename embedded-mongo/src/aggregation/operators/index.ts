import { ACCUMULATOR_EXPRESSIONS } from '../accumulator-expressions.ts';
import { ARITHMETIC } from './arithmetic.ts';
import { ARRAYS } from './array.ts';
import { BINDINGS } from './binding.ts';
import { CONVERSIONS } from './convert.ts';
import { DATES } from './date.ts';
import { LOGIC } from './logic.ts';
import { OBJECTS } from './object.ts';
import type { Operator } from './operator.ts';
import { ROUNDING } from './rounding.ts';
import { REGEXES } from './regex.ts';
import { SETS } from './set.ts';
import { sortArray } from './sort-array.ts';
import { STRINGS } from './string.ts';

/** Every expression operator by its name. */
export const OPERATORS: ReadonlyMap<string, Operator> = new Map<string, Operator>([
  ...ARITHMETIC,
  ...LOGIC,
  ...STRINGS,
  ...ARRAYS,
  ...SETS,
  ...BINDINGS,
  ['$sortArray', sortArray],
  ...REGEXES,
  ...ROUNDING,
  ...OBJECTS,
  ...DATES,
  ...CONVERSIONS,
  ...ACCUMULATOR_EXPRESSIONS,
]);
