import { readCollectionOptions } from '../catalog/collection-options.ts';
import { Code, MongoError } from '../errors.ts';
import { type Doc, docOf, getPath, isDoc, MISSING, parsePath, type Value } from '../values/index.ts';
import { type Context, findCollection, waitingForLocks } from './context.ts';
import { insertDocument, prepareDoc } from './document-writes.ts';
import { updateDocuments, writable } from './write.ts';

/** Where the results of a pipeline go. */
export type Output =
  | { readonly kind: 'out'; readonly db: string; readonly name: string }
  | {
      readonly kind: 'merge';
      readonly db: string;
      readonly name: string;
      readonly on: readonly string[];
      readonly whenMatched: string | Value[];
      readonly whenNotMatched: string;
      readonly let: Doc | undefined;
    };

function target(context: Context, value: Value): { db: string; name: string } {
  if (typeof value === 'string') return { db: context.db, name: value };
  const [db, name] = isDoc(value) ? [value.get('db') ?? context.db, value.get('coll')] : [undefined, undefined];
  if (typeof db !== 'string' || typeof name !== 'string') throw new MongoError(Code.FailedToParse, 'the target of $out or $merge must be a collection');
  return { db, name };
}

/** The output stage of a pipeline, checked; undefined if it has none. */
export function checkOutput(context: Context, stages: readonly Value[]): Output | undefined {
  const position = stages.findIndex((stage) => (stage as Doc).has('$out') || (stage as Doc).has('$merge'));
  if (position < 0) return undefined;
  if (context.transaction) throw new MongoError(Code.OperationNotSupportedInTransaction, '$out and $merge cannot be used in a transaction');
  const stage = stages[position] as Doc;
  if (position !== stages.length - 1) {
    throw new MongoError(40601, `${[...stage.keys()][0]} can only be the final stage in the pipeline`);
  }
  if (stage.has('$out')) return { kind: 'out', ...target(context, stage.get('$out')) };
  const spec = stage.get('$merge');
  if (typeof spec === 'string') {
    return { kind: 'merge', db: context.db, name: spec, on: ['_id'], whenMatched: 'merge', whenNotMatched: 'insert', let: undefined };
  }
  if (!isDoc(spec)) throw new MongoError(51182, '$merge only supports a string or object argument');
  const on = spec.get('on') ?? '_id';
  const whenMatched = spec.get('whenMatched') ?? 'merge';
  const whenNotMatched = spec.get('whenNotMatched') ?? 'insert';
  if (!Array.isArray(whenMatched) && !['replace', 'keepExisting', 'merge', 'fail'].includes(String(whenMatched))) {
    throw new MongoError(Code.BadValue, `Enumeration value '${String(whenMatched)}' for field 'whenMatched' is not a valid value.`);
  }
  if (!['insert', 'discard', 'fail'].includes(String(whenNotMatched))) {
    throw new MongoError(Code.BadValue, `Enumeration value '${String(whenNotMatched)}' for field 'whenNotMatched' is not a valid value.`);
  }
  const variables = spec.get('let');
  const paths = (Array.isArray(on) ? on : [on]).map(String);
  const { db, name } = target(context, spec.get('into'));
  const collection = findCollection(context, name, db);
  const unique =
    (paths.length === 1 && paths[0] === '_id') ||
    collection?.indexes.some(({ options }) => options.unique && options.pattern.size === paths.length && paths.every((path) => options.pattern.has(path)));
  if (!unique) throw new MongoError(51183, 'Cannot find index to verify that join fields will be unique');
  return {
    kind: 'merge',
    db,
    name,
    on: paths,
    whenMatched: Array.isArray(whenMatched) ? whenMatched : String(whenMatched),
    whenNotMatched: String(whenNotMatched),
    let: isDoc(variables) ? variables : undefined,
  };
}

async function merge(context: Context, output: Output & { kind: 'merge' }, doc: Doc, variables: Doc | undefined): Promise<void> {
  const { db, name, whenMatched } = output;
  await waitingForLocks(context, () => {
    const collection = writable(context, name, db);
    const filter: Doc = new Map();
    for (const path of output.on) {
      const value = getPath(doc, parsePath(path));
      if (value === MISSING && path === '_id') continue;
      if (value === MISSING || value === null || Array.isArray(value)) {
        throw new MongoError(51132, "$merge write error: 'on' field cannot be missing, null, undefined or an array");
      }
      filter.set(path, docOf('$eq', value as Value));
    }
    const bound = new Map<string, Value>([...(variables ?? []), ...(output.let ?? []), ['new', doc]]);
    const base = { filter, multi: false, upsert: false, arrayFilters: undefined, collation: undefined, hint: undefined, sort: undefined, constants: undefined, let: bound };
    const existing = filter.size > 0 && updateDocuments(context, db, name, { ...base, update: docOf('$setOnInsert', docOf('_', true)) }).matched > 0;
    if (!existing) {
      if (output.whenNotMatched === 'fail') throw new MongoError(13113, '$merge could not find a matching document in the target collection for at least one document in the source collection');
      if (output.whenNotMatched === 'insert') insertDocument(context, collection, prepareDoc(context, doc));
      return;
    }
    if (whenMatched === 'keepExisting') return;
    if (whenMatched === 'fail') throw new MongoError(Code.DuplicateKey, `$merge found a document that already exists in ${db}.${name}`);
    if (Array.isArray(whenMatched)) updateDocuments(context, db, name, { ...base, update: whenMatched });
    else if (whenMatched === 'replace') updateDocuments(context, db, name, { ...base, update: doc });
    else updateDocuments(context, db, name, { ...base, update: [docOf('$replaceWith', docOf('$mergeObjects', ['$$ROOT', '$$new']))] });
  });
}

/** Writes the results of a pipeline to where they belong. */
export async function writeOutput(context: Context, output: Output, results: readonly Doc[], variables: Doc | undefined): Promise<void> {
  if (output.kind === 'merge') {
    for (const doc of results) await merge(context, output, doc, variables);
    return;
  }
  const { catalog } = context.shared;
  const { db, name } = output;
  await waitingForLocks(context, () => {
    const old = catalog.find(db, name);
    if (old?.options.view) throw new MongoError(166, `Namespace ${db}.${name} is a view, not a collection`);
    const specs = old?.indexes.map((index) => index.options.spec) ?? [];
    // Filled under another name and then put in the old one's place: a failure leaves the old one as it was.
    const fresh = catalog.create(db, `tmp.agg_out.${Date.now()}`, readCollectionOptions(old?.options.listed ?? new Map()));
    try {
      catalog.createIndexes(fresh, specs);
      for (const doc of results) insertDocument(context, fresh, prepareDoc(context, doc));
      catalog.rename(fresh, db, name, true);
    } catch (error) {
      catalog.drop(fresh);
      throw error;
    }
  });
}
