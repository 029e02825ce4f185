import { Code, MongoError } from '../errors.ts';
import { compileFilter, type Filter } from '../query/index.ts';
import { type Doc, typeNameOf, type Value } from '../values/index.ts';
import { type FieldUse, noUse, type Scope } from './scope.ts';
import {
  count,
  documents,
  drop,
  match,
  readLimit,
  readSkip,
  redact,
  sample,
  sortStage,
  take,
  unwind,
} from './stages/basic.ts';
import { bucket, bucketAuto, group, sortByCount } from './stages/group.ts';
import { facet, graphLookup, lookup, unionWith } from './stages/join.ts';
import { type OutputTarget, readOutput } from './stages/output.ts';
import {
  type InnerPipeline,
  mapping,
  type Source,
  type Stage,
  type StageBuilder,
  type StageContext,
} from './stages/stage.ts';
import { setWindowFields } from './stages/window.ts';
import { transformOf } from './transform.ts';

const STAGES: ReadonlyMap<string, StageBuilder> = new Map<string, StageBuilder>([
  ['$match', match],
  ['$count', count],
  ['$unwind', unwind],
  ['$sample', sample],
  ['$documents', documents],
  ['$redact', redact],
  ['$group', group],
  ['$sortByCount', sortByCount],
  ['$bucket', bucket],
  ['$bucketAuto', bucketAuto],
  ['$lookup', lookup],
  ['$graphLookup', graphLookup],
  ['$unionWith', unionWith],
  ['$facet', facet],
  ['$setWindowFields', setWindowFields],
]);

const UNSUPPORTED = new Set([
  '$changeStream',
  '$changeStreamSplitLargeEvent',
  '$collStats',
  '$currentOp',
  '$densify',
  '$fill',
  '$geoNear',
  '$indexStats',
  '$listLocalSessions',
  '$listSampledQueries',
  '$listSearchIndexes',
  '$listSessions',
  '$planCacheStats',
  '$querySettings',
  '$queryStats',
  '$search',
  '$searchMeta',
  '$shardedDataDistribution',
  '$vectorSearch',
  '$rankFusion',
  '$scoreFusion',
]);

/** A pipeline, ready to run. */
export interface Pipeline {
  /** The `$match` stages at the start, as one filter: read the collection with it, then call `run`. */
  readonly filter: Filter | undefined;
  /** The `$sort` that comes right after `filter`, and the limit on it: an index may give that order. */
  readonly sort: { readonly spec: Doc; readonly limit: number } | undefined;
  /** The fields at the top of the documents that `run` looks at: others may be left out. Undefined: all of them. */
  readonly fields: ReadonlySet<string> | undefined;
  /** Begins with `$documents`: `run` takes no input. */
  readonly standsAlone: boolean;
  /** Runs over the documents that passed `filter`. `sorted` says that they come in the order of `sort`. */
  readonly run: (input: Iterable<Doc>, sorted?: boolean) => Iterable<Doc>;
  /** What `$out` or `$merge` at the end asks for; `run` gives the documents to write. */
  readonly output: OutputTarget | undefined;
}

/** What a pipeline is compiled with. */
export interface PipelineOptions {
  readonly scope: Scope;
  readonly source: Source;
}

function entryOf(stage: Value): [string, Value] {
  if (!(stage instanceof Map))
    throw new MongoError(Code.TypeMismatch, "Each element of the 'pipeline' array must be an object");
  const [entry] = stage;
  if (stage.size !== 1 || !entry)
    throw new MongoError(40323, 'A pipeline stage specification object must contain exactly one field.');
  return entry;
}

/** Names of the stages of a pipeline, for deciding what a command has to do before it compiles. */
export function stageNames(stages: Value): string[] {
  if (!Array.isArray(stages))
    throw new MongoError(
      Code.TypeMismatch,
      `'pipeline' option must be specified as an array, not ${typeNameOf(stages)}`,
    );
  return stages.map((stage) => entryOf(stage)[0]);
}

interface Compiled {
  readonly stages: Stage[];
  /** The fields of the input that matter; undefined for all. */
  readonly fields: ReadonlySet<string> | undefined;
  readonly sort: { readonly spec: Doc; readonly limit: number } | undefined;
}

function compileStage(name: string, value: Value, context: StageContext, first: boolean): Stage {
  const transform = transformOf(name, value, context.scope);
  if (transform) return mapping(transform);
  if (name === '$limit') return take(readLimit(value));
  if (name === '$skip') return drop(readSkip(value));
  if (name === '$sort') return sortStage(value, context.scope);
  if (name === '$documents' && !first)
    throw new MongoError(40602, '$documents is only valid as the first stage in a pipeline');
  const builder = STAGES.get(name);
  if (builder) return builder(value, context, name);
  if (UNSUPPORTED.has(name)) throw new MongoError(Code.NotImplemented, `${name} is not supported`);
  throw new MongoError(40324, `Unrecognized pipeline stage name: '${name}'`);
}

/** The limit that follows a sort, `$skip`s in between counted in; Infinity if there is none. */
function limitAfter(entries: readonly (readonly [string, Value])[], at: number): number {
  let skipped = 0;
  for (let index = at + 1; index < entries.length; index++) {
    const [name, value] = entries[index] as readonly [string, Value];
    if (name === '$skip') skipped += readSkip(value);
    else return name === '$limit' ? readLimit(value) + skipped : Infinity;
  }
  return Infinity;
}

function compileStages(
  entries: readonly (readonly [string, Value])[],
  context: StageContext,
  atStart: boolean,
): Compiled {
  let sort: Compiled['sort'];
  let fields: ReadonlySet<string> | undefined;
  // What the stages so far look at, as long as they hand on the documents that they take.
  let uses: FieldUse | undefined = noUse();
  const stages = entries.map(([name, value], index) => {
    const scope = { ...context.scope, uses };
    let stage: Stage;
    if (name === '$sort') {
      const limit = limitAfter(entries, index);
      stage = sortStage(value, scope, limit);
      if (index === 0) sort = { spec: value as Doc, limit };
    } else stage = compileStage(name, value, { ...context, scope }, atStart && index === 0);
    if (uses && MAKES_NEW.has(name)) {
      if (!uses.whole) ({ fields } = uses);
      uses = undefined;
    } else if (!HANDS_ON.has(name)) uses = undefined;
    return stage;
  });
  return { stages, sort, fields };
}

/** Stages whose documents have nothing of their input but what their expressions take. */
const MAKES_NEW = new Set([
  '$bucket',
  '$bucketAuto',
  '$count',
  '$group',
  '$project',
  '$replaceRoot',
  '$replaceWith',
  '$sortByCount',
]);
/** Stages that hand on the documents that they take, with fields that others do not ask for or without them. */
const HANDS_ON = new Set(['$limit', '$match', '$sample', '$skip', '$sort', '$unwind']);

/** How many `$match` stages stand at the start, and the filter that they make. */
function leadingFilter(
  entries: readonly (readonly [string, Value])[],
  scope: Scope,
): { filter: Filter | undefined; used: number } {
  const filters: Doc[] = [];
  for (const [name, value] of entries) {
    if (name !== '$match') break;
    if (!(value instanceof Map)) throw new MongoError(15959, 'the match filter must be an expression in an object');
    filters.push(value);
  }
  if (filters.length === 0) return { filter: undefined, used: 0 };
  const all = filters.length === 1 ? (filters[0] as Doc) : (new Map([['$and', filters]]) as Doc);
  return { filter: compileFilter(all, { scope, collation: scope.collation }), used: filters.length };
}

const MAX_STAGES = 1000;

/**
 * Compiles the pipeline of an aggregate command. Throws 40324 for an unknown stage, 168 for an unknown expression, 238
 * for what is known and not supported.
 */
export function compilePipeline(stages: Value, { scope, source }: PipelineOptions): Pipeline {
  stageNames(stages);
  const entries = (stages as Value[]).map(entryOf);
  if (entries.length > MAX_STAGES)
    throw new MongoError(7749501, `Pipeline length must be no longer than ${MAX_STAGES} stages.`);
  let output: OutputTarget | undefined;
  const last = entries.at(-1);
  if (last && (last[0] === '$out' || last[0] === '$merge')) {
    output = readOutput(last[0], last[1], scope);
    entries.pop();
  }
  const misplaced = entries.find(([name]) => name === '$out' || name === '$merge');
  if (misplaced) throw new MongoError(40601, `${misplaced[0]} can only be the final stage in the pipeline`);

  const inner = (innerStages: Value, innerScope: Scope, where: string): InnerPipeline => {
    for (const name of stageNames(innerStages)) {
      if (name === '$out' || name === '$merge' || (where === '$facet' && ['$facet', '$documents'].includes(name))) {
        throw new MongoError(
          where === '$facet' ? 40600 : 51047,
          `${name} is not allowed to be used within a ${where} stage`,
        );
      }
    }
    return compilePipeline(innerStages, { scope: { ...innerScope, uses: undefined }, source });
  };
  const { filter, used } = leadingFilter(entries, scope);
  const compiled = compileStages(entries.slice(used), { scope, source, inner }, used === 0);
  return {
    filter,
    sort: compiled.sort,
    fields: compiled.fields,
    standsAlone: used === 0 && entries[0]?.[0] === '$documents',
    output,
    run: (input, sorted = false) => {
      const list = sorted && compiled.sort ? compiled.stages.slice(1) : compiled.stages;
      return list.reduce((docs, stage) => stage(docs), input);
    },
  };
}
