import { Binary, Timestamp } from 'bson';
import { compilePipeline, newScope } from '../aggregation/index.ts';
import type { Catalog } from '../catalog/catalog.ts';
import type { Context } from '../commands/context.ts';
import type { Cursor } from '../commands/cursors.ts';
import { Code, MongoError } from '../errors.ts';
import { type Seq, seqOf } from '../storage/clock.ts';
import { decode, type Doc, docOf, encode, encodeKeyString, isDoc, type Value } from '../values/index.ts';
import { cursorReply } from '../wire/cursor-reply.ts';
import type { LogEvent } from './event.ts';
import { positionOf, timestampOf, tokenOf } from './resume-token.ts';
import { describeUpdate } from './update-description.ts';

const OPTIONS = new Set([
  'fullDocument',
  'fullDocumentBeforeChange',
  'resumeAfter',
  'startAfter',
  'startAtOperationTime',
  'allChangesForCluster',
  'showExpandedEvents',
  'allowToRunOnConfigDB',
  'allowToRunOnSystemNS',
  'showSystemEvents',
]);
const STAGES = new Set([
  '$match',
  '$project',
  '$addFields',
  '$set',
  '$unset',
  '$replaceRoot',
  '$replaceWith',
  '$redact',
  '$changeStreamSplitLargeEvent',
]);
const EXPANDED = new Set(['create', 'createIndexes', 'dropIndexes', 'modify']);
const BATCH_BYTES = 16 * 1024 * 1024;
/** How long a getMore waits for events when the client does not say. */
const DEFAULT_AWAIT_MS = 1000;

/** What a stream watches; without a collection a database, without both everything. */
export interface Watched {
  readonly db: string | undefined;
  readonly collection: string | undefined;
}

type Shape = (event: Doc) => Doc | undefined;

/** Makes the stages behind `$changeStream` into a function of one event. */
function shapeOf(stages: readonly Value[], variables: Doc | undefined): Shape {
  for (const stage of stages) {
    const name = isDoc(stage) ? [...stage.keys()][0] : undefined;
    if (name !== undefined && STAGES.has(name)) continue;
    // Unknown stages are told from those that exist and make no sense here.
    compilePipeline([stage], { scope: newScope(), source: { scan: () => [] } });
    throw new MongoError(Code.IllegalOperation, `${name ?? 'this stage'} is not permitted in a $changeStream pipeline`);
  }
  const wanted = stages.filter((stage) => !(stage as Doc).has('$changeStreamSplitLargeEvent')) as Doc[];
  if (wanted.length === 0) return (event) => event;
  const { filter, run } = compilePipeline(wanted, { scope: newScope({ let: variables }), source: { scan: () => [] } });
  return (event) => {
    if (filter && !filter.matches(event)) return undefined;
    const [result] = run([event]);
    if (result === undefined) return undefined;
    const [token, kept] = [event.get('_id') as Doc, result.get('_id')];
    if (!isDoc(kept) || kept.get('_data') !== token.get('_data')) {
      const error = new MongoError(
        Code.ChangeStreamFatalError,
        'Encountered an event whose _id field, which contains the resume token, was modified by the pipeline. Modifying the _id field of an event makes it impossible to resume the stream from that point. Only transformations that retain the unmodified _id field are allowed.',
      );
      error.labels.push('NonResumableChangeStreamError');
      throw error;
    }
    return result;
  };
}

function choice(options: Doc, name: string, allowed: readonly string[]): string {
  const value = options.get(name) ?? allowed[0];
  if (typeof value !== 'string' || !allowed.includes(value)) {
    throw new MongoError(
      Code.BadValue,
      `Enumeration value '${String(value)}' for field '$changeStream.${name}' is not a valid value.`,
    );
  }
  return value;
}

function noImage(which: string): MongoError {
  const error = new MongoError(
    47,
    `Change stream was configured to require a ${which} for all update, delete and replace events, but the ${which} was not found for event`,
  );
  error.labels.push('NonResumableChangeStreamError');
  return error;
}

/** A change stream: a cursor over the log that waits for events that have not happened yet. */
export class ChangeStream implements Cursor {
  readonly id: bigint;
  readonly namespace: string;
  readonly sessionKey: string | undefined;
  readonly transactionNumber = undefined;
  readonly neverTimesOut = false;
  lastUse = Date.now();
  readonly #watched: Watched;
  readonly #catalog: Catalog;
  readonly #context: Context;
  readonly #shape: Shape;
  readonly #fullDocument: string;
  readonly #beforeChange: string;
  readonly #expanded: boolean;
  /** Everything up to here has been looked at. */
  #position: Seq;
  /** The stream still has to say that the event at its position ended it. */
  #ending: LogEvent | undefined;
  #ended = false;
  #killed = false;
  #wake: (() => void) | undefined;
  #awaiting = false;

  constructor(
    context: Context,
    watched: Watched,
    namespace: string,
    options: Doc,
    stages: readonly Value[],
    variables: Doc | undefined,
  ) {
    const { engine, catalog, cursors } = context.shared;
    for (const name of options.keys()) {
      if (!OPTIONS.has(name)) throw new MongoError(40415, `BSON field '$changeStream.${name}' is an unknown field.`);
    }
    this.id = cursors.nextId();
    this.namespace = namespace;
    this.sessionKey = context.session?.key;
    this.#context = context;
    this.#catalog = catalog;
    this.#watched = watched;
    this.#fullDocument = choice(options, 'fullDocument', ['default', 'updateLookup', 'whenAvailable', 'required']);
    this.#beforeChange = choice(options, 'fullDocumentBeforeChange', ['off', 'whenAvailable', 'required']);
    this.#expanded = options.get('showExpandedEvents') === true;
    this.#shape = shapeOf(stages, variables);
    const starts = ['resumeAfter', 'startAfter', 'startAtOperationTime'].filter((name) => options.has(name));
    if (starts.length > 1)
      throw new MongoError(
        50674,
        `Only one type of resume option is allowed, but multiple were found: ${starts.join(', ')}`,
      );
    const at = options.get('startAtOperationTime');
    if (at !== undefined) {
      if (!(at instanceof Timestamp))
        throw new MongoError(Code.TypeMismatch, 'startAtOperationTime must be a timestamp');
      this.#position = seqOf(at.t, at.i) - 1;
    } else if (starts.length > 0) {
      const { seq, invalidate } = positionOf(options.get(starts[0] as string));
      if (invalidate && options.has('resumeAfter')) {
        throw new MongoError(
          Code.InvalidResumeToken,
          "Attempting to resume a change stream using 'resumeAfter' is not allowed from an invalidate notification.",
        );
      }
      this.#position = seq;
      if (!invalidate) this.#resumeBehindEnd(seq);
    } else {
      this.#position = engine.clock.last;
    }
    engine.log.check(this.#position);
  }

  /** Resumed behind a drop, the stream still ends. */
  #resumeBehindEnd(seq: Seq): void {
    for (const event of this.#context.shared.engine.log.read(seq - 1)) {
      if (event.seq === seq && this.#matches(event) && this.#ends(event)) this.#ending = event;
      return;
    }
  }

  #matches(event: LogEvent): boolean {
    const { db, collection } = this.#watched;
    if (EXPANDED.has(event.kind) && !this.#expanded) return false;
    if (event.collection.startsWith('system.')) return false;
    if (db === undefined) return event.db !== 'admin' && event.db !== 'config' && event.db !== 'local';
    if (collection === undefined) return event.db === db;
    if (event.db === db && event.collection === collection) return true;
    if (event.kind !== 'rename' || event.after === undefined) return false;
    const to = decode(event.after).get('to') as Doc;
    return to.get('db') === db && to.get('coll') === collection;
  }

  #ends(event: LogEvent): boolean {
    if (this.#watched.db === undefined) return false;
    if (this.#watched.collection === undefined) return event.kind === 'dropDatabase';
    return event.kind === 'drop' || event.kind === 'rename';
  }

  #describe(event: LogEvent): Doc {
    const { kind, before, after, transaction } = event;
    const doc = docOf(
      '_id',
      tokenOf(event.seq),
      'operationType',
      kind,
      'clusterTime',
      timestampOf(transaction?.first ?? event.seq),
    );
    if (this.#expanded && event.collection !== '') doc.set('collectionUUID', new Binary(event.uuid, 4));
    doc.set('wallTime', new Date(event.at));
    const [old, now] = [before && decode(before), after && decode(after)];
    const isChange = kind === 'insert' || kind === 'update' || kind === 'replace' || kind === 'delete';
    if (isChange && (kind === 'insert' || kind === 'replace')) doc.set('fullDocument', now);
    if (kind === 'update' && this.#fullDocument !== 'default')
      doc.set('fullDocument', this.#afterImage(event, now as Doc));
    if (isChange && kind !== 'insert' && this.#beforeChange !== 'off') {
      if (!event.images && this.#beforeChange === 'required') throw noImage('pre-image');
      doc.set('fullDocumentBeforeChange', event.images ? old : null);
    }
    doc.set('ns', event.collection === '' ? docOf('db', event.db) : docOf('db', event.db, 'coll', event.collection));
    if (transaction) {
      doc.set('lsid', docOf('id', new Binary(transaction.session, 4), 'uid', new Binary(Buffer.alloc(32), 0)));
      doc.set('txnNumber', transaction.number);
    }
    if (isChange) {
      doc.set('documentKey', docOf('_id', (now ?? old)?.get('_id')));
      if (kind === 'update') doc.set('updateDescription', describeUpdate(old as Doc, now as Doc, this.#expanded));
    } else if (now) {
      if (this.#expanded && kind === 'create') doc.set('nsType', 'collection');
      for (const [name, value] of now) if (this.#expanded || name === 'to') doc.set(name, value);
    }
    return doc;
  }

  #afterImage(event: LogEvent, now: Doc): Value {
    if (this.#fullDocument !== 'updateLookup') {
      if (!event.images && this.#fullDocument === 'required') throw noImage('post-image');
      return event.images ? now : null;
    }
    const entry = this.#catalog.find(event.db, event.collection)?.byId.get(encodeKeyString([now.get('_id') as Value]));
    return entry ? decode(entry.buffer) : null;
  }

  /** Collects what is there, up to a number of events. */
  #collect(limit: number): { documents: Buffer[]; token: Doc } {
    const documents: Buffer[] = [];
    const { log } = this.#context.shared.engine;
    let bytes = 0;
    let token: Doc | undefined;
    const give = (doc: Doc): void => {
      const shaped = this.#shape(doc);
      if (shaped === undefined) return;
      const buffer = encode(shaped, 48 * 1024 * 1024);
      bytes += buffer.length;
      documents.push(buffer);
      token = doc.get('_id') as Doc;
    };
    const full = (): boolean => documents.length >= limit || bytes > BATCH_BYTES;
    const end = (): void => {
      const { seq, at, transaction } = this.#ending as LogEvent;
      this.#ending = undefined;
      this.#ended = true;
      const time = timestampOf(transaction?.first ?? seq);
      give(
        docOf('_id', tokenOf(seq, true), 'operationType', 'invalidate', 'clusterTime', time, 'wallTime', new Date(at)),
      );
    };
    if (this.#ending && limit > 0) end();
    if (!this.#ended && limit > 0) {
      let complete = true;
      for (const event of log.read(this.#position)) {
        if (full()) {
          complete = false;
          break;
        }
        if (this.#matches(event)) {
          give(this.#describe(event));
          if (this.#ends(event)) {
            this.#ending = event;
            this.#position = event.seq;
            if (!full()) end();
            complete = false;
            break;
          }
        }
        this.#position = event.seq;
      }
      // Behind the last event nothing of interest has happened so far: resuming may start from now.
      if (complete && log.last > this.#position) this.#position = log.last;
    }
    const atEvent = token !== undefined && (full() || this.#ended);
    return { documents, token: atEvent ? (token as Doc) : tokenOf(this.#position) };
  }

  #reply(batch: 'firstBatch' | 'nextBatch', documents: Buffer[], token: Doc): Buffer {
    if (this.#ended) this.#context.shared.cursors.delete(this.id);
    return cursorReply(
      batch,
      documents,
      this.#ended ? 0n : this.id,
      this.namespace,
      encode(docOf('postBatchResumeToken', token)),
    );
  }

  /** The reply of the command that opens the stream. */
  first(batchSize: number | undefined): Buffer {
    const { documents, token } = this.#collect(batchSize ?? 101);
    if (!this.#ended) this.#context.shared.cursors.add(this);
    return this.#reply('firstBatch', documents, token);
  }

  next(context: Context, batchSize: number | undefined): Buffer | Promise<Buffer> {
    this.lastUse = Date.now();
    const limit = batchSize || Infinity;
    try {
      const { documents, token } = this.#collect(limit);
      if (documents.length > 0 || this.#ended) return this.#reply('nextBatch', documents, token);
    } catch (error) {
      this.#context.shared.cursors.delete(this.id);
      throw error;
    }
    if (this.#awaiting) throw new MongoError(Code.BadValue + 10, 'the cursor is already in use');
    return this.#await(context, limit);
  }

  async #await(context: Context, limit: number): Promise<Buffer> {
    const given = context.command.get('maxTimeMS');
    const until = Date.now() + (given === undefined ? DEFAULT_AWAIT_MS : Number(given));
    const { log } = this.#context.shared.engine;
    this.#awaiting = true;
    try {
      for (;;) {
        const timedOut = await new Promise<boolean>((resolve) => {
          const done = (late: boolean): void => {
            clearTimeout(timer);
            unlisten();
            unclose();
            this.#wake = undefined;
            resolve(late);
          };
          const timer = setTimeout(() => done(true), Math.max(until - Date.now(), 0));
          const unlisten = log.listen(() => done(false));
          this.#wake = () => done(false);
          let unclose = (): void => {};
          unclose = context.connection.onClose(() => done(true));
        });
        if (this.#killed)
          throw new MongoError(Code.CursorKilled, `operation was interrupted because the cursor ${this.id} was killed`);
        let batch: { documents: Buffer[]; token: Doc };
        try {
          batch = this.#collect(limit);
        } catch (error) {
          this.#context.shared.cursors.delete(this.id);
          throw error;
        }
        if (batch.documents.length > 0 || this.#ended || timedOut) {
          this.lastUse = Date.now();
          return this.#reply('nextBatch', batch.documents, batch.token);
        }
      }
    } finally {
      this.#awaiting = false;
    }
  }

  kill(): void {
    this.#killed = true;
    this.#wake?.();
  }
}
