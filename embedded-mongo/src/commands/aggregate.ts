import { Binary } from 'bson';
import { compilePipeline, newScope, type Source, stageNames } from '../aggregation/index.ts';
import { compileFilter, type Predicate } from '../query/index.ts';
import type { Collection } from '../catalog/collection.ts';
import { Code, MongoError } from '../errors.ts';
import { ChangeStream } from '../log/change-stream.ts';
import { decode, decodeFields, type Doc, docOf, encode, int32, isDoc, type Value } from '../values/index.ts';
import { flag, optionalCount, optionalDoc, requiredDoc } from './args.ts';
import { checkTime, type Context, findCollection } from './context.ts';
import type { Reply } from './reply.ts';
import { checkOutput, writeOutput } from './output-stages.ts';
import { checkSort, collationFor, count, type Query, search } from './query.ts';

interface Place {
  readonly db: string;
  /** Undefined for `aggregate: 1`. */
  readonly name: string | undefined;
}

/** Resolves a view, and the view that it is over, into the collection and the stages in front. */
export function resolveView(
  context: Context,
  db: string,
  name: string,
): { name: string; stages: Value[]; collection: Collection | undefined } {
  let stages: Value[] = [];
  let current = name;
  for (let depth = 0; depth < 20; depth++) {
    const collection = findCollection(context, current, db);
    const view = collection?.options.view;
    if (!view) return { name: current, stages, collection };
    stages = [...view.pipeline, ...stages];
    current = view.on;
  }
  throw new MongoError(165, `View depth limit exceeded for ${db}.${name}`);
}

/** What an index can be asked of a compiled filter. */
function plannable(predicates: readonly Predicate[]): Doc {
  const parts: Doc[] = [];
  for (const predicate of predicates) {
    if (predicate.kind === 'in') parts.push(docOf(predicate.path, docOf('$in', [...predicate.values])));
    else if ('value' in predicate) parts.push(docOf(predicate.path, docOf(`$${predicate.kind}`, predicate.value)));
  }
  return parts.length === 0 ? new Map() : docOf('$and', parts);
}

/** The collections that stages bring in beside the one that the pipeline is over. */
function sourceOf(context: Context, db: string, collation: Query['collation']): Source {
  return {
    *scan(name, filter) {
      const { collection, stages, name: base } = resolveView(context, db, name);
      if (stages.length > 0) {
        for (const doc of pipelineOver(context, { db, name: base }, stages, collation, undefined, undefined)) {
          if (!filter || filter.matches(doc)) yield doc;
        }
        return;
      }
      if (collection === undefined) return;
      const query: Query = {
        filter: filter ? plannable(filter.predicates) : new Map(),
        collation: filter?.collation,
        compiled: filter,
      };
      for (const found of search(context, collection, query)) yield found.doc ?? decode(found.buffer);
    },
    indexed: (name, path) => {
      const { collection, stages } = resolveView(context, db, name);
      if (stages.length > 0 || collection === undefined) return false;
      if (path === '_id') return true;
      return collection.indexes.some(({ options }) => {
        const [first] = options.pattern.keys();
        return first === path && !options.partialFilter && !options.sparse && !options.collation && !options.hidden;
      });
    },
  };
}

/** Takes from the front of a pipeline what the planner can do: `$match`, `$sort`, `$skip` and `$limit` in this order. */
export function leadingQuery(
  stages: readonly Value[],
  collation: Query['collation'],
  variables: Doc | undefined,
  hint: Value,
): { query: Query; rest: Doc[] } {
  const filters: Doc[] = [];
  let position = 0;
  const operand = (name: string): Value => {
    const stage = stages[position];
    return isDoc(stage) && stage.size === 1 ? stage.get(name) : undefined;
  };
  for (let filter = operand('$match'); isDoc(filter); filter = operand('$match')) {
    filters.push(filter);
    position++;
  }
  const sort = operand('$sort');
  if (isDoc(sort) && sort.size > 0 && ![...sort.values()].some(isDoc)) {
    checkSort(sort);
    position++;
  }
  const whole = (value: Value): number | undefined => {
    const number = Number(value ?? Number.NaN);
    return Number.isInteger(number) && number > 0 ? number : undefined;
  };
  const skip = whole(operand('$skip'));
  if (skip !== undefined) position++;
  const limit = whole(operand('$limit'));
  if (limit !== undefined) position++;
  const [first] = filters;
  const filter = filters.length > 1 ? docOf('$and', filters) : (first ?? new Map());
  const usable = isDoc(sort) && ![...sort.values()].some(isDoc) ? sort : undefined;
  return {
    query: { filter, sort: usable, hint, collation, let: variables, skip: skip ?? 0, limit: limit ?? 0 },
    rest: stages.slice(position) as Doc[],
  };
}

/** `countDocuments` comes as a group over everything: the count alone is enough. */
function countOnly(rest: readonly Doc[]): string | undefined {
  const [only] = rest;
  if (rest.length !== 1 || only === undefined) return undefined;
  const group = only.get('$group');
  if (!isDoc(group) || group.size !== 2 || Number(group.get('_id')) !== 1) return undefined;
  const [, [name, sum]] = [...group] as [[string, Value], [string, Value]];
  return isDoc(sum) && sum.size === 1 && Number(sum.get('$sum') ?? Number.NaN) === 1 ? name : undefined;
}

function* collectionStage(context: Context, name: string, options: Value, source: Place): Generator<Doc> {
  const collection = source.name === undefined ? undefined : findCollection(context, source.name, source.db);
  if (collection === undefined)
    throw new MongoError(Code.NamespaceNotFound, `Collection [${source.db}.${source.name}] not found.`);
  if (name === '$indexStats') {
    const host = context.shared.address;
    const accesses = docOf('ops', 0n, 'since', new Date(context.shared.startedAt));
    yield docOf('name', '_id_', 'key', docOf('_id', int32(1)), 'host', host, 'accesses', accesses);
    for (const { options: index } of collection.indexes)
      yield docOf('name', index.name, 'key', index.pattern, 'host', host, 'accesses', accesses);
    return;
  }
  const result = docOf('ns', collection.namespace, 'host', context.shared.address, 'localTime', new Date());
  if (isDoc(options) && options.has('count')) result.set('count', int32(collection.byId.size));
  if (isDoc(options) && options.has('storageStats')) {
    result.set(
      'storageStats',
      docOf(
        'size',
        int32(collection.bytes),
        'count',
        int32(collection.byId.size),
        'nindexes',
        int32(collection.indexes.length + 1),
      ),
    );
  }
  yield result;
}

function* localSessions(context: Context): Generator<Doc> {
  for (const { id, lastUse } of context.shared.sessions.all()) {
    // Nobody signs in here: every session is the same user's.
    const owner = docOf('id', new Binary(id, Binary.SUBTYPE_UUID), 'uid', new Binary(Buffer.alloc(32)));
    yield docOf('_id', owner, 'lastUse', new Date(lastUse));
  }
}

/** Runs stages over a collection. */
function* pipelineOver(
  context: Context,
  source: Place,
  stages: readonly Value[],
  collation: Query['collation'],
  variables: Doc | undefined,
  hint: Value,
): Generator<Doc> {
  const options = { scope: newScope({ let: variables, collation }), source: sourceOf(context, source.db, collation) };
  const first = stages.length > 0 ? stageNames([stages[0] as Value])[0] : undefined;
  if (first === '$collStats' || first === '$indexStats') {
    const { filter, run } = compilePipeline(stages.slice(1), options);
    const rows = [...collectionStage(context, first, (stages[0] as Doc).get(first), source)];
    yield* run(filter ? rows.filter(filter.matches) : rows);
    return;
  }
  if (first === '$listLocalSessions' && source.name === undefined) {
    const { filter, run } = compilePipeline(stages.slice(1), options);
    const rows = [...localSessions(context)];
    yield* run(filter ? rows.filter(filter.matches) : rows);
    return;
  }
  if (source.name === undefined) {
    const { run, standsAlone } = compilePipeline([...stages], options);
    if (!standsAlone)
      throw new MongoError(
        Code.InvalidNamespace,
        "{aggregate: 1} is not valid for '" + String(first) + "'; a collection is required.",
      );
    yield* run([]);
    return;
  }
  const collection = findCollection(context, source.name, source.db);
  const { query, rest } = leadingQuery(stages, collation, variables, hint);
  const { run, filter, standsAlone, fields } = compilePipeline(rest, options);
  if (collection === undefined || standsAlone) {
    compileFilter(query.filter, { scope: options.scope, collation });
    yield* run([]);
    return;
  }
  const counted = countOnly(rest);
  if (counted !== undefined) {
    const total = count(context, collection, query);
    if (total > 0) yield docOf('_id', int32(1), counted, int32(total));
    return;
  }
  const found = collection;
  function* input(): Generator<Doc> {
    for (const { doc, buffer } of search(context, found, query)) {
      // What the stages do not look at need not be read.
      const content = doc ?? (fields && !filter ? decodeFields(buffer, fields) : decode(buffer));
      if (!filter || filter.matches(content)) yield content;
    }
  }
  yield* run(input());
}

/** The command `aggregate`. */
export function aggregate(context: Context): Reply | Promise<Reply> {
  const { command, db, shared } = context;
  const target = command.get('aggregate');
  const given = typeof target === 'string' ? target : undefined;
  if (given === undefined && Number(target) !== 1)
    throw new MongoError(
      Code.FailedToParse,
      "Invalid command format: the 'aggregate' field must specify a collection name or 1",
    );
  const pipeline = command.get('pipeline');
  if (!Array.isArray(pipeline))
    throw new MongoError(Code.TypeMismatch, "'pipeline' option must be specified as an array");
  const names = stageNames(pipeline);
  const variables = optionalDoc(command, 'let');
  if (!flag(command, 'explain')) {
    const cursor = requiredDoc(command, 'cursor');
    const batchSize = optionalCount(cursor, 'batchSize');
    if (names[0] === '$changeStream') {
      if (context.transaction)
        throw new MongoError(Code.OperationNotSupportedInTransaction, '$changeStream cannot be used in a transaction');
      const options = (pipeline[0] as Doc).get('$changeStream');
      if (!isDoc(options)) throw new MongoError(50808, 'the $changeStream stage specification must be an object');
      const everything = options.get('allChangesForCluster') === true;
      if (everything && (db !== 'admin' || given !== undefined)) {
        throw new MongoError(
          Code.InvalidOptions,
          'A $changeStream with allChangesForCluster:true may only be opened on the admin database, and with no collection name',
        );
      }
      if (!everything && given === undefined && ['admin', 'local', 'config'].includes(db)) {
        throw new MongoError(Code.InvalidNamespace, `$changeStream may not be opened on the internal ${db} database`);
      }
      const watched = everything ? { db: undefined, collection: undefined } : { db, collection: given };
      const stream = new ChangeStream(
        context,
        watched,
        `${db}.${given ?? '$cmd.aggregate'}`,
        options,
        pipeline.slice(1),
        variables,
      );
      return stream.first(batchSize);
    }
    if (names.includes('$changeStream'))
      throw new MongoError(40602, '$changeStream is only valid as the first stage in a pipeline.');
    const view = given === undefined ? undefined : resolveView(context, db, given);
    const collation = collationFor(command.get('collation'), view?.collection);
    const stages = view ? [...view.stages, ...pipeline] : pipeline;
    const source: Place = { db, name: view?.name };
    const namespace = `${db}.${given ?? '$cmd.aggregate'}`;
    const output = checkOutput(context, stages, newScope({ let: variables, collation }));
    if (output) {
      const results = [
        ...pipelineOver(context, source, stages.slice(0, -1), collation, variables, command.get('hint')),
      ];
      return writeOutput(context, output, results).then(() =>
        shared.cursors.open(context, namespace, [].values(), batchSize),
      );
    }
    const documents = pipelineOver(context, source, stages, collation, variables, command.get('hint'));
    // The stages are checked even if the client wants nothing yet.
    const started = startNow(documents);
    function* buffers(): Generator<Buffer> {
      for (const doc of started) {
        checkTime(context);
        yield encode(doc, 48 * 1024 * 1024);
      }
    }
    return shared.cursors.open(context, namespace, buffers(), batchSize);
  }
  throw new MongoError(
    Code.CommandNotSupported,
    "aggregate with 'explain' is not supported by this server: use the explain command",
  );
}

/** Begins to iterate, so that errors of the beginning come at once. */
function startNow(source: Generator<Doc>): Iterable<Doc> {
  const first = source.next();
  return (function* () {
    if (first.done) return;
    yield first.value;
    yield* source;
  })();
}
