import { BSONRegExp } from 'bson';
import { compileExpression, type Scope, truthy } from '../aggregation/expression.ts';
import { noUse } from '../aggregation/scope.ts';
import { Code, MongoError } from '../errors.ts';
import {
  asInteger,
  type Doc,
  isNumber,
  MAX_DEPTH,
  MISSING,
  parsePath,
  toDouble,
  type Path,
  typeNameOf,
  type Value,
  type ValueTest,
} from '../values/index.ts';
import type { Collation } from './collation.ts';
import { compileSchema } from './json-schema.ts';
import { type BitsKind, bitsTest, equalTest, inTest, orderTest, regexTest, typeTest } from './leaf.ts';
import type { Node, Predicate } from './node.ts';
import { readBits, readMod, readRegex, readTypes } from './operands.ts';
import { literalPrefix } from './regex.ts';

/** What a filter is read with. */
export interface ParseOptions {
  readonly collation?: Collation | undefined;
  /** Variables for `$expr`. */
  readonly scope: Scope;
  /** Inside `$elemMatch`, where paths begin at an element. */
  readonly inElement?: boolean;
}

function bad(message: string): MongoError {
  return new MongoError(Code.BadValue, message);
}

function andOf(children: Node[]): Node {
  return children.length === 1 ? (children[0] as Node) : { kind: 'and', children };
}

/**
 * Alternatives. One alone is no alternative, and equalities of one path are a list of values: as with MongoDB both then
 * tell the positional operator which element matched.
 */
function orOf(children: Node[], { collation }: ParseOptions): Node {
  const [first] = children;
  if (first && children.length === 1) return first;
  const apart: Node = { kind: 'or', children };
  if (first?.kind !== 'leaf' || first.predicate?.kind !== 'eq') return apart;
  const { path } = first.predicate;
  const values: Value[] = [];
  for (const child of children) {
    if (child.kind !== 'leaf' || child.predicate?.kind !== 'eq' || child.predicate.path !== path) return apart;
    if (child.predicate.value instanceof BSONRegExp) return apart;
    values.push(child.predicate.value);
  }
  return leaf(first.path, inTest(values, [], collation), { kind: 'in', path, values });
}

/** Reads a filter document. */
export function parseFilter(filter: Doc, options: ParseOptions, depth = 0): Node {
  if (depth > MAX_DEPTH) throw bad('filter is nested too deeply');
  const children: Node[] = [];
  for (const [name, value] of filter) {
    // The parts of a DBRef are fields where an element is looked at.
    const isField =
      !name.startsWith('$') || (options.inElement && (name === '$ref' || name === '$id' || name === '$db'));
    const node = !isField ? parseTop(name, value, options, depth) : parseField(name, value, options, depth);
    if (node) children.push(node);
  }
  return andOf(children);
}

function parseTop(name: string, value: Value, options: ParseOptions, depth: number): Node | undefined {
  switch (name) {
    case '$and':
    case '$or':
    case '$nor': {
      if (!Array.isArray(value)) throw bad(`${name} must be an array`);
      if (value.length === 0) throw bad('$and/$or/$nor must be a nonempty array');
      const children = value.map((item) => {
        if (!(item instanceof Map)) throw bad('$or/$and/$nor entries need to be full objects');
        return parseFilter(item, options, depth + 1);
      });
      if (name === '$or') return orOf(children, options);
      return { kind: name.slice(1) as 'and' | 'nor', children };
    }
    case '$comment':
      return undefined;
    case '$expr': {
      if (options.inElement) throw bad('$expr can only be applied to the top-level document');
      const uses = noUse();
      const expression = compileExpression(value, { ...options.scope, uses });
      const fields = uses.whole ? undefined : uses.fields;
      return { kind: 'root', test: (root) => truthy(expression(root as Doc)), fields };
    }
    case '$jsonSchema': {
      if (!(value instanceof Map)) throw new MongoError(Code.TypeMismatch, '$jsonSchema must be an object');
      return { kind: 'root', test: compileSchema(value), fields: undefined };
    }
    case '$alwaysTrue':
      return { kind: 'constant', value: true };
    case '$alwaysFalse':
      return { kind: 'constant', value: false };
    case '$where':
      throw new MongoError(Code.NotImplemented, '$where is not supported: this server runs no JavaScript');
    case '$text':
      throw new MongoError(Code.IndexNotFound, 'text index required for $text query');
    case '$sampleRate': {
      const rate = isNumber(value) ? toDouble(value) : Number.NaN;
      if (!(rate >= 0 && rate <= 1)) throw bad('numeric argument to $sampleRate must be in [0, 1]');
      return { kind: 'root', test: () => Math.random() < rate, fields: new Set() };
    }
    case '$_internalSchemaEq':
      throw new MongoError(Code.NotImplemented, `${name} is not supported`);
    default:
      throw bad(
        `unknown top level operator: ${name}. If you have a field name that starts with a '$' symbol, consider using $getField or $setField.`,
      );
  }
}

/** Whether a document is a list of operators rather than a value to equal; DBRefs are values. */
export function isOperatorDoc(value: Value): value is Doc {
  if (!(value instanceof Map)) return false;
  for (const name of value.keys()) {
    return name.startsWith('$') && name !== '$ref' && name !== '$id' && name !== '$db';
  }
  return false;
}

function parseField(path: string, value: Value, options: ParseOptions, depth: number): Node {
  const parts = parsePath(path);
  if (isOperatorDoc(value)) return andOf(parseOperators(path, parts, value, options, depth));
  if (value instanceof BSONRegExp) return regexLeaf(path, parts, value);
  return equalLeaf(path, parts, value, options);
}

function leaf(path: Path, test: ValueTest, predicate?: Predicate, leaves = true): Node {
  return predicate ? { kind: 'leaf', path, leaves, test, predicate } : { kind: 'leaf', path, leaves, test };
}

function equalLeaf(path: string, parts: Path, value: Value, { collation }: ParseOptions): Node {
  if (value === undefined) throw bad('cannot compare to undefined');
  return leaf(parts, equalTest(value, collation), { kind: 'eq', path, value });
}

function regexLeaf(path: string, parts: Path, value: BSONRegExp): Node {
  const prefix = literalPrefix(value);
  return leaf(parts, regexTest(value), prefix === '' ? undefined : { kind: 'prefix', path, prefix });
}

function parseOperators(path: string, parts: Path, operators: Doc, options: ParseOptions, depth: number): Node[] {
  const nodes: Node[] = [];
  for (const [name, value] of operators) {
    if (!name.startsWith('$')) throw bad(`unknown operator: ${name}`);
    const node = parseOperator(path, parts, name, value, operators, options, depth);
    if (node) nodes.push(node);
  }
  return nodes;
}

function parseOperator(
  path: string,
  parts: Path,
  name: string,
  value: Value,
  siblings: Doc,
  options: ParseOptions,
  depth: number,
): Node | undefined {
  switch (name) {
    case '$eq':
      return equalLeaf(path, parts, value, options);
    case '$ne':
      if (value instanceof BSONRegExp) throw bad("Can't have regex as arg to $ne.");
      return { kind: 'not', child: equalLeaf(path, parts, value, options) };
    case '$gt':
    case '$gte':
    case '$lt':
    case '$lte': {
      if (value instanceof BSONRegExp) throw bad(`Can't have RegEx as arg to predicate over field '${path}'.`);
      if (value === undefined) throw bad('cannot compare to undefined');
      const kind = name.slice(1) as 'gt' | 'gte' | 'lt' | 'lte';
      return leaf(parts, orderTest(kind, value, options.collation), { kind, path, value });
    }
    case '$in':
      return parseIn(path, parts, value, options, name);
    case '$nin':
      return { kind: 'not', child: parseIn(path, parts, value, options, name) };
    case '$exists': {
      const exists = leaf(parts, (found) => found !== MISSING, { kind: 'exists', path });
      return truthy(value) ? exists : { kind: 'not', child: exists };
    }
    case '$type': {
      const types = readTypes(value);
      return leaf(parts, typeTest(types), { kind: 'type', path, types: [...types] });
    }
    case '$regex':
      return regexLeaf(path, parts, readRegex(value, siblings.get('$options'), siblings.has('$options')));
    case '$options':
      if (!siblings.has('$regex')) throw bad('$options needs a $regex');
      return undefined;
    case '$mod':
      return leaf(parts, readMod(value));
    case '$all':
      return parseAll(path, parts, value, options, depth);
    case '$size': {
      const size = asInteger(value);
      if (size === undefined) {
        throw isNumber(value)
          ? new MongoError(Code.FailedToParse, `Failed to parse $size. Expected an integer: $size: ${String(value)}`)
          : new MongoError(
              Code.FailedToParse,
              `Failed to parse $size. Expected a number in: $size: ${typeNameOf(value)}`,
            );
      }
      if (size < 0) throw bad(`Failed to parse $size. Expected a non-negative number in: $size: ${size}`);
      return leaf(parts, (found) => Array.isArray(found) && found.length === size, undefined, false);
    }
    case '$elemMatch':
      return parseElemMatch(parts, value, options, depth);
    case '$not':
      return { kind: 'not', child: parseNot(path, parts, value, options, depth) };
    case '$bitsAllSet':
    case '$bitsAllClear':
    case '$bitsAnySet':
    case '$bitsAnyClear': {
      const kind = `${name.charAt(5).toLowerCase()}${name.slice(6)}` as BitsKind;
      return leaf(parts, bitsTest(kind, readBits(name, value)));
    }
    case '$comment':
      return undefined;
    case '$near':
    case '$nearSphere':
      throw new MongoError(291, 'unable to find index for $geoNear query');
    case '$geoWithin':
    case '$geoIntersects':
    case '$within':
      throw new MongoError(Code.NotImplemented, `${name} is not supported`);
    case '$expr':
      throw bad('$expr can only be applied to the top-level document');
    default:
      throw bad(`unknown operator: ${name}`);
  }
}

function parseIn(path: string, parts: Path, value: Value, { collation }: ParseOptions, name: string): Node {
  if (!Array.isArray(value)) throw bad(`${name} needs an array`);
  const regexes: BSONRegExp[] = [];
  const values: Value[] = [];
  for (const item of value) {
    if (isOperatorDoc(item)) throw bad(`cannot nest $ under ${name}`);
    if (item === undefined) throw bad('InMatchExpression equality cannot be undefined');
    if (item instanceof BSONRegExp) regexes.push(item);
    else values.push(item);
  }
  return leaf(parts, inTest(values, regexes, collation), regexes.length > 0 ? undefined : { kind: 'in', path, values });
}

function parseAll(path: string, parts: Path, value: Value, options: ParseOptions, depth: number): Node {
  if (!Array.isArray(value)) throw bad('$all needs an array');
  if (value.length === 0) return { kind: 'constant', value: false };
  const elemMatches = value.filter((item) => item instanceof Map && item.has('$elemMatch'));
  if (elemMatches.length > 0 && elemMatches.length !== value.length) throw bad('no $ expressions in $all');
  return andOf(
    value.map((item) => {
      if (item instanceof Map && item.has('$elemMatch')) {
        if (item.size > 1) throw bad('$all/$elemMatch has to be consistent');
        return parseElemMatch(parts, item.get('$elemMatch'), options, depth);
      }
      if (isOperatorDoc(item)) throw bad('no $ expressions in $all');
      return item instanceof BSONRegExp ? regexLeaf(path, parts, item) : equalLeaf(path, parts, item, options);
    }),
  );
}

function parseElemMatch(parts: Path, value: Value, options: ParseOptions, depth: number): Node {
  if (!(value instanceof Map)) throw bad('$elemMatch needs an Object');
  if (value.has('$where')) throw bad('$elemMatch cannot contain $where expression');
  const logical = (name: string | undefined): boolean => name === '$and' || name === '$or' || name === '$nor';
  const [first] = value.keys();
  const onDocuments = !isOperatorDoc(value) || logical(first);
  if (depth > MAX_DEPTH) throw bad('filter is nested too deeply');
  const child = onDocuments
    ? parseFilter(value, { ...options, inElement: true }, depth + 1)
    : andOf(parseOperators('', [], value, options, depth + 1));
  return { kind: 'elemMatch', path: parts, child, onDocuments };
}

function parseNot(path: string, parts: Path, value: Value, options: ParseOptions, depth: number): Node {
  if (value instanceof BSONRegExp) return regexLeaf(path, parts, value);
  if (!(value instanceof Map)) throw bad('$not needs a regex or a document');
  if (value.size === 0) throw bad('$not cannot be empty');
  return andOf(parseOperators(path, parts, value, options, depth + 1));
}
