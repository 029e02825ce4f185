import type { Plan } from '../catalog/planner.ts';
import { Code, MongoError } from '../errors.ts';
import { type Doc, docOf, int32, isDoc, type Value } from '../values/index.ts';
import { leadingQuery, resolveView } from './aggregate.ts';
import { docs, optionalCount, optionalDoc } from './args.ts';
import { type Context, findCollection } from './context.ts';
import type { Reply } from './reply.ts';
import { VERSION } from './handshake.ts';
import { collationFor, planFor, type Query, search } from './query.ts';

function stagesOf(plan: Plan, query: Query): Doc {
  let stage: Doc;
  const onId = query.filter.size === 1 && query.filter.has('_id') && !isDoc(query.filter.get('_id'));
  if (onId && !query.collation) stage = docOf('stage', 'IDHACK');
  else if (plan.index) {
    const scan = docOf(
      'stage',
      'IXSCAN',
      'keyPattern',
      plan.index.pattern,
      'indexName',
      plan.index.name,
      'isMultiKey',
      plan.repeats,
      'direction',
      plan.backwards ? 'backward' : 'forward',
    );
    stage = docOf('stage', 'FETCH', 'inputStage', scan);
    if (!plan.exact) stage.set('filter', query.filter);
  } else
    stage = docOf('stage', 'COLLSCAN', 'filter', query.filter, 'direction', plan.backwards ? 'backward' : 'forward');
  if (query.sort && query.sort.size > 0 && !plan.sorted && !onId)
    stage = docOf('stage', 'SORT', 'sortPattern', query.sort, 'inputStage', stage);
  if (query.skip) stage = docOf('stage', 'SKIP', 'skipAmount', int32(query.skip), 'inputStage', stage);
  if (query.limit) stage = docOf('stage', 'LIMIT', 'limitAmount', int32(query.limit), 'inputStage', stage);
  return stage;
}

function questionOf(context: Context, inner: Doc, name: string, target: string): { target: string; query: Query } {
  const variables = optionalDoc(inner, 'let');
  const query = (source: Doc, filter: string, limit: number): Query => ({
    filter: optionalDoc(source, filter) ?? new Map(),
    sort: optionalDoc(source, 'sort'),
    hint: source.get('hint'),
    collation: collationFor(source.get('collation'), findCollection(context, target)),
    let: variables,
    skip: optionalCount(source, 'skip') ?? 0,
    limit,
  });
  switch (name) {
    case 'find':
      return { target, query: query(inner, 'filter', optionalCount(inner, 'limit') ?? 0) };
    case 'count':
    case 'distinct':
      return { target, query: query(inner, 'query', 0) };
    case 'findAndModify':
      return { target, query: query(inner, 'query', 1) };
    case 'update':
    case 'delete': {
      const statement = docs(inner, `${name}s`)[0] ?? new Map<string, Value>();
      return { target, query: query(statement, 'q', 0) };
    }
    case 'aggregate': {
      const view = resolveView(context, context.db, target);
      const stages = [...view.stages, ...docs(inner, 'pipeline')];
      const collation = collationFor(inner.get('collation'), view.collection);
      return { target: view.name, query: leadingQuery(stages, collation, variables, inner.get('hint')).query };
    }
    default:
      throw new MongoError(Code.CommandNotFound, `Explain failed due to unknown command: ${name}`);
  }
}

/** The command `explain`: how documents would be found, and with a verbosity above `queryPlanner` how many were looked at. */
export function explain(context: Context): Reply {
  const inner = optionalDoc(context.command, 'explain');
  const verbosity = context.command.get('verbosity') ?? 'allPlansExecution';
  if (inner === undefined) throw new MongoError(Code.TypeMismatch, 'explain needs a command');
  const [name] = inner.keys();
  const target = inner.get(name ?? '');
  if (name === undefined || typeof target !== 'string')
    throw new MongoError(Code.InvalidNamespace, 'explain needs a command on a collection');
  const { target: source, query } = questionOf(context, inner, name, target);
  const collection = findCollection(context, source);
  const plan = collection && planFor(context, collection, query).plan;
  const winning = plan ? stagesOf(plan, query) : docOf('stage', 'EOF');
  const reply = docOf('explainVersion', '1');
  reply.set(
    'queryPlanner',
    docOf(
      'namespace',
      `${context.db}.${source}`,
      'parsedQuery',
      query.filter,
      'winningPlan',
      winning,
      'rejectedPlans',
      [],
    ),
  );
  if (verbosity !== 'queryPlanner') {
    const counts = { keys: 0, documents: 0 };
    let returned = 0;
    if (collection) for (const _ of search(context, collection, query, counts)) returned++;
    const indexed = plan?.index !== undefined;
    reply.set(
      'executionStats',
      docOf(
        'executionSuccess',
        true,
        'nReturned',
        int32(returned),
        'executionTimeMillis',
        int32(0),
        'totalKeysExamined',
        int32(indexed ? counts.keys : 0),
        'totalDocsExamined',
        int32(counts.documents),
        'executionStages',
        winning,
      ),
    );
  }
  reply.set('command', inner).set('serverInfo', docOf('host', context.shared.address, 'version', VERSION));
  return reply.set('ok', 1);
}
