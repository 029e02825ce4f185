import { newScope } from '../aggregation/expression.ts';
import { compileProjection } from '../projection/index.ts';
import { compileFilter } from '../query/index.ts';
import { Code, MongoError } from '../errors.ts';
import {
  decode,
  type Doc,
  docOf,
  encode,
  indexedValues,
  int32,
  MISSING,
  parsePath,
  toBigint,
  isNumber,
  type Value,
  encodeKeyString,
} from '../values/index.ts';
import { timestampOf } from '../log/resume-token.ts';
import { cursorReply } from '../wire/cursor-reply.ts';
import { flag, given, optionalCount, optionalDoc, text } from './args.ts';
import { collectionName, type Context, findCollection } from './context.ts';
import { HangUp, type Reply } from './reply.ts';
import { checkSort, collationFor, count, findDirectly, type Query, search } from './query.ts';
import { viewAsAggregate } from './views.ts';

/** Fields of `find` that change nothing that could be observed here. */
export const FIND_FIELDS = new Set([
  'filter',
  'sort',
  'projection',
  'hint',
  'skip',
  'limit',
  'batchSize',
  'singleBatch',
  'collation',
  'let',
  'noCursorTimeout',
  'allowDiskUse',
  'allowPartialResults',
  'tailable',
  'awaitData',
  'oplogReplay',
  'returnKey',
  'showRecordId',
  'min',
  'max',
]);

/** The command `find`. */
export function find(context: Context): Reply | Promise<Reply> {
  const { command, shared, db } = context;
  const name = collectionName(context);
  const collection = findCollection(context, name);
  if (collection?.options.view) return viewAsAggregate(context, collection);
  for (const field of ['min', 'max', 'returnKey', 'showRecordId', 'tailable', 'awaitData']) {
    if (given(command, field) && command.get(field) !== false) {
      throw new MongoError(Code.CommandNotSupported, `find with '${field}' is not supported by this server`);
    }
  }
  const filter = optionalDoc(command, 'filter') ?? new Map();
  const sort = optionalDoc(command, 'sort');
  checkSort(sort);
  let limit = optionalCount(command, 'limit') ?? 0;
  const skip = optionalCount(command, 'skip') ?? 0;
  const batchSize = optionalCount(command, 'batchSize');
  const single = flag(command, 'singleBatch');
  if (single && limit === 0 && batchSize !== undefined) limit = batchSize;
  const spec = optionalDoc(command, 'projection');
  const collation = collationFor(command.get('collation'), collection);
  const variables = optionalDoc(command, 'let');
  const positional = spec !== undefined && [...spec.keys()].some((path) => path.endsWith('.$'));
  const query: Query = {
    filter,
    sort,
    hint: command.get('hint'),
    collation,
    let: variables,
    skip,
    limit,
    positions: positional,
  };
  const namespace = `${db}.${name}`;
  const projection =
    spec && spec.size > 0
      ? compileProjection(spec, {
          collation,
          scope: newScope({ let: variables, collation }),
          filter: positional ? compileFilter(filter, { collation, let: variables }) : undefined,
        })
      : undefined;
  if (collection === undefined) return shared.cursors.open(context, namespace, [].values(), batchSize);
  if (projection === undefined && batchSize !== 0 && context.snapshot === undefined) {
    const direct = findDirectly(context, collection, query);
    if (direct !== undefined) return cursorReply('firstBatch', direct ? [direct.buffer] : [], 0n, namespace);
  }
  const found = search(context, collection, query);
  function* buffers(): Generator<Buffer> {
    for (const item of found) {
      if (projection === undefined) yield item.buffer;
      else yield encode(projection(item.doc ?? decode(item.buffer), item.info));
    }
  }
  return shared.cursors.open(context, namespace, buffers(), batchSize, {
    single,
    limit: limit || undefined,
    neverTimesOut: flag(command, 'noCursorTimeout'),
  });
}

/** The command `getMore`. */
export function getMore(context: Context): Reply | Promise<Reply> {
  const { command, shared, db, session } = context;
  const given = command.get('getMore');
  if (!isNumber(given))
    throw new MongoError(Code.TypeMismatch, "BSON field 'getMore.getMore' is the wrong type, expected type 'long'");
  const cursor = shared.cursors.get(toBigint(given) ?? 0n);
  const namespace = `${db}.${text(command, 'collection')}`;
  if (cursor.namespace !== namespace) {
    throw new MongoError(
      Code.Unauthorized,
      `Requested getMore on namespace '${namespace}', but cursor belongs to a different namespace ${cursor.namespace}`,
    );
  }
  if (cursor.sessionKey !== undefined && session?.key !== cursor.sessionKey) {
    throw new MongoError(50738, `Cannot run getMore on cursor ${cursor.id}, which was created in another session`);
  }
  if (
    cursor.transactionNumber !== undefined &&
    (context.transaction === undefined || session?.number !== cursor.transactionNumber)
  ) {
    throw new MongoError(
      50740,
      `Cannot run getMore on cursor ${cursor.id}, which was created in a transaction, outside of it`,
    );
  }
  if (cursor.transactionNumber === undefined && context.transaction) {
    throw new MongoError(
      50739,
      `Cannot run getMore on cursor ${cursor.id}, which was not created in a transaction, in one`,
    );
  }
  const failure = shared.failPoints.getMore();
  if (failure?.closeConnection) throw new HangUp();
  if (failure?.errorCode !== undefined) {
    throw new MongoError(failure.errorCode, "Failing command via 'failGetMoreAfterCursorCheckout' failpoint");
  }
  return cursor.next(context, optionalCount(command, 'batchSize'));
}

/** The command `killCursors`. */
export function killCursors(context: Context): Reply {
  const ids = context.command.get('cursors');
  if (!Array.isArray(ids)) throw new MongoError(Code.TypeMismatch, "BSON field 'killCursors.cursors' must be an array");
  const killed: Value[] = [];
  const unknown: Value[] = [];
  for (const id of ids) (isNumber(id) && context.shared.cursors.kill(toBigint(id) ?? 0n) ? killed : unknown).push(id);
  return docOf('cursorsKilled', killed, 'cursorsNotFound', unknown, 'cursorsAlive', [], 'cursorsUnknown', [], 'ok', 1);
}

/** The command `count`. */
export function countCommand(context: Context): Reply | Promise<Reply> {
  const { command } = context;
  const collection = findCollection(context, collectionName(context));
  if (collection === undefined) return docOf('n', int32(0), 'ok', 1);
  if (collection.options.view) return viewAsAggregate(context, collection);
  const limit = command.get('limit');
  const total = count(context, collection, {
    filter: optionalDoc(command, 'query') ?? new Map(),
    hint: command.get('hint'),
    collation: collationFor(command.get('collation'), collection),
    skip: optionalCount(command, 'skip') ?? 0,
    limit: isNumber(limit) ? Math.abs(Number(limit)) : 0,
  });
  return docOf('n', int32(total), 'ok', 1);
}

/** The command `distinct`. */
export function distinct(context: Context): Reply | Promise<Reply> {
  const { command } = context;
  const collection = findCollection(context, collectionName(context));
  const path = text(command, 'key');
  const answer = (found: Value[]): Doc => {
    const reply = docOf('values', found);
    if (context.snapshot !== undefined) reply.set('atClusterTime', timestampOf(context.snapshot));
    return reply.set('ok', 1);
  };
  if (collection === undefined) return answer([]);
  if (collection.options.view) return viewAsAggregate(context, collection);
  const collation = collationFor(command.get('collation'), collection);
  const values: Value[] = [];
  const seen = new Set<string>();
  const query: Query = { filter: optionalDoc(command, 'query') ?? new Map(), collation, hint: command.get('hint') };
  const parts = parsePath(path);
  for (const { doc, buffer } of search(context, collection, query)) {
    for (const value of indexedValues(doc ?? decode(buffer), parts)) {
      if (value === MISSING || value === undefined) continue;
      if (collation && typeof value === 'string') {
        if (values.some((other) => typeof other === 'string' && collation.compare(other, value) === 0)) continue;
      } else {
        const key = encodeKeyString([value]);
        if (seen.has(key)) continue;
        seen.add(key);
      }
      values.push(value);
    }
  }
  return answer(values);
}
