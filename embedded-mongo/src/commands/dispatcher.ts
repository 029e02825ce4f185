import { Timestamp } from 'bson';
import { Code, codeNameOf, MongoError } from '../errors.ts';
import { incrementOf, secondsOf, seqOf } from '../storage/clock.ts';
import {
  asInteger,
  decode,
  decodeWithout,
  type Doc,
  docOf,
  encode,
  findRaw,
  int32,
  isDoc,
  isNumber,
  MISSING,
  toBigint,
  type Value,
} from '../values/index.ts';
import type { Connection, RequestHandler } from '../wire/connection.ts';
import { legacyReplyMessage, type Request, replyMessage, WireError } from '../wire/message.ts';
import { given } from './args.ts';
import type { Context, Shared } from './context.ts';
import type { Failure } from './fail-points.ts';
import { topologyVersion } from './handshake.ts';
import { labelsFor, STATE_CHANGES } from './labels.ts';
import { HangUp, type Reply, type Streamed } from './reply.ts';
import { COMMANDS, type Command } from './table.ts';

/** Fields that any command may have. */
const GENERIC = new Set([
  '$db',
  '$clusterTime',
  '$readPreference',
  'lsid',
  'txnNumber',
  'autocommit',
  'startTransaction',
  'readConcern',
  'writeConcern',
  'maxTimeMS',
  'comment',
  'apiVersion',
  'apiStrict',
  'apiDeprecationErrors',
  'rawData',
]);
const SNAPSHOT_READS = new Set(['find', 'aggregate', 'distinct', 'getMore']);
const READ_CONCERNS = ['local', 'available', 'majority', 'linearizable', 'snapshot'];

function sliceArray(body: Buffer, start: number): Buffer[] {
  const documents: Buffer[] = [];
  const end = start + body.readInt32LE(start) - 1;
  let at = start + 4;
  while (at < end) {
    if (body[at] !== 3)
      throw new MongoError(Code.TypeMismatch, "BSON field 'insert.documents' must be an array of objects");
    at = body.indexOf(0, at) + 1;
    const length = at + 4 <= end ? body.readInt32LE(at) : 0;
    if (length < 5 || at + length > end) throw new MongoError(Code.InvalidBSON, 'a document is cut off');
    documents.push(body.subarray(at, at + length));
    at += length;
  }
  return documents;
}

const OUT_OF_DISK_SPACE = 14031;

/** The time that clients pass on from one server to the next: there is only this one. */
const UNREAD = new Set(['$clusterTime']);
const UNREAD_OF_INSERT = new Set(['$clusterTime', 'documents']);

/** Takes a request apart. Documents to insert stay as they are: most are never looked into. */
function readCommand(request: Request): { name: string; command: Doc; documents: Buffer[] | undefined } {
  const { body } = request;
  const name = body.toString('latin1', 5, body.indexOf(0, 5));
  let documents: Buffer[] | undefined;
  if (name === 'insert') {
    documents = request.sequences?.get('documents');
    const list = documents ? MISSING : findRaw(body, 'documents');
    if (list !== MISSING) {
      if (list.type !== 4)
        throw new MongoError(
          Code.TypeMismatch,
          "BSON field 'insert.documents' is the wrong type, expected type 'array'",
        );
      documents = sliceArray(body, list.start);
    }
  }
  const command = decodeWithout(body, documents ? UNREAD_OF_INSERT : UNREAD);
  if (request.sequences) {
    for (const [field, list] of request.sequences) {
      if (command.has(field)) throw new MongoError(Code.InvalidBSON, `field '${field}' was given twice`);
      if (list !== documents)
        command.set(
          field,
          list.map((buffer) => decode(buffer)),
        );
    }
  }
  return { name, command, documents };
}

function checkReadConcern(context: Context): void {
  const concern = context.command.get('readConcern');
  if (concern === undefined) return;
  if (!isDoc(concern)) throw new MongoError(Code.TypeMismatch, 'readConcern must be an object');
  for (const [name, value] of concern) {
    if (name === 'level') {
      if (typeof value !== 'string' || !READ_CONCERNS.includes(value))
        throw new MongoError(Code.FailedToParse, `unknown read concern level '${String(value)}'`);
    } else if (name === 'afterClusterTime' || name === 'atClusterTime') {
      if (!(value instanceof Timestamp))
        throw new MongoError(Code.TypeMismatch, `readConcern.${name} must be a timestamp`);
    } else if (name !== 'provenance') {
      throw new MongoError(40415, `BSON field 'readConcern.${name}' is an unknown field.`);
    }
  }
  const at = concern.get('atClusterTime');
  if (concern.get('level') === 'snapshot' && !context.transaction) {
    if (!SNAPSHOT_READS.has(context.name))
      throw new MongoError(Code.InvalidOptions, `read concern level snapshot is not supported for ${context.name}`);
    context.snapshot = context.shared.engine.pin(at instanceof Timestamp ? seqOf(at.t, at.i) : undefined);
  } else if (at !== undefined) {
    throw new MongoError(Code.InvalidOptions, 'readConcern.atClusterTime needs the level snapshot');
  }
}

/** Checks a write concern; what it asks for in vain is reported beside the result, as the write has happened. */
function writeConcernError(context: Context): Doc | undefined {
  const concern = context.command.get('writeConcern');
  if (concern === undefined) return undefined;
  if (!isDoc(concern)) throw new MongoError(Code.TypeMismatch, 'writeConcern must be an object');
  for (const [name, value] of concern) {
    if (!['w', 'j', 'wtimeout', 'fsync', 'provenance', 'wtimeoutMS'].includes(name))
      throw new MongoError(Code.FailedToParse, `unrecognized write concern field: ${name}`);
    if (name === 'w' && typeof value !== 'string' && !isNumber(value))
      throw new MongoError(Code.FailedToParse, 'w has to be a number or a string');
  }
  const w = concern.get('w');
  const make = (code: number, errmsg: string): Doc =>
    docOf(
      'code',
      int32(code),
      'codeName',
      codeNameOf(code),
      'errmsg',
      errmsg,
      'errInfo',
      docOf('writeConcern', concern),
    );
  if (isNumber(w) && (asInteger(w) ?? 0) > 50)
    throw new MongoError(Code.FailedToParse, 'w has to be a non-negative number and not greater than 50');
  if (isNumber(w) && (asInteger(w) ?? 0) > 1) return make(100, 'Not enough data-bearing nodes');
  if (typeof w === 'string' && w !== 'majority' && w !== '')
    return make(79, `No write concern mode named '${w}' found in replica set configuration`);
  return undefined;
}

/** Finds out what a request wants, guards it, has it done and answers when what it did is durable. */
export class Dispatcher implements RequestHandler {
  readonly #shared: Shared;

  constructor(shared: Shared) {
    this.#shared = shared;
  }

  handle(connection: Connection, request: Request): Promise<void> | undefined {
    let context: Context | undefined;
    let definition: Command | undefined;
    let concern: Doc | undefined;
    let failure: Failure | undefined;
    const { failedCommits } = this.#shared.engine;
    const finish = (reply: Reply): void => {
      // A write that took several turns may have had one of them taken back while it went on with the next.
      if (definition?.writes && this.#shared.engine.failedCommits !== failedCommits) {
        throw new MongoError(OUT_OF_DISK_SPACE, 'a part of the write could not be made durable and was taken back');
      }
      this.#answer(connection, request, reply, context, concern, failure);
    };
    const fail = (error: unknown): void => {
      if (error instanceof HangUp) connection.socket.destroy();
      else if (error instanceof WireError) connection.socket.destroy();
      else
        this.#answer(
          connection,
          request,
          this.#errorReply(error, context, concern, failure, definition),
          undefined,
          undefined,
          undefined,
        );
    };
    try {
      const { name, command, documents } = readCommand(request);
      definition = COMMANDS.get(name);
      const db = request.legacyDatabase ?? command.get('$db');
      if (definition === undefined || (definition.testOnly && !this.#shared.testCommands)) {
        throw new MongoError(Code.CommandNotFound, `no such command: '${name}'`);
      }
      if (typeof db !== 'string') throw new MongoError(40414, "BSON field '$db' is missing but a required field");
      if (definition.fields) {
        for (const field of command.keys()) {
          if (field !== name && !definition.fields.has(field) && !GENERIC.has(field)) {
            throw new MongoError(40415, `BSON field '${name}.${field}' is an unknown field.`);
          }
        }
      }
      const maxTime = command.get('maxTimeMS');
      let deadline: number | undefined;
      if (maxTime !== undefined) {
        const limit = isNumber(maxTime) ? asInteger(maxTime) : undefined;
        if (limit === undefined || limit < 0 || limit > 0x7fffffff)
          throw new MongoError(Code.BadValue, 'maxTimeMS must be a non-negative integer');
        // For getMore it says how long to wait for something new, not when to fail.
        if (limit > 0 && name !== 'getMore') deadline = Date.now() + limit;
      }
      context = {
        shared: this.#shared,
        connection,
        name,
        command,
        documents,
        db,
        session: undefined,
        transaction: undefined,
        retry: undefined,
        snapshot: undefined,
        deadline,
        exhaustAllowed: request.exhaustAllowed,
      };
      if (definition.writes) concern = writeConcernError(context);
      failure = this.#shared.failPoints.command(name, connection.appName);
      if (failure && failure.blockMs > 0) {
        const [ready, wanted] = [context, definition];
        const { blockMs } = failure;
        return new Promise((resolve) => setTimeout(resolve, blockMs))
          .then(() => this.#run(ready, wanted, failure))
          .then(finish)
          .catch(fail);
      }
      const reply = this.#run(context, definition, failure);
      if (reply instanceof Promise) return reply.then(finish).catch(fail);
      finish(reply);
    } catch (error) {
      fail(error);
    }
    return undefined;
  }

  #run(context: Context, definition: Command, failure: Failure | undefined): Reply | Promise<Reply> {
    if (failure?.closeConnection) throw new HangUp();
    // It strikes before the session knows of the command: a transaction is neither begun nor ended by it.
    if (failure?.errorCode !== undefined) {
      throw new MongoError(failure.errorCode, "Failing command via 'failCommand' failpoint");
    }
    this.#enterSession(context, definition);
    checkReadConcern(context);
    return definition.run(context);
  }

  #enterSession(context: Context, definition: Command): void {
    const { command, shared, name } = context;
    if (!command.has('lsid')) {
      if (given(command, 'txnNumber'))
        throw new MongoError(Code.InvalidOptions, 'Transaction number requires a session ID to also be specified');
      return;
    }
    const session = shared.sessions.of(command.get('lsid'));
    context.session = session;
    const given_ = command.get('txnNumber');
    const number = isNumber(given_) ? toBigint(given_) : undefined;
    if (number === undefined) {
      if (command.has('autocommit'))
        throw new MongoError(
          Code.InvalidOptions,
          "'autocommit' field requires a transaction number to also be specified",
        );
      return;
    }
    if (!command.has('autocommit')) {
      if (command.has('startTransaction'))
        throw new MongoError(Code.InvalidOptions, "'startTransaction' field requires 'autocommit' to be specified");
      if (!definition.retryable)
        throw new MongoError(
          50768,
          `txnNumber may only be provided for multi-document transactions and retryable write commands. autocommit:false was not provided, and ${name} is not a retryable write command.`,
        );
      context.retry = number;
      shared.sessions.retryable(session, number);
      return;
    }
    if (command.get('autocommit') !== false)
      throw new MongoError(Code.InvalidOptions, 'Specifying autocommit=true is not allowed.');
    if (definition.endsTransaction) {
      context.retry = number;
      return;
    }
    if (!definition.inTransaction) {
      // Whether there is such a transaction matters before what may be done in it.
      if (command.get('startTransaction') !== true) shared.sessions.current(session, number);
      throw new MongoError(
        Code.OperationNotSupportedInTransaction,
        `Cannot run '${name}' in a multi-document transaction.`,
      );
    }
    if (
      context.db === 'config' ||
      context.db === 'local' ||
      (context.db === 'admin' && name !== 'bulkWrite' && name !== 'getMore')
    ) {
      throw new MongoError(
        Code.OperationNotSupportedInTransaction,
        `Cannot run command against the '${context.db}' database in a transaction.`,
      );
    }
    if (command.has('writeConcern'))
      throw new MongoError(Code.InvalidOptions, 'writeConcern is not allowed within a multi-statement transaction');
    if (command.get('startTransaction') === true) {
      context.transaction = shared.sessions.start(session, number);
    } else {
      if (command.has('startTransaction'))
        throw new MongoError(Code.InvalidOptions, 'Specifying startTransaction=false is not allowed.');
      if (command.has('readConcern'))
        throw new MongoError(Code.InvalidOptions, 'Only the first command in a transaction may specify a readConcern');
      context.transaction = shared.sessions.current(session, number);
    }
  }

  #errorReply(
    error: unknown,
    context: Context | undefined,
    concern: Doc | undefined,
    failure: Failure | undefined,
    definition: Command | undefined,
  ): Doc {
    let known: MongoError;
    if (error instanceof MongoError) known = error;
    else {
      // A defect: said aloud here, and told to the client as what it is.
      this.#shared.onError(`a defect: ${(error as Error).stack ?? String(error)}`);
      known = new MongoError(Code.InternalError, `internal error: ${(error as Error).message}`);
    }
    const reply = docOf('ok', 0, 'errmsg', known.message, 'code', int32(known.code), 'codeName', known.codeName);
    if (known.details) for (const [field, value] of known.details) reply.set(field, value);
    const command = context?.command;
    const inTransaction = command?.get('autocommit') === false;
    if (context?.session && context.transaction) this.#shared.sessions.abort(context.session);
    const labels = new Set(known.labels);
    const pipeline = command?.get('pipeline');
    const circumstances = {
      inTransaction,
      endsTransaction: definition?.endsTransaction === true,
      retryableWrite: definition?.retryable === true && !inTransaction && command?.has('txnNumber') === true,
      // A fail point strikes before anybody has looked what the command is about.
      changeStream:
        failure?.errorCode === undefined &&
        ((context && definition?.changeStream?.(context)) ??
          (Array.isArray(pipeline) && isDoc(pipeline[0]) && pipeline[0].has('$changeStream'))),
    };
    const wce = failure?.writeConcernError ?? concern;
    if (failure?.errorLabels) for (const label of failure.errorLabels) labels.add(label);
    else {
      const wceCode = wce && asInteger(wce.get('code') ?? null);
      for (const label of labelsFor(known.code, wceCode, circumstances)) labels.add(label);
    }
    if (STATE_CHANGES.has(known.code)) reply.set('topologyVersion', topologyVersion());
    if (labels.size > 0) reply.set('errorLabels', [...labels]);
    if (wce && failure?.writeConcernError) reply.set('writeConcernError', wce);
    return reply;
  }

  #answer(
    connection: Connection,
    request: Request,
    reply: Reply,
    context: Context | undefined,
    concern: Doc | undefined,
    failure: Failure | undefined,
  ): void {
    let body: Buffer;
    let streamed: Streamed | undefined;
    if (Buffer.isBuffer(reply)) body = reply;
    else if (reply instanceof Map) {
      const wce = failure?.writeConcernError ?? concern;
      if (wce && context) this.#attach(reply, wce, context, failure);
      body = encode(reply, 47_000_000);
    } else {
      streamed = reply;
      body = reply.body;
    }
    if (request.moreToCome) return;
    const { engine } = this.#shared;
    engine.settled((error) => {
      let answer = body;
      if (error) {
        answer = encode(this.#errorReply(error, undefined, undefined, undefined, undefined));
        streamed = undefined;
      }
      const { last } = engine.clock;
      if (request.legacyDatabase !== undefined) {
        connection.send(legacyReplyMessage(connection.nextReplyId(), request.id, answer));
        return;
      }
      const id = connection.nextReplyId();
      const more = streamed !== undefined && request.exhaustAllowed;
      connection.send(replyMessage(id, request.id, answer, secondsOf(last), incrementOf(last), more));
      if (more && streamed) {
        void streamed.again().then(
          (next) => {
            if (!connection.socket.destroyed)
              this.#answer(connection, { ...request, id }, next, undefined, undefined, undefined);
          },
          () => connection.socket.destroy(),
        );
      }
    });
  }

  #attach(reply: Doc, wce: Doc, context: Context, failure: Failure | undefined): void {
    if (!wce.has('codeName') && !failure) wce.set('codeName', codeNameOf(asInteger(wce.get('code') as Value) ?? 0));
    reply.set('writeConcernError', wce);
    if (STATE_CHANGES.has(asInteger(wce.get('code') as Value) ?? 0)) reply.set('topologyVersion', topologyVersion());
    const labels =
      failure?.errorLabels ??
      labelsFor(undefined, asInteger(wce.get('code') as Value), {
        inTransaction: false,
        endsTransaction: context.name === 'commitTransaction' || context.name === 'abortTransaction',
        retryableWrite: context.retry !== undefined,
        changeStream: false,
      });
    if (labels.length > 0) reply.set('errorLabels', labels);
  }
}
