import { MongoError } from '../../errors.ts';
import { compileFilter, type Filter } from '../../query/index.ts';
import {
  asInteger,
  compoundKeys,
  type Doc,
  encodeKeyString,
  findAlong,
  isNumber,
  MISSING,
  type Missing,
  parsePath,
  type Path,
  type Value,
} from '../../values/index.ts';
import { canonicalizer } from '../canonical.ts';
import { checkVariableName, compileExpression, type Expr, isNullish } from '../expression.ts';
import { bind, type Scope } from '../scope.ts';
import { outputPath, setAt } from './basic.ts';
import { type InnerPipeline, type StageBuilder, stageDocument, type StageContext } from './stage.ts';

function collectionName(value: Value, name: string): string {
  if (typeof value !== 'string' || value === '')
    throw new MongoError(9, `${name} 'from' must be a string with a collection's name`);
  return value;
}

function textOption(spec: Doc, key: string, name: string): string {
  const value = spec.get(key);
  if (typeof value !== 'string') throw new MongoError(9, `${name} argument '${key}' must be a string`);
  return value;
}

/** What a document's local field is looked for by: the values that are there, each element of an array, else null. */
function localValues(doc: Doc, path: Path): Value[] {
  const found: Value[] = [];
  for (const [value] of compoundKeys(doc, [path])) if (value !== MISSING && value !== undefined) found.push(value);
  return found.length > 0 ? found : [null];
}

/** Every value by which a foreign document can be found: the field, its elements, null where it is missing. */
function foreignValues(doc: Doc, path: Path): Value[] {
  const found: Value[] = [];
  const collect = (value: Value | Missing): boolean => {
    found.push(value === MISSING ? null : value);
    return false;
  };
  findAlong(doc, path, true, collect);
  return found;
}

/** Finds foreign documents by equality: through an index, or through a table that is made at the first question. */
function equalityJoin(
  from: string,
  foreignField: string,
  context: StageContext,
  base: Filter | undefined,
): (values: Value[]) => Iterable<Doc> {
  const path = parsePath(foreignField);
  const { source, scope } = context;
  const canonical = canonicalizer(scope.collation);
  if (!scope.collation && source.indexed?.(from, foreignField)) {
    return function* lookedUp(values) {
      // Each value as an equality: in a list, regular expressions would be patterns.
      const clauses = values.map((value): Doc => new Map([[foreignField, new Map([['$eq', value]])]]));
      if (clauses.length === 0) return;
      const filter = compileFilter(clauses.length === 1 ? (clauses[0] as Doc) : new Map([['$or', clauses]]), { scope });
      for (const doc of source.scan(from, filter)) if (!base || base.matches(doc)) yield doc;
    };
  }
  let table: Map<string, Doc[]> | undefined;
  return (values) => {
    if (!table) {
      table = new Map();
      for (const doc of source.scan(from, base)) {
        for (const key of new Set(foreignValues(doc, path).map((value) => encodeKeyString([canonical(value)])))) {
          const list = table.get(key);
          if (list) list.push(doc);
          else table.set(key, [doc]);
        }
      }
    }
    if (values.length === 1) return table.get(encodeKeyString([canonical(values[0])])) ?? [];
    const found = new Set<Doc>();
    for (const value of values) for (const doc of table.get(encodeKeyString([canonical(value)])) ?? []) found.add(doc);
    return found;
  };
}

/** Compiles `let`: call the result per document to set the variables. */
function compileLet(spec: Value, scope: Scope): { scope: Scope; assign: (doc: Doc) => void } {
  if (spec === undefined) return { scope, assign: () => {} };
  if (!(spec instanceof Map)) throw new MongoError(9, "$lookup argument 'let' must be an object");
  const values = [...spec.values()].map((value) => compileExpression(value, scope));
  const bound = bind(scope, [...spec.keys()].map(checkVariableName));
  return {
    scope: bound.scope,
    assign: (doc) => {
      for (const [index, slot] of bound.slots.entries()) scope.slots[slot] = (values[index] as Expr)(doc);
    },
  };
}

/** `$lookup`, by fields, by a pipeline, or by both. */
export const lookup: StageBuilder = (argument, context, name) => {
  const spec = stageDocument(argument, name, 9);
  for (const key of spec.keys()) {
    if (!['from', 'localField', 'foreignField', 'as', 'let', 'pipeline'].includes(key))
      throw new MongoError(9, `unknown argument to $lookup: ${key}`);
  }
  if (!spec.has('as')) throw new MongoError(9, "must specify 'as' field for a $lookup");
  const as = outputPath(textOption(spec, 'as', name));
  const byField = spec.has('localField') || spec.has('foreignField');
  if (byField && !(spec.has('localField') && spec.has('foreignField'))) {
    throw new MongoError(9, '$lookup requires both or neither of localField and foreignField to be specified');
  }
  if (!byField && !spec.has('pipeline'))
    throw new MongoError(
      9,
      "$lookup requires either 'pipeline' or both 'localField' and 'foreignField' to be specified",
    );
  if (spec.has('let') && !spec.has('pipeline')) throw new MongoError(9, "$lookup with 'let' requires a 'pipeline'");
  const variables = compileLet(spec.get('let'), context.scope);
  const inner = spec.has('pipeline') ? context.inner(spec.get('pipeline'), variables.scope, name) : undefined;
  if (!spec.has('from') && !inner?.standsAlone) throw new MongoError(9, "must specify 'from' field for a $lookup");
  const from = spec.has('from') ? collectionName(spec.get('from'), name) : '';

  if (!byField)
    return pipelineLookup(
      from,
      as,
      inner as InnerPipeline,
      variables.assign,
      spec.has('let') || context.scope.names.size > 0,
      context,
    );

  const local = parsePath(textOption(spec, 'localField', name));
  const find = equalityJoin(from, textOption(spec, 'foreignField', name), context, undefined);
  return function* joining(input) {
    for (const doc of input) {
      const found = find(localValues(doc, local));
      if (!inner) {
        yield setAt(doc, as, [...found]);
        continue;
      }
      variables.assign(doc);
      const { filter } = inner;
      yield setAt(doc, as, [...inner.run(filter ? [...found].filter((item) => filter.matches(item)) : found)]);
    }
  };
};

function pipelineLookup(
  from: string,
  as: readonly string[],
  inner: InnerPipeline,
  assign: (doc: Doc) => void,
  correlated: boolean,
  { source }: StageContext,
) {
  return function* joining(input: Iterable<Doc>) {
    let same: Value[] | undefined;
    for (const doc of input) {
      assign(doc);
      const found = same ?? [...inner.run(inner.standsAlone ? [] : source.scan(from, inner.filter))];
      // Without variables every document gets the same answer.
      if (!correlated) same = found;
      yield setAt(doc, as, found);
    }
  };
}

/** `$graphLookup`. */
export const graphLookup: StageBuilder = (argument, context, name) => {
  const known = [
    'from',
    'startWith',
    'connectFromField',
    'connectToField',
    'as',
    'maxDepth',
    'depthField',
    'restrictSearchWithMatch',
  ];
  const spec = stageDocument(argument, name, 40327);
  for (const key of spec.keys())
    if (!known.includes(key)) throw new MongoError(40104, `Unknown argument to $graphLookup: ${key}`);
  for (const key of known.slice(0, 5))
    if (!spec.has(key)) throw new MongoError(40105, `$graphLookup requires '${key}' to be specified`);
  const from = collectionName(spec.get('from'), name);
  const start = compileExpression(spec.get('startWith'), context.scope);
  const connectFrom = parsePath(textOption(spec, 'connectFromField', name));
  const as = outputPath(textOption(spec, 'as', name));
  const depthField = spec.has('depthField') ? outputPath(textOption(spec, 'depthField', name)) : undefined;
  let maxDepth = Infinity;
  if (spec.has('maxDepth')) {
    const depth = isNumber(spec.get('maxDepth')) ? asInteger(spec.get('maxDepth')) : undefined;
    if (depth === undefined || depth < 0) throw new MongoError(40101, 'maxDepth requires a nonnegative argument');
    maxDepth = depth;
  }
  const restrict = spec.get('restrictSearchWithMatch');
  if (restrict !== undefined && !(restrict instanceof Map))
    throw new MongoError(40185, 'restrictSearchWithMatch must be an object');
  const base = restrict
    ? compileFilter(restrict, { scope: context.scope, collation: context.scope.collation })
    : undefined;
  const find = equalityJoin(from, textOption(spec, 'connectToField', name), context, base);
  return function* walking(input) {
    for (const doc of input) {
      const first = start(doc);
      let frontier: Value[] = Array.isArray(first) ? first : isNullish(first) ? [null] : [first];
      const visited = new Map<string, Doc>();
      const asked = new Set<string>();
      for (let depth = 0; frontier.length > 0 && depth <= maxDepth; depth++) {
        const next: Value[] = [];
        const fresh = frontier.filter((value) => {
          const key = encodeKeyString([value]);
          if (asked.has(key)) return false;
          asked.add(key);
          return true;
        });
        for (const found of fresh.length > 0 ? find(fresh) : []) {
          const key = encodeKeyString([found.get('_id')]);
          if (visited.has(key)) continue;
          visited.set(key, depthField ? setAt(found, depthField, BigInt(depth)) : found);
          next.push(...localValues(found, connectFrom).filter((value) => value !== null));
        }
        frontier = next;
      }
      yield setAt(doc, as, [...visited.values()]);
    }
  };
};

/** `$unionWith`. */
export const unionWith: StageBuilder = (argument, context, name) => {
  let from = '';
  let inner: InnerPipeline | undefined;
  if (typeof argument === 'string') from = collectionName(argument, name);
  else {
    const spec = stageDocument(argument, name, 9, ['coll', 'pipeline']);
    if (spec.has('pipeline')) inner = context.inner(spec.get('pipeline'), context.scope, name);
    if (spec.has('coll')) from = collectionName(spec.get('coll'), name);
    else if (!inner?.standsAlone)
      throw new MongoError(
        9,
        '$unionWith stage without explicit collection must have a pipeline with $documents as first stage',
      );
  }
  return function* union(input) {
    yield* input;
    if (!inner) yield* context.source.scan(from);
    else yield* inner.run(inner.standsAlone ? [] : context.source.scan(from, inner.filter));
  };
};

/** `$facet`. */
export const facet: StageBuilder = (argument, context, name) => {
  const spec = stageDocument(argument, name, 40169);
  if (spec.size === 0) throw new MongoError(40169, 'the $facet specification must be a non-empty object');
  const facets = [...spec].map(([field, pipeline]): [string, InnerPipeline] => {
    if (field.includes('.') || field.startsWith('$'))
      throw new MongoError(40170, `the $facet field '${field}' is not a valid name`);
    if (!Array.isArray(pipeline)) throw new MongoError(40170, `arguments to $facet must be arrays, ${field} is not`);
    return [field, context.inner(pipeline, context.scope, name)];
  });
  return function* facets_(input) {
    const docs = [...input];
    const result: Doc = new Map();
    for (const [field, { filter, run }] of facets) {
      result.set(field, [...run(filter ? docs.filter((doc) => filter.matches(doc)) : docs)]);
    }
    yield result;
  };
};
