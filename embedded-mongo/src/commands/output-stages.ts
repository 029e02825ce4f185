import { compilePipeline, type MergeTarget, type OutputTarget, type Scope } from '../aggregation/index.ts';
import { readCollectionOptions } from '../catalog/collection-options.ts';
import { Code, MongoError } from '../errors.ts';
import {
  decode,
  type Doc,
  docOf,
  encode,
  equal,
  getPath,
  isDoc,
  MAX_DOCUMENT_BYTES,
  MISSING,
  parsePath,
  type Value,
} from '../values/index.ts';
import { type Context, findCollection, waitingForLocks } from './context.ts';
import { changeDocuments, insertDocument, ownCopy, prepareDoc } from './document-writes.ts';
import { search } from './query.ts';
import { writable } from './write.ts';

/** The output stage of a pipeline, checked; undefined if it has none. */
export function checkOutput(context: Context, stages: readonly Value[], scope: Scope): OutputTarget | undefined {
  const last = stages.at(-1) as Doc | undefined;
  if (!last?.has('$out') && !last?.has('$merge')) return undefined;
  const { output } = compilePipeline([last], { scope, source: { scan: () => [] } });
  if (context.transaction)
    throw new MongoError(Code.OperationNotSupportedInTransaction, '$out and $merge cannot be used in a transaction');
  const concern = context.command.get('readConcern');
  if (isDoc(concern) && concern.get('level') === 'linearizable') {
    throw new MongoError(
      Code.InvalidOptions,
      "$out and $merge cannot be used with a 'linearizable' read concern level",
    );
  }
  if (output?.kind !== 'merge') return output;
  const collection = findCollection(context, output.collection, output.db ?? context.db);
  const { on } = output;
  const unique =
    (on.length === 1 && on[0] === '_id') ||
    collection?.indexes.some(
      ({ options }) =>
        options.unique &&
        !options.partialFilter &&
        options.pattern.size === on.length &&
        on.every((path) => options.pattern.has(path)),
    );
  if (!unique) throw new MongoError(51183, 'Cannot find index to verify that join fields will be unique');
  return output;
}

/** Merges one document into the target. Throws before anything is written if a lock is in the way. */
function merge(context: Context, output: MergeTarget, doc: Doc): void {
  const db = output.db ?? context.db;
  const collection = writable(context, output.collection, db);
  const filter: Doc = new Map();
  for (const path of output.on) {
    const value = getPath(doc, parsePath(path));
    if (value === MISSING && path === '_id') continue;
    if (value === MISSING || value === null || value === undefined || Array.isArray(value)) {
      throw new MongoError(51132, "$merge write error: 'on' field cannot be missing, null, undefined or an array");
    }
    filter.set(path, docOf('$eq', value));
  }
  const [existing] = filter.size > 0 ? [...search(context, collection, { filter, limit: 1 })] : [];
  if (existing === undefined) {
    if (output.whenNotMatched === 'fail') {
      throw new MongoError(
        13113,
        '$merge could not find a matching document in the target collection for at least one document in the source collection',
      );
    }
    if (output.whenNotMatched === 'insert') insertDocument(context, collection, prepareDoc(context, doc));
    return;
  }
  const before = existing.doc ?? decode(existing.buffer);
  if (output.whenMatched === 'fail') {
    throw collection.duplicateId(before.get('_id'));
  }
  let after = output.combine(before, doc);
  if (!after.has('_id')) after = new Map([['_id', before.get('_id')], ...after]);
  if (!equal(after.get('_id'), before.get('_id'))) {
    throw new MongoError(
      Code.ImmutableField,
      '$merge failed to update the matching document, did you attempt to modify the _id or the shard key?',
    );
  }
  const buffer = encode(after, MAX_DOCUMENT_BYTES);
  if (buffer.equals(existing.buffer)) return;
  const kind = output.whenMatched === 'replace' ? 'replace' : 'update';
  changeDocuments(context, collection, kind, [{ key: existing.key, before, after, buffer: ownCopy(buffer) }]);
}

/** Writes the results of a pipeline to where they belong. */
export async function writeOutput(context: Context, output: OutputTarget, results: readonly Doc[]): Promise<void> {
  if (output.kind === 'merge') {
    for (const doc of results) await waitingForLocks(context, () => merge(context, output, doc));
    return;
  }
  const { catalog } = context.shared;
  const db = output.db ?? context.db;
  const name = output.collection;
  await waitingForLocks(context, () => {
    const old = catalog.find(db, name);
    if (old?.options.view) throw new MongoError(166, `Namespace ${db}.${name} is a view, not a collection`);
    const specs = old?.indexes.map((index) => index.options.spec) ?? [];
    // Filled under another name and then put in the old one's place: a failure leaves the old one as it was.
    const fresh = catalog.create(
      db,
      `tmp.agg_out.${Date.now()}`,
      readCollectionOptions(old?.options.listed ?? new Map()),
    );
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
