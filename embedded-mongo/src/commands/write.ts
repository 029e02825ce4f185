import type { Collection } from '../catalog/collection.ts';
import { newScope } from '../aggregation/expression.ts';
import { Code, MongoError } from '../errors.ts';
import { compileProjection } from '../projection/index.ts';
import { compileFilter } from '../query/index.ts';
import { compileUpdate } from '../update/index.ts';
import { decode, type Doc, docOf, encode, int32, isDoc, MAX_DOCUMENT_BYTES, type Value } from '../values/index.ts';
import { MAX_WRITE_BATCH } from '../wire/message.ts';
import { docs, flag, onlyKnown, optionalDoc, requiredDoc } from './args.ts';
import { collectionName, type Context, findCollection } from './context.ts';
import {
  type Change,
  changeDocuments,
  insertDocument,
  ownCopy,
  prepareDoc,
  prepareRaw,
  removeDocuments,
} from './document-writes.ts';
import type { Reply } from './reply.ts';
import { checkSort, collationFor, type Found } from './query.ts';
import { arrayFilters, executeAll, executeStatement } from './statements.ts';
import { findForTurn, inTurns, PER_TURN, type Turn, WITHOUT_END } from './turns.ts';

const UPDATE_FIELDS = new Set([
  'q',
  'u',
  'c',
  'multi',
  'upsert',
  'arrayFilters',
  'collation',
  'hint',
  'sort',
  'sampleId',
]);
const DELETE_FIELDS = new Set(['q', 'limit', 'collation', 'hint', 'sampleId']);

function checkBatch(count: number): void {
  if (count === 0 || count > MAX_WRITE_BATCH) {
    throw new MongoError(
      Code.InvalidLength,
      `Write batch sizes must be between 1 and ${MAX_WRITE_BATCH}. Got ${count} operations.`,
    );
  }
}

/** The collection that a write goes to, made if need be. May wait for a transaction that is making it. */
export function writable(context: Context, name: string, db = context.db): Collection {
  return context.shared.catalog.forWrite(db, name, context.transaction);
}

/** The command `insert`. */
export async function insert(context: Context): Promise<Reply> {
  const { command } = context;
  const name = collectionName(context);
  const documents = context.documents ?? [];
  checkBatch(documents.length);
  let inserted = 0;
  const errors = await executeAll(context, documents.length, flag(command, 'ordered', true), async (index) => {
    await executeStatement(
      context,
      index,
      () => {
        const collection = writable(context, name);
        insertDocument(context, collection, prepareRaw(context, collection, documents[index] as Buffer));
        return ONE;
      },
      () => true,
    );
    inserted++;
  });
  const reply = docOf('n', int32(inserted));
  if (errors.length > 0) reply.set('writeErrors', errors);
  return reply.set('ok', 1);
}

const ONE: Doc = docOf('n', int32(1));

/** An update, whichever command it came with. */
export interface UpdateStatement {
  readonly filter: Doc;
  readonly update: Doc | Value[];
  readonly multi: boolean;
  readonly upsert: boolean;
  readonly arrayFilters: Doc[] | undefined;
  readonly collation: Value;
  readonly hint: Value;
  readonly sort: Doc | undefined;
  readonly constants: Doc | undefined;
  readonly let: Doc | undefined;
}

/** What an update has done. */
export interface UpdateResult {
  readonly matched: number;
  readonly modified: number;
  /** The `_id` of an inserted document, in a list of one. */
  readonly upserted: readonly Value[];
  readonly before: Doc | undefined;
  readonly after: Doc | undefined;
  /** The keys of documents that are to be changed in further turns. */
  readonly left: readonly string[];
}

/** Whether an update is a document to put in the place of the old one. */
function isReplacement(update: Doc | Value[]): boolean {
  if (Array.isArray(update)) return false;
  const first = update.keys().next();
  return first.done === true || !first.value.startsWith('$');
}

/** Whether an update names the element that the filter matched (`list.$`). */
function needsPosition(update: Doc | Value[]): boolean {
  if (Array.isArray(update)) return false;
  for (const operand of update.values()) {
    if (isDoc(operand)) for (const path of operand.keys()) if (/(^|\.)\$(\.|$)/.test(path)) return true;
  }
  return false;
}

/**
 * Executes one update. Throws before anything is written if a lock is in the way.
 * @param turn how much of a long list of documents to change at once, outside of a transaction
 */
export function updateDocuments(
  context: Context,
  db: string,
  name: string,
  statement: UpdateStatement,
  turn: Turn = WITHOUT_END,
): UpdateResult {
  const { filter, update, multi, upsert } = statement;
  const replacement = isReplacement(update);
  if (multi && replacement)
    throw new MongoError(Code.FailedToParse, 'multi update is not supported for replacement-style update');
  checkSort(statement.sort);
  const target = upsert ? writable(context, name, db) : findCollection(context, name, db);
  const collation = collationFor(statement.collation, target);
  const compiled = compileUpdate(update, {
    arrayFilters: statement.arrayFilters,
    collation,
    let: mergeVariables(statement.let, statement.constants),
  });
  const kind = replacement ? 'replace' : 'update';
  if (target?.options.view) writable(context, name, db);
  if (!target) compileFilter(filter, { collation, let: statement.let });
  const query = {
    filter,
    sort: statement.sort,
    hint: statement.hint,
    collation,
    let: statement.let,
    limit: multi ? 0 : 1,
    positions: needsPosition(update),
  };
  const { found, left } = target ? findForTurn(context, target, query, turn) : { found: [], left: [] };
  if (target && (found.length > 0 || turn.keys)) {
    const changes: Change[] = [];
    let before: Doc | undefined;
    let after: Doc | undefined;
    for (const item of found) {
      before = item.doc ?? decode(item.buffer);
      const result = compiled.apply(before, item.info);
      after = result.doc;
      if (!result.changed) continue;
      const buffer = encode(after, MAX_DOCUMENT_BYTES);
      if (buffer.equals(item.buffer)) continue;
      changes.push({ key: item.key, before, after, buffer: ownCopy(buffer) });
    }
    changeDocuments(context, target, kind, changes);
    return { matched: found.length, modified: changes.length, upserted: [], before, after, left };
  }
  const none = { matched: 0, modified: 0, upserted: [], before: undefined, after: undefined, left };
  if (!upsert || !target) return none;
  const prepared = prepareDoc(context, compiled.insert(compileFilter(filter, { collation, let: statement.let })));
  insertDocument(context, target, prepared);
  return { ...none, upserted: [prepared.id], after: prepared.doc };
}

function mergeVariables(variables: Doc | undefined, constants: Doc | undefined): Doc | undefined {
  if (!variables || !constants) return variables ?? constants;
  return new Map([...variables, ...constants]);
}

function updateOf(value: Value): Doc | Value[] {
  if (isDoc(value) || Array.isArray(value)) return value;
  throw new MongoError(Code.FailedToParse, 'Update argument must be either an object or an array');
}

/** The command `update`. */
export async function update(context: Context): Promise<Reply> {
  const { command, db } = context;
  const name = collectionName(context);
  const statements = docs(command, 'updates');
  checkBatch(statements.length);
  for (const statement of statements) {
    onlyKnown(statement, 'update.updates', UPDATE_FIELDS);
    if (context.retry !== undefined && flag(statement, 'multi')) {
      throw new MongoError(Code.InvalidOptions, 'Cannot use retryable writes with multi=true');
    }
  }
  const variables = optionalDoc(command, 'let');
  let n = 0;
  let modified = 0;
  const upserted: Value[] = [];
  const errors = await executeAll(context, statements.length, flag(command, 'ordered', true), async (index) => {
    const statement = statements[index] as Doc;
    const asked: UpdateStatement = {
      filter: requiredDoc(statement, 'q'),
      update: updateOf(statement.get('u')),
      multi: flag(statement, 'multi'),
      upsert: flag(statement, 'upsert'),
      arrayFilters: arrayFilters(statement),
      collation: statement.get('collation'),
      hint: statement.get('hint'),
      sort: optionalDoc(statement, 'sort'),
      constants: optionalDoc(statement, 'c'),
      let: variables,
    };
    await inTurns(async (keys) => {
      let left: readonly string[] = [];
      const result = await executeStatement(
        context,
        index,
        () => {
          const done = updateDocuments(context, db, name, asked, { size: PER_TURN, keys });
          ({ left } = done);
          return docOf('n', done.matched, 'm', done.modified, 'u', [...done.upserted]);
        },
        (done) => done.get('m') !== 0 || (done.get('u') as Value[]).length > 0,
      );
      const ids = result.get('u') as Value[];
      n += (result.get('n') as number) + ids.length;
      modified += result.get('m') as number;
      for (const id of ids) upserted.push(docOf('index', int32(index), '_id', id));
      return left;
    });
  });
  const reply = docOf('n', int32(n), 'nModified', int32(modified));
  if (upserted.length > 0) reply.set('upserted', upserted);
  if (errors.length > 0) reply.set('writeErrors', errors);
  return reply.set('ok', 1);
}

/** Executes one deletion; gives the documents that it deleted, and the keys of those to delete in further turns. */
export function deleteDocuments(
  context: Context,
  db: string,
  name: string,
  statement: {
    filter: Doc;
    limit: number;
    collation: Value;
    hint: Value;
    sort?: Doc | undefined;
    let: Doc | undefined;
  },
  turn: Turn = WITHOUT_END,
): { found: Found[]; left: readonly string[] } {
  const target = findCollection(context, name, db);
  if (target?.options.view) writable(context, name, db);
  const { filter, limit, hint, sort } = statement;
  const collation = collationFor(statement.collation, target);
  if (target === undefined) {
    compileFilter(filter, { collation, let: statement.let });
    return { found: [], left: [] };
  }
  const { found, left } = findForTurn(
    context,
    target,
    { filter, limit, hint, sort, collation, let: statement.let },
    turn,
  );
  removeDocuments(context, target, found);
  return { found, left };
}

/** The command `delete`. */
export async function deleteCommand(context: Context): Promise<Reply> {
  const { command, db } = context;
  const name = collectionName(context);
  const statements = docs(command, 'deletes');
  checkBatch(statements.length);
  const variables = optionalDoc(command, 'let');
  const limits = statements.map((statement) => {
    onlyKnown(statement, 'delete.deletes', DELETE_FIELDS);
    const limit = Number(statement.get('limit') ?? Number.NaN);
    if (limit !== 0 && limit !== 1)
      throw new MongoError(Code.FailedToParse, `The limit field in delete objects must be 0 or 1. Got ${limit}`);
    if (context.retry !== undefined && limit === 0) {
      throw new MongoError(Code.InvalidOptions, 'Cannot use retryable writes with limit=0');
    }
    return limit;
  });
  let n = 0;
  const errors = await executeAll(context, statements.length, flag(command, 'ordered', true), async (index) => {
    const statement = statements[index] as Doc;
    const asked = {
      filter: requiredDoc(statement, 'q'),
      limit: limits[index] as number,
      collation: statement.get('collation'),
      hint: statement.get('hint'),
      let: variables,
    };
    await inTurns(async (keys) => {
      let left: readonly string[] = [];
      const result = await executeStatement(
        context,
        index,
        () => {
          const gone = deleteDocuments(context, db, name, asked, { size: PER_TURN, keys });
          ({ left } = gone);
          return docOf('n', gone.found.length);
        },
        (done) => done.get('n') !== 0,
      );
      n += result.get('n') as number;
      return left;
    });
  });
  const reply = docOf('n', int32(n));
  if (errors.length > 0) reply.set('writeErrors', errors);
  return reply.set('ok', 1);
}

/** The command `findAndModify`. */
export async function findAndModify(context: Context): Promise<Reply> {
  const { command, db } = context;
  const name = collectionName(context);
  const filter = optionalDoc(command, 'query') ?? new Map();
  const sort = optionalDoc(command, 'sort');
  checkSort(sort);
  const remove = flag(command, 'remove');
  const upsert = flag(command, 'upsert');
  const wantsNew = flag(command, 'new');
  const change = command.get('update');
  if (remove === (change !== undefined))
    throw new MongoError(Code.FailedToParse, 'Either an update or remove=true must be specified');
  if (remove && upsert) throw new MongoError(Code.FailedToParse, 'Cannot specify both upsert=true and remove=true ');
  if (remove && wantsNew)
    throw new MongoError(
      Code.FailedToParse,
      "Cannot specify both new=true and remove=true; 'remove' always returns the deleted document",
    );
  const variables = optionalDoc(command, 'let');
  const collation = command.get('collation');
  const hint = command.get('hint');
  const spec = optionalDoc(command, 'fields');
  const projection =
    spec && spec.size > 0
      ? compileProjection(spec, {
          scope: newScope({ let: variables }),
          filter: compileFilter(filter, { let: variables }),
        })
      : undefined;
  const shown = (doc: Doc | undefined): Value => {
    if (doc === undefined) return null;
    return projection === undefined ? doc : projection(doc);
  };
  const result = await executeStatement(
    context,
    0,
    () => {
      if (remove) {
        const gone = deleteDocuments(context, db, name, { filter, limit: 1, collation, hint, sort, let: variables })
          .found[0];
        const value = gone && (gone.doc ?? decode(gone.buffer));
        return docOf('lastErrorObject', docOf('n', int32(gone ? 1 : 0)), 'value', shown(value));
      }
      const done = updateDocuments(context, db, name, {
        filter,
        update: updateOf(change),
        multi: false,
        upsert,
        arrayFilters: arrayFilters(command),
        collation,
        hint,
        sort,
        constants: undefined,
        let: variables,
      });
      const touched = done.matched + done.upserted.length;
      const status = docOf('n', int32(touched), 'updatedExisting', done.matched > 0);
      if (done.upserted.length > 0) status.set('upserted', done.upserted[0] as Value);
      return docOf('lastErrorObject', status, 'value', shown(wantsNew ? done.after : done.before));
    },
    (done) => Number((done.get('lastErrorObject') as Doc).get('n')) > 0,
  );
  return new Map(result).set('ok', 1);
}
