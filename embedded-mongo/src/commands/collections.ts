import { Binary } from 'bson';
import { ID_INDEX_SPEC } from '../catalog/catalog.ts';
import type { Collection, Index } from '../catalog/collection.ts';
import { readCollectionOptions } from '../catalog/collection-options.ts';
import { Code, MongoError } from '../errors.ts';
import { compileMatcher } from '../query/index.ts';
import { type Doc, docOf, encode, equal, int32, isDoc, isNumber, type Value } from '../values/index.ts';
import { docs, flag, optionalCount, optionalDoc, text } from './args.ts';
import { collectionName, type Context, findCollection, waitingForLocks } from './context.ts';
import type { Reply } from './reply.ts';

const OPTION_FIELDS = [
  'validator',
  'validationLevel',
  'validationAction',
  'changeStreamPreAndPostImages',
  'collation',
  'viewOn',
  'pipeline',
  'capped',
  'timeseries',
  'clusteredIndex',
  'encryptedFields',
  'expireAfterSeconds',
  'size',
  'max',
  'storageEngine',
  'indexOptionDefaults',
];
/** Fields of the command `create`. */
export const CREATE_FIELDS = new Set([...OPTION_FIELDS, 'autoIndexId', 'idIndex', 'flags', 'temp']);

/** The command `create`. */
export async function create(context: Context): Promise<Reply> {
  const { command, shared, db, transaction } = context;
  const name = collectionName(context);
  const given: Doc = new Map();
  for (const field of OPTION_FIELDS) if (command.has(field)) given.set(field, command.get(field));
  const options = readCollectionOptions(given);
  await waitingForLocks(context, () => {
    const present = findCollection(context, name);
    // Creating the same once more is no error.
    if (present && equal(present.options.listed, options.listed)) return present;
    return shared.catalog.create(db, name, options, transaction);
  });
  return docOf('ok', 1);
}

/** Ends the cursors over a collection that goes. */
function endCursors(context: Context, namespace: string): void {
  context.shared.cursors.killWhere((cursor) => cursor.namespace === namespace && !('first' in cursor));
}

/** The command `drop`. */
export async function drop(context: Context): Promise<Reply> {
  const { shared, db } = context;
  const name = collectionName(context);
  return waitingForLocks(context, () => {
    const collection = shared.catalog.find(db, name);
    if (collection === undefined) return docOf('ok', 1);
    shared.catalog.drop(collection);
    endCursors(context, collection.namespace);
    return docOf('nIndexesWas', int32(collection.indexes.length + 1), 'ns', collection.namespace, 'ok', 1);
  });
}

/** The command `dropDatabase`. */
export async function dropDatabase(context: Context): Promise<Reply> {
  await waitingForLocks(context, () => context.shared.catalog.dropDatabase(context.db));
  return docOf('dropped', context.db, 'ok', 1);
}

/** The command `renameCollection`. */
export async function renameCollection(context: Context): Promise<Reply> {
  const { command, shared } = context;
  const split = (namespace: string): [string, string] => {
    const dot = namespace.indexOf('.');
    if (dot < 1) throw new MongoError(Code.InvalidNamespace, `Invalid namespace specified '${namespace}'`);
    return [namespace.slice(0, dot), namespace.slice(dot + 1)];
  };
  const [fromDb, fromName] = split(text(command, 'renameCollection'));
  const [toDb, toName] = split(text(command, 'to'));
  if (fromDb !== toDb)
    throw new MongoError(
      Code.CommandNotSupported,
      'renaming a collection into another database is not supported by this server',
    );
  await waitingForLocks(context, () => {
    const collection = shared.catalog.find(fromDb, fromName);
    if (collection === undefined)
      throw new MongoError(Code.NamespaceNotFound, `Source collection ${fromDb}.${fromName} does not exist`);
    shared.catalog.rename(collection, toDb, toName, flag(command, 'dropTarget'));
  });
  return docOf('ok', 1);
}

/** The command `collMod`. */
export async function collMod(context: Context): Promise<Reply> {
  const { command, shared, db } = context;
  const name = collectionName(context);
  return waitingForLocks(context, () => {
    const collection = shared.catalog.get(db, name);
    const given: Doc = new Map(collection.options.listed);
    for (const field of [
      'validator',
      'validationLevel',
      'validationAction',
      'changeStreamPreAndPostImages',
      'viewOn',
      'pipeline',
    ]) {
      if (command.has(field)) given.set(field, command.get(field));
    }
    const wanted = optionalDoc(command, 'index');
    const reply: Doc = new Map();
    let index: Index | undefined;
    let spec: Doc | undefined;
    if (wanted) {
      const present = findIndex(collection, wanted.get('name') ?? wanted.get('keyPattern'));
      index = present;
      spec = new Map(present.options.spec);
      for (const field of ['expireAfterSeconds', 'hidden']) {
        const value = wanted.get(field);
        if (value === undefined) continue;
        const old = spec.get(field);
        if (old !== undefined || field === 'hidden') reply.set(`${field}_old`, old ?? false);
        reply.set(`${field}_new`, value);
        spec.set(field, value);
      }
      for (const field of wanted.keys()) {
        if (!['name', 'keyPattern', 'expireAfterSeconds', 'hidden'].includes(field)) {
          throw new MongoError(
            Code.CommandNotSupported,
            `collMod of an index's '${field}' is not supported by this server`,
          );
        }
      }
    }
    const detail = docOf(
      'operationDescription',
      new Map([...command].filter(([field]) => field === 'index' || OPTION_FIELDS.includes(field))),
    );
    shared.catalog.modify(collection, readCollectionOptions(given), index, spec, detail);
    return reply.set('ok', 1);
  });
}

function findIndex(collection: Collection, which: Value): Index {
  const found = collection.indexes.find(({ options }) =>
    isDoc(which) ? equal(options.pattern, which) : options.name === which,
  );
  if (found === undefined) {
    const named = isDoc(which) ? "can't find index with key" : `index not found with name [${String(which)}]`;
    throw new MongoError(Code.IndexNotFound, named);
  }
  return found;
}

/** The command `createIndexes`. */
export async function createIndexes(context: Context): Promise<Reply> {
  const { command, shared, db, transaction } = context;
  const name = collectionName(context);
  const specs = docs(command, 'indexes');
  if (specs.length === 0) throw new MongoError(Code.BadValue, 'Must specify at least one index to create');
  return waitingForLocks(context, () => {
    const existed = findCollection(context, name) !== undefined;
    const collection = shared.catalog.forWrite(db, name, transaction);
    if (transaction && !transaction.created.has(collection.namespace) && collection.byId.size > 0) {
      throw new MongoError(
        Code.OperationNotSupportedInTransaction,
        `Cannot create new indexes on non-empty collection ${collection.namespace} inside a transaction.`,
      );
    }
    const { before, after } = shared.catalog.createIndexes(collection, specs, transaction);
    const reply = docOf(
      'numIndexesBefore',
      int32(before),
      'numIndexesAfter',
      int32(after),
      'createdCollectionAutomatically',
      !existed,
    );
    if (before === after) reply.set('note', 'all indexes already exist');
    return reply.set('ok', 1);
  });
}

/** The command `dropIndexes`. */
export async function dropIndexes(context: Context): Promise<Reply> {
  const { command, shared, db } = context;
  const collection = shared.catalog.get(db, collectionName(context));
  const which = command.get('index');
  if (which === '_id_' || (isDoc(which) && which.size === 1 && which.has('_id') && isNumber(which.get('_id')))) {
    throw new MongoError(Code.InvalidOptions, 'cannot drop _id index');
  }
  return waitingForLocks(context, () => {
    const before = collection.indexes.length + 1;
    const indexes =
      which === '*'
        ? [...collection.indexes]
        : (Array.isArray(which) ? which : [which]).map((one) => findIndex(collection, one));
    shared.catalog.dropIndexes(collection, indexes);
    return docOf('nIndexesWas', int32(before), 'ok', 1);
  });
}

function openList(context: Context, namespace: string, items: Doc[]): Reply {
  const batchSize = optionalCount(optionalDoc(context.command, 'cursor') ?? new Map(), 'batchSize');
  return context.shared.cursors.open(context, namespace, items.map((item) => encode(item)).values(), batchSize);
}

/** The command `listIndexes`. */
export function listIndexes(context: Context): Reply {
  const { shared, db } = context;
  const collection = shared.catalog.get(db, collectionName(context), context.transaction);
  if (collection.options.view)
    throw new MongoError(166, `Namespace ${collection.namespace} is a view, not a collection`);
  return openList(context, collection.namespace, [
    ID_INDEX_SPEC,
    ...collection.indexes.map((index) => index.options.spec),
  ]);
}

/** The command `listCollections`. */
export function listCollections(context: Context): Reply {
  const { shared, db, command } = context;
  const matches = compileMatcher(optionalDoc(command, 'filter') ?? new Map());
  const nameOnly = flag(command, 'nameOnly');
  const items: Doc[] = [];
  for (const collection of shared.catalog.all()) {
    if (collection.db !== db) continue;
    const view = collection.options.view !== undefined;
    const info = docOf('readOnly', view);
    if (!view) info.set('uuid', new Binary(collection.uuid, 4));
    const item = docOf(
      'name',
      collection.name,
      'type',
      view ? 'view' : 'collection',
      'options',
      collection.options.listed,
      'info',
      info,
    );
    if (!view) item.set('idIndex', ID_INDEX_SPEC);
    if (!matches(item)) continue;
    items.push(nameOnly ? docOf('name', collection.name, 'type', item.get('type')) : item);
  }
  return openList(context, `${db}.$cmd.listCollections`, items);
}

/** The command `listDatabases`. */
export function listDatabases(context: Context): Reply {
  const { shared, command } = context;
  const sizes = new Map<string, number>();
  for (const collection of shared.catalog.all())
    sizes.set(collection.db, (sizes.get(collection.db) ?? 0) + collection.bytes);
  const matches = compileMatcher(optionalDoc(command, 'filter') ?? new Map());
  const nameOnly = flag(command, 'nameOnly');
  const items: Doc[] = [];
  let total = 0;
  for (const [name, size] of [...sizes].sort(([a], [b]) => (a < b ? -1 : 1))) {
    const item = docOf('name', name, 'sizeOnDisk', BigInt(size), 'empty', false);
    if (!matches(item)) continue;
    total += size;
    items.push(nameOnly ? docOf('name', name) : item);
  }
  const reply = docOf('databases', items);
  if (!nameOnly) reply.set('totalSize', BigInt(total)).set('totalSizeMb', BigInt(Math.floor(total / 1048576)));
  return reply.set('ok', 1);
}

/** The command `collStats`. */
export function collStats(context: Context): Reply {
  const { db } = context;
  const name = collectionName(context);
  const collection = findCollection(context, name);
  const count = collection?.byId.size ?? 0;
  const size = collection?.bytes ?? 0;
  return docOf(
    'ns',
    `${db}.${name}`,
    'size',
    int32(size),
    'count',
    int32(count),
    'avgObjSize',
    int32(count === 0 ? 0 : Math.floor(size / count)),
    'storageSize',
    int32(size),
    'capped',
    false,
    'nindexes',
    int32(collection ? collection.indexes.length + 1 : 0),
    'ok',
    1,
  );
}

/** The command `dbStats`. */
export function dbStats(context: Context): Reply {
  let collections = 0;
  let objects = 0;
  let indexes = 0;
  let size = 0;
  for (const collection of context.shared.catalog.all()) {
    if (collection.db !== context.db) continue;
    collections++;
    objects += collection.byId.size;
    indexes += collection.indexes.length + 1;
    size += collection.bytes;
  }
  return docOf(
    'db',
    context.db,
    'collections',
    int32(collections),
    'views',
    int32(0),
    'objects',
    int32(objects),
    'avgObjSize',
    objects === 0 ? 0 : size / objects,
    'dataSize',
    size,
    'storageSize',
    context.shared.engine.store.size(),
    'indexes',
    int32(indexes),
    'ok',
    1,
  );
}

/** The command `validate`: counts what the collection and its indexes hold. */
export function validate(context: Context): Reply {
  const collection = context.shared.catalog.get(context.db, collectionName(context));
  const keys = docOf('_id_', int32(collection.byId.size));
  for (const index of collection.indexes) keys.set(index.options.name, int32(index.entries.size));
  return docOf(
    'ns',
    collection.namespace,
    'nrecords',
    int32(collection.byId.size),
    'nIndexes',
    int32(collection.indexes.length + 1),
    'keysPerIndex',
    keys,
    'valid',
    true,
    'errors',
    [],
    'warnings',
    [],
    'ok',
    1,
  );
}
