import { Code, MongoError } from '../errors.ts';
import { asInteger, decode, type Doc, docOf, encode, int32, isDoc, isNumber, type Value } from '../values/index.ts';
import { MAX_WRITE_BATCH } from '../wire/message.ts';
import { docs, flag, onlyKnown, optionalCount, optionalDoc, requiredDoc } from './args.ts';
import type { Context } from './context.ts';
import type { Reply } from './reply.ts';
import { insertDocument, prepareDoc } from './document-writes.ts';
import { arrayFilters, executeAll, executeStatement } from './statements.ts';
import { deleteDocuments, updateDocuments, writable } from './write.ts';

const FIELDS = {
  insert: new Set(['insert', 'document']),
  update: new Set([
    'update',
    'filter',
    'updateMods',
    'multi',
    'upsert',
    'arrayFilters',
    'collation',
    'hint',
    'sort',
    'constants',
  ]),
  delete: new Set(['delete', 'filter', 'multi', 'collation', 'hint']),
};
type Kind = keyof typeof FIELDS;

function kindOf(operation: Doc): Kind {
  const [first] = operation.keys();
  if (first === 'insert' || first === 'update' || first === 'delete') return first;
  throw new MongoError(Code.BadValue, `'${first}' is not an operation of bulkWrite`);
}

/** The command `bulkWrite`: statements for several collections at once. */
export async function bulkWrite(context: Context): Promise<Reply> {
  const { command, db, shared } = context;
  if (db !== 'admin') throw new MongoError(Code.Unauthorized, 'bulkWrite may only be run against the admin database.');
  const operations = docs(command, 'ops');
  const namespaces = docs(command, 'nsInfo').map((info) => {
    const namespace = info.get('ns');
    const dot = typeof namespace === 'string' ? namespace.indexOf('.') : -1;
    if (typeof namespace !== 'string' || dot < 1)
      throw new MongoError(Code.InvalidNamespace, `Invalid namespace specified '${String(namespace)}'`);
    return { db: namespace.slice(0, dot), name: namespace.slice(dot + 1) };
  });
  if (operations.length === 0 || operations.length > MAX_WRITE_BATCH) {
    throw new MongoError(
      Code.InvalidLength,
      `Write batch sizes must be between 1 and ${MAX_WRITE_BATCH}. Got ${operations.length} operations.`,
    );
  }
  const kinds = operations.map((operation) => {
    const kind = kindOf(operation);
    onlyKnown(operation, `bulkWrite.ops.${kind}`, FIELDS[kind]);
    const at = operation.get(kind);
    if (!isNumber(at) || !((asInteger(at) as number) in namespaces)) {
      throw new MongoError(Code.BadValue, `BulkWrite ops entry ${kind} has an invalid nsInfo index`);
    }
    if (context.retry !== undefined && flag(operation, 'multi')) {
      throw new MongoError(Code.InvalidOptions, 'Cannot use retryable writes with multi=true');
    }
    return kind;
  });
  const errorsOnly = flag(command, 'errorsOnly');
  const variables = optionalDoc(command, 'let');
  const totals = { nInserted: 0, nMatched: 0, nModified: 0, nUpserted: 0, nDeleted: 0 };
  const results: Doc[] = [];

  const insertOne = (operation: Doc, place: { db: string; name: string }): Doc => {
    const collection = writable(context, place.name, place.db);
    insertDocument(context, collection, prepareDoc(context, requiredDoc(operation, 'document')));
    return docOf('n', int32(1));
  };
  const updateOne = (operation: Doc, place: { db: string; name: string }): Doc => {
    const mods = operation.get('updateMods');
    if (!isDoc(mods) && !Array.isArray(mods))
      throw new MongoError(Code.FailedToParse, 'updateMods must be either an object or an array');
    const done = updateDocuments(context, place.db, place.name, {
      filter: requiredDoc(operation, 'filter'),
      update: mods,
      multi: flag(operation, 'multi'),
      upsert: flag(operation, 'upsert'),
      arrayFilters: arrayFilters(operation),
      collation: operation.get('collation'),
      hint: operation.get('hint'),
      sort: optionalDoc(operation, 'sort'),
      constants: optionalDoc(operation, 'constants'),
      let: variables,
    });
    const result = docOf('n', int32(done.matched + done.upserted.length), 'nModified', int32(done.modified));
    if (done.upserted.length > 0) result.set('upserted', docOf('_id', done.upserted[0] as Value));
    return result;
  };
  const deleteOne = (operation: Doc, place: { db: string; name: string }): Doc => {
    const { found: gone } = deleteDocuments(context, place.db, place.name, {
      filter: requiredDoc(operation, 'filter'),
      limit: flag(operation, 'multi') ? 0 : 1,
      collation: operation.get('collation'),
      hint: operation.get('hint'),
      let: variables,
    });
    return docOf('n', int32(gone.length));
  };

  const errors = await executeAll(context, operations.length, flag(command, 'ordered', true), async (index) => {
    const operation = operations[index] as Doc;
    const kind = kinds[index] as Kind;
    const place = namespaces[asInteger(operation.get(kind) as Value) as number] as { db: string; name: string };
    const result = await executeStatement(
      context,
      index,
      () =>
        kind === 'insert'
          ? insertOne(operation, place)
          : kind === 'update'
            ? updateOne(operation, place)
            : deleteOne(operation, place),
      (done) => Number(done.get('n')) > 0,
    );
    const n = Number(result.get('n'));
    if (kind === 'insert') totals.nInserted += n;
    else if (kind === 'delete') totals.nDeleted += n;
    else {
      const upserted = result.has('upserted') ? 1 : 0;
      totals.nMatched += n - upserted;
      totals.nUpserted += upserted;
      totals.nModified += Number(result.get('nModified'));
    }
    if (!errorsOnly) results.push(new Map<string, Value>([['ok', 1], ['idx', int32(index)], ...result]));
  });
  for (const error of errors) {
    const rest = new Map(error as Doc);
    rest.delete('index');
    results.push(new Map<string, Value>([['ok', 0], ['idx', (error as Doc).get('index')], ...rest, ['n', int32(0)]]));
  }
  results.sort((a, b) => Number(a.get('idx')) - Number(b.get('idx')));
  const batchSize = optionalCount(optionalDoc(command, 'cursor') ?? new Map(), 'batchSize');
  // The cursor's reply is BSON already; the totals are few.
  const buffers = results.map((result) => encode(result)).values();
  const reply = decode(shared.cursors.open(context, 'admin.$cmd.bulkWrite', buffers, batchSize ?? Infinity));
  reply.set('nErrors', int32(errors.length));
  for (const [name, value] of Object.entries(totals)) reply.set(name, int32(value));
  return reply;
}
