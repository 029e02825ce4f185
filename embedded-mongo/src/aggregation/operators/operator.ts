import { MongoError } from '../../errors.ts';
import { type Doc, MISSING, type Missing, type Value } from '../../values/index.ts';
import { compileExpression, type Operator } from '../compile.ts';
import type { Expr, Scope } from '../scope.ts';

export type { Operator } from '../compile.ts';

/** Operators by name, with their dollar. */
export type OperatorTable = ReadonlyArray<readonly [string, Operator]>;

/** The arguments of an operator that takes between `least` and `most`: an array, or one value by itself. */
export function compileArguments(argument: Value, scope: Scope, name: string, least: number, most = least): Expr[] {
  const list = Array.isArray(argument) ? argument : [argument];
  if (list.length < least || list.length > most) {
    if (least === most) {
      throw new MongoError(
        16020,
        `Expression ${name} takes exactly ${least} arguments. ${list.length} were passed in.`,
      );
    }
    throw new MongoError(
      28667,
      `Expression ${name} takes at least ${least} arguments, and at most ${most}, but ${list.length} were passed in.`,
    );
  }
  return list.map((item) => compileExpression(item, scope));
}

/** An operator of one argument. */
export function unary(apply: (value: Value | Missing, name: string, scope: Scope) => Value | Missing): Operator {
  return (argument, scope, name) => {
    const [value] = compileArguments(argument, scope, name, 1) as [Expr];
    return (root) => apply(value(root), name, scope);
  };
}

/** An operator of two arguments. */
export function binary(
  apply: (left: Value | Missing, right: Value | Missing, name: string, scope: Scope) => Value | Missing,
): Operator {
  return (argument, scope, name) => {
    const [left, right] = compileArguments(argument, scope, name, 2) as [Expr, Expr];
    return (root) => apply(left(root), right(root), name, scope);
  };
}

/** An operator of a bounded or any number of arguments, evaluated all. */
export function variadic(
  apply: (values: (Value | Missing)[], name: string, scope: Scope) => Value | Missing,
  least = 0,
  most = Infinity,
): Operator {
  return (argument, scope, name) => {
    const items = compileArguments(argument, scope, name, least, most);
    return (root) =>
      apply(
        items.map((item) => item(root)),
        name,
        scope,
      );
  };
}

/**
 * The named arguments of an operator that takes a document. `codes`: one for everything that may be wrong, or a list for
 * no document, an unknown name, and each required name that is missing (the last one for those beyond).
 */
export function namedArguments(
  argument: Value,
  name: string,
  required: readonly string[],
  optional: readonly string[] = [],
  codes: number | readonly number[] = 40415,
): Doc {
  const code = (at: number): number =>
    typeof codes === 'number' ? codes : (codes[Math.min(at, codes.length - 1)] as number);
  if (!(argument instanceof Map)) throw new MongoError(code(0), `${name} only supports an object as its argument`);
  for (const key of argument.keys()) {
    if (!required.includes(key) && !optional.includes(key)) {
      throw new MongoError(code(1), `Unrecognized argument to ${name}: ${key}`);
    }
  }
  for (const [index, key] of required.entries()) {
    if (!argument.has(key)) throw new MongoError(code(2 + index), `Missing '${key}' parameter to ${name}`);
  }
  return argument;
}

/** Compiles a named argument, undefined where it was left out. */
export function named(argument: Doc, key: string, scope: Scope): Expr | undefined {
  return argument.has(key) ? compileExpression(argument.get(key), scope) : undefined;
}

const missing: Expr = () => MISSING;

/** Compiles a named argument, an expression that gives MISSING where it was left out. */
export function namedOrMissing(argument: Doc, key: string, scope: Scope): Expr {
  return named(argument, key, scope) ?? missing;
}
