import { Code, MongoError } from '../errors.ts';
import { type Doc, isNumber, MISSING, type Missing, toDouble, type Value } from '../values/index.ts';
import { bind, emptyScope, type Expr, noteUse, type Scope, type ScopeOptions } from './scope.ts';

/** Compiles one operator: its argument as the client wrote it, the scope, its own name. */
export type Operator = (argument: Value, scope: Scope, name: string) => Expr;

/** Every operator by its name. Operators need this module, so that they come in from outside: see `expression.ts`. */
const operators = new Map<string, Operator>();

/** Makes operators known. */
export function registerOperators(table: Iterable<readonly [string, Operator]>): void {
  for (const [name, operator] of table) operators.set(name, operator);
}

/** Whether a value counts as true to expressions: all but false, null, undefined, missing, and zero. */
export function truthy(value: Value | Missing): boolean {
  if (value === true) return true;
  if (value === false || value === null || value === undefined || value === MISSING) return false;
  if (isNumber(value)) return toDouble(value) !== 0;
  return true;
}

/** Whether a value is null, undefined or missing, which most expressions answer with null. */
export function isNullish(value: Value | Missing): value is null | undefined | Missing {
  return value === null || value === undefined || value === MISSING;
}

/** An expression's value for storing into an array, where missing is null. */
export function orNull(value: Value | Missing): Value {
  return value === MISSING || value === undefined ? null : value;
}

function invalidPath(path: string): MongoError {
  return new MongoError(16872, `'${path}' is not a valid field path`);
}

/** Splits what follows `$` in a field path. */
export function fieldPath(path: string): string[] {
  if (path === '') throw invalidPath(path);
  const parts = path.split('.');
  for (const part of parts) {
    if (part === '') {
      if (path.endsWith('.')) throw new MongoError(40353, "FieldPath must not end with a '.'.");
      throw new MongoError(15998, 'FieldPath field names may not be empty strings.');
    }
    if (part.startsWith('$')) {
      throw new MongoError(
        16410,
        `FieldPath field names may not start with '$'. Consider using $getField or $setField.`,
      );
    }
    if (part.includes('\0')) throw new MongoError(16411, 'FieldPath field names may not contain null bytes.');
  }
  return parts;
}

/** The value at a path as expressions see it: an array on the way becomes the array of what its documents hold there. */
export function followPath(start: Value | Missing, path: readonly string[], from: number): Value | Missing {
  let value = start;
  for (let at = from; at < path.length; at++) {
    if (value instanceof Map) {
      const part = path[at] as string;
      const next = value.get(part);
      if (next === undefined && !value.has(part)) return MISSING;
      value = next;
    } else if (Array.isArray(value)) {
      const found: Value[] = [];
      for (const item of value) {
        if (!(item instanceof Map)) continue;
        const inner = followPath(item, path, at);
        if (inner !== MISSING) found.push(inner);
      }
      return found;
    } else return MISSING;
  }
  return value;
}

function compileFieldPath(path: string, scope: Scope): Expr {
  const parts = fieldPath(path);
  noteUse(scope, [parts[0] as string]);
  if (parts.length === 1) {
    const name = parts[0] as string;
    return (root) => {
      if (!(root instanceof Map)) return MISSING;
      const value = root.get(name);
      return value === undefined && !root.has(name) ? MISSING : value;
    };
  }
  return (root) => followPath(root, parts, 0);
}

const REDACT_RESULTS = ['DESCEND', 'PRUNE', 'KEEP'];

function compileVariable(text: string, scope: Scope): Expr {
  const dot = text.indexOf('.');
  const name = dot < 0 ? text : text.slice(0, dot);
  const rest = dot < 0 ? [] : fieldPath(text.slice(dot + 1));
  if (name === '') throw new MongoError(Code.FailedToParse, 'empty variable names are not allowed');
  const slot = scope.names.get(name);
  if (slot !== undefined) {
    const { slots } = scope;
    return rest.length === 0 ? () => slots[slot] as Value | Missing : () => followPath(slots[slot] as Value, rest, 0);
  }
  switch (name) {
    case 'ROOT':
    case 'CURRENT':
      noteUse(scope, rest.length > 0 ? rest.slice(0, 1) : undefined);
      return rest.length === 0 ? (root) => root : (root) => followPath(root, rest, 0);
    case 'REMOVE':
      return () => MISSING;
    case 'NOW': {
      const { now } = scope;
      return rest.length === 0 ? () => now : () => MISSING;
    }
    case 'CLUSTER_TIME': {
      const { clusterTime } = scope;
      if (clusterTime === undefined) throw new MongoError(51144, 'Builtin variable $$CLUSTER_TIME is not available');
      return () => clusterTime;
    }
    default:
      if (scope.redact && REDACT_RESULTS.includes(name) && rest.length === 0) {
        const result = name.toLowerCase();
        return () => result;
      }
      if (/^[^a-z\x80-\uffff]/.test(name)) {
        throw new MongoError(Code.FailedToParse, `'${name}' starts with an invalid character for a user variable name`);
      }
      throw new MongoError(17276, `Use of undefined variable: ${name}`);
  }
}

/** Compiles what an operator, a stage or a filter takes as an expression. */
export function compileExpression(spec: Value, scope: Scope): Expr {
  if (typeof spec === 'string') {
    if (spec.startsWith('$$')) return compileVariable(spec.slice(2), scope);
    if (spec.startsWith('$')) {
      const current = scope.names.get('CURRENT');
      if (current === undefined) return compileFieldPath(spec.slice(1), scope);
      const { slots } = scope;
      const parts = fieldPath(spec.slice(1));
      return () => followPath(slots[current] as Value, parts, 0);
    }
    return () => spec;
  }
  if (spec instanceof Map) return compileDocument(spec, scope);
  if (Array.isArray(spec)) {
    const items = spec.map((item) => compileExpression(item, scope));
    return (root) => items.map((item) => orNull(item(root)));
  }
  return () => spec;
}

function compileDocument(spec: Doc, scope: Scope): Expr {
  const [first] = spec.keys();
  if (first?.startsWith('$')) {
    if (spec.size > 1) {
      throw new MongoError(
        15983,
        'an expression specification must contain exactly one field, the name of the expression. Found ' +
          `${spec.size} fields in { ${[...spec.keys()].join(', ')} }`,
      );
    }
    return compileOperator(first, spec.get(first), scope);
  }
  const fields = [...spec].map(([name, value]): [string, Expr] => {
    if (name.startsWith('$')) throw new MongoError(16410, `FieldPath field names may not start with '$': ${name}`);
    if (name.includes('.')) throw new MongoError(16412, `FieldPath field names may not contain '.': ${name}`);
    return [name, compileExpression(value, scope)];
  });
  return (root) => {
    const doc: Doc = new Map();
    for (const [name, expression] of fields) {
      const value = expression(root);
      if (value !== MISSING) doc.set(name, value);
    }
    return doc;
  };
}

/** Compiles one operator with its argument. Throws 168 for an unknown one. */
export function compileOperator(name: string, argument: Value, scope: Scope): Expr {
  const operator = operators.get(name);
  if (!operator) throw new MongoError(Code.InvalidPipelineOperator, `Unrecognized expression '${name}'`);
  return operator(argument, scope, name);
}

/** A command's scope: its moment, collation, and the variables of its `let`, each seen by those after it. */
export function newScope(options: ScopeOptions & { readonly let?: Doc | undefined } = {}): Scope {
  const scope = emptyScope(options);
  if (!options.let) return scope;
  const bound = bind(scope, [...options.let.keys()].map(checkVariableName));
  let index = 0;
  for (const value of options.let.values()) {
    // The values are constant expressions: they are read in the scope without the variables.
    const result = compileExpression(value, scope)(new Map());
    scope.slots[bound.slots[index++] as number] = result;
  }
  return bound.scope;
}

/** Refuses names that a user may not give to a variable. */
export function checkVariableName(name: string): string {
  if (name === 'CURRENT') return name;
  if (name === '') throw new MongoError(Code.FailedToParse, 'empty variable names are not allowed');
  if (!/^[a-z\x80-\uffff]/.test(name)) {
    throw new MongoError(Code.FailedToParse, `'${name}' starts with an invalid character for a user variable name`);
  }
  if (!/^[\w\x80-\uffff]*$/.test(name)) {
    throw new MongoError(Code.FailedToParse, `'${name}' contains an invalid character for a variable name`);
  }
  return name;
}
