import type { Operator } from './operator.ts';
import { ARITHMETIC } from './arithmetic.ts';
import { LOGIC } from './logic.ts';

/** Every expression operator by its name. */
export const OPERATORS: ReadonlyMap<string, Operator> = new Map<string, Operator>([...ARITHMETIC, ...LOGIC]);
