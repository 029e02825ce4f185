import type { Scope } from '../aggregation/expression.ts';
import { Code, MongoError } from '../errors.ts';
import { type Collation, stringOrder } from '../query/index.ts';
import { arrayIndex, type Doc, type Path, typeNameOf, type Value } from '../values/index.ts';
import { addToSet, pop, pull, pullAll, push } from './array-operators.ts';
import { bit, currentDate, extreme, inc, mul, set, setOnInsert, unset } from './field-operators.ts';
import { type Change, KEEP, type Modifier } from './modifier.ts';
import { show } from './show.ts';

/** What operators need to know about their command. */
export interface OperatorOptions {
  readonly collation: Collation | undefined;
  readonly scope: Scope;
}

type Build = (argument: Value, field: string, options: OperatorOptions) => Change;

const OPERATORS: Readonly<Record<string, Build>> = {
  $set: (argument) => set(argument),
  $setOnInsert: (argument) => setOnInsert(argument),
  $unset: () => unset,
  $inc: inc,
  $mul: mul,
  $min: (argument, _field, { collation }) => extreme(argument, -1, stringOrder(collation)),
  $max: (argument, _field, { collation }) => extreme(argument, 1, stringOrder(collation)),
  $currentDate: (argument, _field, { scope }) => currentDate(argument, scope.now),
  $bit: bit,
  $push: (argument, _field, { collation }) => push(argument, collation),
  $addToSet: (argument, _field, { collation }) => addToSet(argument, collation),
  $pop: (argument) => pop(argument),
  $pull: (argument, _field, { collation, scope }) => pull(argument, collation, scope),
  $pullAll: (argument, _field, { collation }) => pullAll(argument, collation),
};

/** What a path component stands for. */
export type Part = 'name' | 'matched' | 'all' | 'filtered';

/** Tells positional components from names. */
export function partKind(part: string): Part {
  if (part === '$') return 'matched';
  if (part === '$[]') return 'all';
  return part.startsWith('$[') && part.endsWith(']') ? 'filtered' : 'name';
}

/** Splits and checks the path of an update operator. */
export function updatePath(path: string): Path {
  if (path === '') throw new MongoError(Code.EmptyFieldName, 'An empty update path is not valid.');
  const parts = path.split('.');
  let positions = 0;
  for (const [index, part] of parts.entries()) {
    if (part === '')
      throw new MongoError(
        Code.EmptyFieldName,
        `The update path '${path}' contains an empty field name, which is not allowed.`,
      );
    if (part.includes('\0'))
      throw new MongoError(Code.BadValue, `The update path '${path.replaceAll('\0', '\\0')}' contains a null byte`);
    if (!part.startsWith('$')) continue;
    const kind = partKind(part);
    if (kind === 'name') {
      // Further down such names may be stored.
      if (index > 0) continue;
      throw new MongoError(
        Code.DollarPrefixedFieldName,
        `The dollar ($) prefixed field '${part}' in '${path}' is not allowed in the context of an update's replacement document. Consider using an aggregation pipeline with $replaceWith.`,
      );
    }
    if (index === 0) {
      throw new MongoError(
        Code.BadValue,
        kind === 'matched'
          ? `Cannot have positional (i.e. '$') element in the first position in path '${path}'`
          : `Cannot have array filter identifier (i.e. '$[<id>]') element in the first position in path '${path}'`,
      );
    }
    if (kind === 'matched' && ++positions > 1) {
      throw new MongoError(Code.BadValue, `Too many positional (i.e. '$') elements found in path '${path}'`);
    }
  }
  return parts;
}

function parseRename(from: string, argument: Value): Modifier {
  if (typeof argument !== 'string') {
    throw new MongoError(Code.BadValue, `The 'to' field for $rename must be a string: ${from}: ${show(argument)}`);
  }
  if (argument.includes('\0'))
    throw new MongoError(Code.BadValue, "The 'to' field for $rename cannot contain an embedded null byte");
  const source = updatePath(from);
  const path = updatePath(argument);
  for (const [role, parts, text] of [
    ['source', source, from],
    ['destination', path, argument],
  ] as const) {
    if (parts.some((part) => partKind(part) !== 'name')) {
      throw new MongoError(Code.BadValue, `The ${role} field for $rename may not be dynamic: ${text}`);
    }
  }
  if (from === argument) {
    throw new MongoError(
      Code.BadValue,
      `The source and target field for $rename must differ: ${from}: ${show(argument)}`,
    );
  }
  return { operator: '$rename', path, source, change: { creates: true, apply: () => KEEP } };
}

/** Names before numbers by their value, names among themselves by code units: the order in which fields are updated. */
function comparePaths(left: Path, right: Path): number {
  const length = Math.min(left.length, right.length);
  for (let at = 0; at < length; at++) {
    const a = left[at] as string;
    const b = right[at] as string;
    if (a === b) continue;
    const [i, j] = [arrayIndex(a), arrayIndex(b)];
    if (i >= 0 && j >= 0) return i - j;
    return a < b ? -1 : 1;
  }
  return left.length - right.length;
}

/** Refuses two changes of which one lies on the other's way. The paths come sorted. */
export function checkConflicts(paths: readonly Path[]): void {
  const seen = new Map<string, boolean>();
  for (const path of paths) {
    let prefix = '';
    for (const [index, part] of path.entries()) {
      prefix = index === 0 ? part : `${prefix}.${part}`;
      const last = index === path.length - 1;
      const whole = seen.get(prefix);
      if (whole === true || (last && whole !== undefined)) {
        throw new MongoError(
          Code.ConflictingUpdateOperators,
          `Updating the path '${path.join('.')}' would create a conflict at '${prefix}'`,
        );
      }
      if (whole === undefined) seen.set(prefix, last);
    }
  }
}

/** Refuses to mix `$[]` and `$[id]` with names, indexes or `$` at one place, whatever the document is. */
function checkSiblings(paths: readonly Path[]): void {
  const filtered = new Map<string, boolean>();
  for (const path of paths) {
    let prefix = '';
    for (const [index, part] of path.entries()) {
      if (index > 0) {
        const kind = partKind(part);
        const isFiltered = kind === 'all' || kind === 'filtered';
        const known = filtered.get(prefix);
        if (known !== undefined && known !== isFiltered) {
          throw new MongoError(
            Code.ConflictingUpdateOperators,
            `Updating the path '${path.join('.')}' would create a conflict at '${prefix}'`,
          );
        }
        filtered.set(prefix, isFiltered);
      }
      prefix = index === 0 ? part : `${prefix}.${part}`;
    }
  }
}

/** Reads an update with operators: its modifiers in the order in which they are applied, conflicts refused. */
export function parseModifiers(update: Doc, options: OperatorOptions): Modifier[] {
  const modifiers: Modifier[] = [];
  for (const [operator, fields] of update) {
    if (operator !== '$rename' && !Object.hasOwn(OPERATORS, operator)) {
      throw new MongoError(
        Code.FailedToParse,
        `Unknown modifier: ${operator}. Expected a valid update modifier or pipeline-style update specified as an array`,
      );
    }
    if (!(fields instanceof Map)) {
      throw new MongoError(
        Code.FailedToParse,
        `Modifiers operate on fields but we found type ${typeNameOf(fields)} instead. For example: {$mod: {<field>: ...}} not {${operator}: ${show(fields)}}`,
      );
    }
    for (const [field, argument] of fields) {
      if (operator === '$rename') modifiers.push(parseRename(field, argument));
      else {
        const path = updatePath(field);
        modifiers.push({ operator, path, change: (OPERATORS[operator] as Build)(argument, field, options) });
      }
    }
  }
  const paths = modifiers.flatMap(({ path, source }) => (source ? [path, source] : [path]));
  checkConflicts(paths);
  checkSiblings(paths);
  return modifiers.sort((left, right) => comparePaths(left.path, right.path));
}
