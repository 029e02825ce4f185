import { compileExpression, newScope, type Scope } from '../aggregation/expression.ts';
import { noteUse } from '../aggregation/scope.ts';
import { Code, MongoError } from '../errors.ts';
import { type Collation, compileFilter, type Filter, type MatchInfo } from '../query/index.ts';
import {
  asInteger,
  type Doc,
  isNumber,
  MISSING,
  type Missing,
  parsePath,
  toDouble,
  typeNameOf,
  type Value,
} from '../values/index.ts';
import { checkName } from './names.ts';
import { compileTree, type FieldAction, newTree, type Rest, type Tree } from './tree.ts';

/** What a projection is compiled with. */
export interface ProjectionOptions {
  readonly scope?: Scope | undefined;
  readonly collation?: Collation | undefined;
  /** The query's filter, which the positional operator needs. */
  readonly filter?: Filter | undefined;
}

/** A projection, ready to use. `info` is how the filter matched; without it a positional projection asks the filter. */
export type Projection = (doc: Doc, info?: MatchInfo) => Doc;

type Mode = 'find' | 'stage';

class Parser {
  readonly tree = newTree();
  readonly mode: Mode;
  readonly scope: Scope;
  readonly options: ProjectionOptions;
  type: 'inclusion' | 'exclusion' | undefined;
  idAction: 'include' | 'exclude' | undefined;
  elemMatch = false;
  positional: string | undefined;

  constructor(mode: Mode, scope: Scope, options: ProjectionOptions) {
    this.mode = mode;
    this.scope = scope;
    this.options = options;
  }

  document(spec: Doc, prefix: string): void {
    for (const [name, value] of spec) {
      if (prefix !== '' && name.startsWith('$')) {
        throw new MongoError(16410, `FieldPath field names may not start with '$': ${name}`);
      }
      this.field(prefix === '' ? name : `${prefix}.${name}`, value);
    }
  }

  private field(path: string, value: Value): void {
    if (typeof value === 'boolean' || isNumber(value)) {
      const included = typeof value === 'boolean' ? value : toDouble(value) !== 0;
      if (this.mode === 'find' && path.endsWith('.$')) return this.position(path, included);
      return included ? this.include(path) : this.exclude(path);
    }
    if (this.mode === 'find' && path.split('.').includes('$')) {
      throw new MongoError(31271, 'positional projection cannot be used with an expression or sub object');
    }
    if (value instanceof Map) {
      const [first] = value.keys();
      if (first === undefined) {
        throw new MongoError(51270, `An empty sub-projection is not a valid value. Found empty object at path ${path}`);
      }
      if (!first.startsWith('$')) return this.document(value, path);
      if (this.mode === 'find' && first === '$slice' && value.size === 1) {
        const slice = readSlice(value.get('$slice'));
        if (slice) return this.add(path, { kind: 'map', apply: slice });
      }
      if (this.mode === 'find' && first === '$elemMatch' && value.size === 1)
        return this.matchElement(path, value.get('$elemMatch'));
      if (first === '$meta') {
        if (value.get('$meta') === 'textScore')
          throw new MongoError(40218, 'query requires text score metadata, but it is not available');
        throw new MongoError(Code.NotImplemented, '$meta is not supported');
      }
    }
    this.compute(path, value);
  }

  private include(path: string): void {
    if (path === '_id') {
      this.idAction = 'include';
      return this.add(path, { kind: 'include' });
    }
    if (this.type === 'exclusion')
      throw new MongoError(31253, `Cannot do inclusion on field ${path} in exclusion projection`);
    this.type = 'inclusion';
    this.add(path, { kind: 'include' });
  }

  private exclude(path: string): void {
    if (path === '_id') {
      this.idAction = 'exclude';
      return this.add(path, { kind: 'exclude' });
    }
    if (this.type === 'inclusion')
      throw new MongoError(31254, `Cannot do exclusion on field ${path} in inclusion projection`);
    this.type = 'exclusion';
    this.add(path, { kind: 'exclude' });
  }

  private compute(path: string, value: Value): void {
    if (this.type === 'exclusion') {
      throw new MongoError(31252, `Cannot use an expression ${path} in an exclusion projection`);
    }
    this.type = 'inclusion';
    this.add(path, { kind: 'compute', expression: compileExpression(value, this.scope) });
  }

  private position(path: string, included: boolean): void {
    if (!included || this.type === 'exclusion')
      throw new MongoError(31395, 'positional projection cannot be used with exclusion');
    if (this.positional !== undefined)
      throw new MongoError(31276, 'Cannot specify more than one positional projection per query.');
    if (this.elemMatch) throw new MongoError(31256, 'Cannot specify positional operator and $elemMatch.');
    const field = path.slice(0, -2);
    if (field === '') throw new MongoError(5392900, 'FieldPath cannot be constructed with an empty string');
    if (field.split('.').includes('$')) {
      throw new MongoError(
        31394,
        `As of 4.4, it's illegal to specify positional operator in the middle of a path. Positional projection may only be used at the end, for example: a.b.$. If the query previously used a form like a.b.$.d, remove the parts following the '$' and the results will be equivalent.`,
      );
    }
    this.positional = field;
    this.include(field);
  }

  private matchElement(path: string, value: Value): void {
    if (!(value instanceof Map)) {
      throw new MongoError(31274, `elemMatch: Invalid argument, object required, but got ${typeNameOf(value)}`);
    }
    if (path.includes('.')) throw new MongoError(31275, 'Cannot use $elemMatch projection on a nested field');
    if (this.positional !== undefined)
      throw new MongoError(31256, 'Cannot specify positional operator and $elemMatch.');
    this.elemMatch = true;
    const inner: Doc = new Map([['$elemMatch', value]]);
    const filter = compileFilter(new Map([[path, inner]]), { collation: this.options.collation, scope: this.scope });
    this.add(path, {
      kind: 'map',
      apply: (array) => {
        if (!Array.isArray(array)) return MISSING;
        const index = filter.matchInfo(new Map([[path, array]]))?.arrayIndex;
        return index === undefined ? MISSING : [array[index]];
      },
    });
  }

  private add(path: string, action: FieldAction): void {
    const parts = parsePath(path);
    let { tree } = this;
    const computes = action.kind === 'compute';
    for (const [index, part] of parts.entries()) {
      checkName(part, path);
      if (computes) tree.computes = true;
      const known = tree.fields.get(part);
      if (index === parts.length - 1) {
        if (known) throw new MongoError(31250, `Path collision at ${path}`);
        tree.fields.set(part, action);
      } else if (known === undefined) {
        const inner = newTree();
        tree.fields.set(part, { kind: 'nested', tree: inner });
        tree = inner;
      } else if (known.kind === 'nested') ({ tree } = known);
      else
        throw new MongoError(31249, `Path collision at ${path} remaining portion ${parts.slice(index + 1).join('.')}`);
    }
  }
}

/** The elements that a find projection's `$slice` keeps; undefined if it is the expression of that name. */
function readSlice(spec: Value): ((value: Value) => Value) | undefined {
  const cut = (apply: (array: Value[]) => Value[]) => (value: Value) => (Array.isArray(value) ? apply(value) : value);
  if (isNumber(spec)) {
    const count = Math.trunc(toDouble(spec));
    return cut((array) => (count >= 0 ? array.slice(0, count) : array.slice(count)));
  }
  if (!Array.isArray(spec))
    throw new MongoError(28724, 'First argument to $slice must be an array, but is of type: ' + typeNameOf(spec));
  if (spec.length !== 2 || !isNumber(spec[0]) || !isNumber(spec[1])) return undefined;
  const skip = asInteger(spec[0]) ?? 0;
  const limit = asInteger(spec[1]) ?? 0;
  if (limit <= 0) throw new MongoError(28724, `$slice limit must be positive, found: ${limit}`);
  return cut((array) => {
    const start = skip >= 0 ? skip : Math.max(0, array.length + skip);
    return array.slice(start, start + limit);
  });
}

/** Cuts the first array on the path down to the element that the filter matched. */
function applyPosition(path: readonly string[], index: number, value: Value, at = 0): Value {
  if (Array.isArray(value)) {
    if (index >= value.length) throw notFound();
    return [value[index]];
  }
  if (at === path.length || !(value instanceof Map)) return value;
  const part = path[at] as string;
  if (!value.has(part)) return value;
  const next: Doc = new Map(value);
  next.set(part, applyPosition(path, index, value.get(part), at + 1));
  return next;
}

function notFound(): MongoError {
  return new MongoError(
    51246,
    "Executor error during find command :: caused by :: positional operator '.$' couldn't find a matching element in the array",
  );
}

function hasArray(doc: Doc, path: readonly string[]): boolean {
  let value: Value | Missing = doc;
  for (const part of path) {
    if (Array.isArray(value)) return true;
    value = value instanceof Map ? value.get(part) : undefined;
  }
  return Array.isArray(value);
}

function finish(parser: Parser): { tree: Tree; rest: Rest } {
  const { tree } = parser;
  const type = parser.type ?? (parser.idAction === 'include' || parser.elemMatch ? 'inclusion' : 'exclusion');
  if (type === 'inclusion') {
    // The id comes along unless it is excluded.
    if (!tree.fields.has('_id')) tree.fields.set('_id', { kind: 'include' });
    return { tree, rest: 'drop' };
  }
  if (parser.idAction === 'include') tree.fields.delete('_id');
  return { tree, rest: 'keep' };
}

/** Compiles the projection of a find, or of findAndModify. An empty one changes nothing. */
export function compileProjection(spec: Doc, options: ProjectionOptions = {}): Projection {
  if (spec.size === 0) return (doc) => doc;
  const scope = options.scope ?? newScope({ collation: options.collation });
  const parser = new Parser('find', scope, options);
  parser.document(spec, '');
  const { tree, rest } = finish(parser);
  const project = compileTree(tree, rest);
  const { positional } = parser;
  if (positional === undefined) return project;
  const path = parsePath(positional);
  const { filter } = options;
  return (doc, info) => {
    const index = (info ?? filter?.matchInfo(doc))?.arrayIndex;
    if (!hasArray(doc, path)) return project(doc);
    if (index === undefined) throw notFound();
    return project(applyPosition(path, index, doc) as Doc);
  };
}

/** Compiles the argument of a `$project` stage. */
export function compileProjectStage(spec: Doc, scope: Scope): (doc: Doc) => Doc {
  if (spec.size === 0)
    throw new MongoError(
      51272,
      'Invalid $project :: caused by :: projection specification must have at least one field',
    );
  const parser = new Parser('stage', scope, {});
  parser.document(spec, '');
  const { tree, rest } = finish(parser);
  noteUse(scope, rest === 'drop' ? tree.fields.keys() : undefined);
  return compileTree(tree, rest);
}
