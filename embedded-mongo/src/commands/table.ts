import { Code, MongoError } from '../errors.ts';
import { docOf, isNumber, toBigint } from '../values/index.ts';
import { aggregate } from './aggregate.ts';
import { bulkWrite } from './bulk-write.ts';
import {
  CREATE_FIELDS,
  collMod,
  collStats,
  create,
  createIndexes,
  dbStats,
  drop,
  dropDatabase,
  dropIndexes,
  listCollections,
  listDatabases,
  listIndexes,
  renameCollection,
  validate,
} from './collections.ts';
import type { Context } from './context.ts';
import type { Reply } from './reply.ts';
import { explain } from './explain.ts';
import { buildInfo, hello } from './handshake.ts';
import { countCommand, distinct, find, FIND_FIELDS, getMore, killCursors } from './read.ts';
import { connectionStatus, getParameter, hostInfo, replSetGetStatus, serverStatus, setParameter } from './status.ts';
import { abortTransaction, commitTransaction, sessionsCommand, startSession } from './transactions.ts';
import { deleteCommand, findAndModify, insert, update } from './write.ts';

/** A command: who does it, and what it may be part of. */
export interface Command {
  readonly run: (context: Context) => Reply | Promise<Reply>;
  /** The fields it knows, besides those of all commands; without them any are let through. */
  readonly fields?: ReadonlySet<string>;
  readonly writes?: boolean;
  /** It may carry a number for retries outside of a transaction. */
  readonly retryable?: boolean;
  readonly inTransaction?: boolean;
  readonly endsTransaction?: boolean;
  readonly testOnly?: boolean;
  /** Whether it concerns a change stream, which decides about labels of its errors. */
  readonly changeStream?: (context: Context) => boolean;
}

const fields = (...names: string[]): ReadonlySet<string> => new Set(names);

function ok(): Reply {
  return docOf('ok', 1);
}

function isStream(context: Context): boolean {
  const id = context.command.get('getMore');
  try {
    return isNumber(id) && 'first' in context.shared.cursors.get(toBigint(id) ?? 0n);
  } catch {
    return false;
  }
}

function refused(context: Context): Reply {
  throw new MongoError(Code.CommandNotSupported, `${context.name} is not supported by this server`);
}

const write = { writes: true, retryable: true, inTransaction: true };
const WRITE_FIELDS = ['ordered', 'bypassDocumentValidation', 'stmtId', 'stmtIds', 'let', 'maxTimeMS'];

/** All commands by name. */
export const COMMANDS: ReadonlyMap<string, Command> = new Map<string, Command>([
  ['hello', { run: hello }],
  ['isMaster', { run: hello }],
  ['ismaster', { run: hello }],
  ['ping', { run: ok }],
  ['buildInfo', { run: buildInfo }],
  ['buildinfo', { run: buildInfo }],
  ['serverStatus', { run: serverStatus }],
  ['getParameter', { run: getParameter }],
  ['setParameter', { run: setParameter, testOnly: true }],
  ['hostInfo', { run: hostInfo }],
  ['connectionStatus', { run: connectionStatus }],
  ['replSetGetStatus', { run: replSetGetStatus }],
  ['getLog', { run: refused }],
  ['insert', { ...write, run: insert, fields: fields('documents', ...WRITE_FIELDS) }],
  ['update', { ...write, run: update, fields: fields('updates', ...WRITE_FIELDS) }],
  ['delete', { ...write, run: deleteCommand, fields: fields('deletes', ...WRITE_FIELDS) }],
  ['bulkWrite', { ...write, run: bulkWrite, fields: fields('ops', 'nsInfo', 'errorsOnly', 'cursor', ...WRITE_FIELDS) }],
  [
    'findAndModify',
    {
      ...write,
      run: findAndModify,
      fields: fields(
        'query',
        'sort',
        'remove',
        'update',
        'new',
        'fields',
        'upsert',
        'arrayFilters',
        'collation',
        'hint',
        ...WRITE_FIELDS,
      ),
    },
  ],
  [
    'findandmodify',
    {
      ...write,
      run: findAndModify,
      fields: fields(
        'query',
        'sort',
        'remove',
        'update',
        'new',
        'fields',
        'upsert',
        'arrayFilters',
        'collation',
        'hint',
        ...WRITE_FIELDS,
      ),
    },
  ],
  ['find', { run: find, inTransaction: true, fields: FIND_FIELDS }],
  [
    'getMore',
    {
      run: getMore,
      inTransaction: true,
      changeStream: isStream,
      fields: fields('collection', 'batchSize', 'term', 'lastKnownCommittedOpTime'),
    },
  ],
  ['killCursors', { run: killCursors, inTransaction: true, fields: fields('cursors') }],
  ['count', { run: countCommand, fields: fields('query', 'limit', 'skip', 'hint', 'collation', 'fields') }],
  ['distinct', { run: distinct, inTransaction: true, fields: fields('key', 'query', 'collation', 'hint') }],
  [
    'aggregate',
    {
      run: aggregate,
      inTransaction: true,
      writes: true,
      fields: fields(
        'pipeline',
        'cursor',
        'explain',
        'allowDiskUse',
        'bypassDocumentValidation',
        'collation',
        'hint',
        'let',
        'fromRouter',
      ),
    },
  ],
  ['explain', { run: explain, fields: fields('verbosity') }],
  ['create', { run: create, writes: true, inTransaction: true, fields: CREATE_FIELDS }],
  ['drop', { run: drop, writes: true, fields: fields() }],
  ['dropDatabase', { run: dropDatabase, writes: true, fields: fields() }],
  ['renameCollection', { run: renameCollection, writes: true, fields: fields('to', 'dropTarget') }],
  [
    'collMod',
    {
      run: collMod,
      writes: true,
      fields: fields(
        'index',
        'validator',
        'validationLevel',
        'validationAction',
        'changeStreamPreAndPostImages',
        'viewOn',
        'pipeline',
      ),
    },
  ],
  [
    'createIndexes',
    { run: createIndexes, writes: true, inTransaction: true, fields: fields('indexes', 'commitQuorum') },
  ],
  ['dropIndexes', { run: dropIndexes, writes: true, fields: fields('index') }],
  ['deleteIndexes', { run: dropIndexes, writes: true, fields: fields('index') }],
  ['listIndexes', { run: listIndexes, fields: fields('cursor') }],
  [
    'listCollections',
    { run: listCollections, fields: fields('filter', 'nameOnly', 'authorizedCollections', 'cursor') },
  ],
  ['listDatabases', { run: listDatabases, fields: fields('filter', 'nameOnly', 'authorizedDatabases') }],
  ['collStats', { run: collStats, fields: fields('scale') }],
  ['dbStats', { run: dbStats, fields: fields('scale', 'freeStorage') }],
  ['validate', { run: validate, fields: fields('full') }],
  ['startSession', { run: startSession }],
  ['refreshSessions', { run: sessionsCommand }],
  ['endSessions', { run: sessionsCommand }],
  ['killSessions', { run: sessionsCommand }],
  ['killAllSessions', { run: sessionsCommand }],
  ['killAllSessionsByPattern', { run: sessionsCommand }],
  [
    'commitTransaction',
    { run: commitTransaction, writes: true, endsTransaction: true, fields: fields('recoveryToken') },
  ],
  ['abortTransaction', { run: abortTransaction, writes: true, endsTransaction: true, fields: fields('recoveryToken') }],
  ['configureFailPoint', { testOnly: true, run: ({ shared, command }) => shared.failPoints.configure(command) }],
]);
