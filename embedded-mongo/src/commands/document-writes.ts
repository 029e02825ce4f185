import { ObjectId, Timestamp } from 'bson';
import { idKey } from '../catalog/catalog.ts';
import type { Collection, Entry } from '../catalog/collection.ts';
import { Code, MongoError } from '../errors.ts';
import { documentLock, LockBusy, uniqueLock } from '../storage/engine.ts';
import { incrementOf, secondsOf } from '../storage/clock.ts';
import {
  decode,
  decodeRaw,
  type Doc,
  encode,
  findRaw,
  isDoc,
  MAX_DOCUMENT_BYTES,
  MISSING,
  type Value,
} from '../values/index.ts';
import type { Context } from './context.ts';

/** A document that is ready to be inserted. */
export interface Prepared {
  readonly id: Value;
  readonly key: string;
  readonly buffer: Buffer;
  readonly doc: Doc | undefined;
}

/** A document's change, worked out but not yet made. */
export interface Change {
  readonly key: string;
  readonly before: Doc;
  readonly after: Doc;
  readonly buffer: Buffer;
}

/**
 * A copy of a document in memory of its own. Small buffers otherwise share a slab of 8 KB with whatever was made at the
 * same time, and a stored document would keep all of that alive.
 */
export function ownCopy(buffer: Buffer): Buffer {
  const copy = Buffer.allocUnsafeSlow(buffer.length);
  buffer.copy(copy);
  return copy;
}

/** Refuses what cannot be an `_id`. */
export function checkId(id: Value): void {
  if (Array.isArray(id)) throw new MongoError(Code.InvalidIdField, "The '_id' value cannot be of type array");
  if (id === undefined) throw new MongoError(Code.InvalidIdField, "The '_id' value cannot be of type undefined");
  if (isDoc(id)) {
    for (const name of id.keys()) {
      if (name.startsWith('$')) {
        throw new MongoError(
          Code.DollarPrefixedFieldName,
          `_id fields may not contain '$'-prefixed fields: ${name} is not valid for storage.`,
        );
      }
    }
  } else if ((id as { _bsontype?: string } | null)?._bsontype === 'BSONRegExp') {
    throw new MongoError(Code.InvalidIdField, "The '_id' value cannot be of type regex");
  }
}

const ID_NAME = Buffer.from('_id\0');

function startsWithId(raw: Buffer): boolean {
  return raw.length > 9 && raw[5] === ID_NAME[0] && raw[6] === ID_NAME[1] && raw[7] === ID_NAME[2] && raw[8] === 0;
}

/** An empty timestamp in a stored document's top level means "now". */
function stamp(context: Context, doc: Doc): Doc {
  let stamped = doc;
  for (const [name, value] of doc) {
    if (name === '_id' || !(value instanceof Timestamp) || value.t !== 0 || value.i !== 0) continue;
    if (stamped === doc) stamped = new Map(doc);
    const now = context.shared.engine.clock.next();
    stamped.set(name, new Timestamp({ t: secondsOf(now), i: incrementOf(now) }));
  }
  return stamped;
}

/** Makes a document ready to be inserted: with an `_id`, which comes first. */
export function prepareDoc(context: Context, doc: Doc): Prepared {
  let ready = doc;
  const first = doc.keys().next();
  if (first.done || first.value !== '_id') {
    ready = new Map<string, Value>([['_id', doc.has('_id') ? doc.get('_id') : new ObjectId()]]);
    for (const [name, value] of doc) if (name !== '_id') ready.set(name, value);
  }
  ready = stamp(context, ready);
  const id = ready.get('_id');
  checkId(id);
  return { id, key: idKey(id), buffer: ownCopy(encode(ready, MAX_DOCUMENT_BYTES)), doc: ready };
}

/** Makes a document ready to be inserted that came as BSON. It is decoded, which finds damage, and mostly kept as it is. */
export function prepareRaw(context: Context, collection: Collection, raw: Buffer): Prepared {
  const doc = decode(raw);
  if (!startsWithId(raw) || mayHoldTimestamp(raw)) return prepareDoc(context, doc);
  if (raw.length > MAX_DOCUMENT_BYTES) {
    throw new MongoError(
      Code.BSONObjectTooLarge,
      `BSONObj size: ${raw.length} is invalid. Size must be between 0 and ${MAX_DOCUMENT_BYTES}`,
    );
  }
  const found = findRaw(raw, '_id');
  const id = found === MISSING ? undefined : decodeRaw(raw, found);
  checkId(id);
  return {
    id,
    key: idKey(id),
    buffer: ownCopy(raw),
    doc: collection.indexes.length > 0 || collection.options.validate ? doc : undefined,
  };
}

const EMPTY_TIMESTAMP = Buffer.alloc(8);

function mayHoldTimestamp(raw: Buffer): boolean {
  return raw.includes(EMPTY_TIMESTAMP) && raw.includes(0x11);
}

/** A plain write that meets what a transaction holds has to wait; called before anything is written. */
export function waitForLocks(
  context: Context,
  collection: Collection,
  key: string,
  before: Doc | undefined,
  after: Doc | undefined,
): void {
  const { locks } = context.shared.engine;
  if (locks.size === 0 || context.transaction) return;
  const check = (name: string): void => {
    const holder = locks.get(name);
    if (holder) throw new LockBusy(holder);
  };
  check(documentLock(collection, key));
  for (const index of collection.indexes) {
    if (!index.options.unique) continue;
    for (const doc of [before, after]) {
      if (doc) for (const indexKey of index.keysOf(doc)) check(uniqueLock(collection, index.options.name, indexKey));
    }
  }
}

function validate(context: Context, collection: Collection, doc: Doc, before?: Doc): void {
  const { validate: check, validationLevel } = collection.options;
  if (check === undefined || context.command.get('bypassDocumentValidation') === true) return;
  if (validationLevel === 'moderate' && before !== undefined) {
    try {
      check(before);
    } catch {
      // A document that never was valid may stay as it is.
      return;
    }
  }
  check(doc);
}

/** Inserts a document. Throws 11000, 121 and what the locks demand. */
export function insertDocument(context: Context, collection: Collection, { id, key, buffer, doc }: Prepared): void {
  const { engine } = context.shared;
  const { transaction } = context;
  const content = doc ?? (collection.indexes.length > 0 || collection.options.validate ? decode(buffer) : undefined);
  if (transaction) {
    if (content) validate(context, collection, content);
    const patch = transaction.patch(collection);
    const visible = patch.has(key) ? patch.get(key) !== null : collection.byId.has(key);
    if (visible) throw collection.duplicateId(id);
    transaction.prepare(collection, key, undefined, content);
    transaction.put(collection, 'insert', key, buffer, undefined, content);
    return;
  }
  waitForLocks(context, collection, key, undefined, content);
  if (content) validate(context, collection, content);
  if (collection.byId.has(key)) throw collection.duplicateId(id);
  if (content) collection.checkUnique(content, -1);
  engine.insert(collection, key, buffer, content);
}

/** Makes worked-out changes, all of them or as many as come before one that is refused. */
export function changeDocuments(
  context: Context,
  collection: Collection,
  kind: 'update' | 'replace',
  changes: readonly Change[],
): void {
  const { engine } = context.shared;
  const { transaction } = context;
  for (const { key, before, after } of changes) waitForLocks(context, collection, key, before, after);
  for (const { key, before, after, buffer } of changes) {
    validate(context, collection, after, before);
    if (transaction) {
      transaction.prepare(collection, key, before, after);
      transaction.put(collection, kind, key, buffer, before, after);
      continue;
    }
    const entry = collection.byId.get(key) as Entry;
    collection.checkUnique(after, entry.rid, before);
    engine.replace(collection, entry, buffer, kind, before, after);
  }
}

/** Deletes documents. */
export function removeDocuments(
  context: Context,
  collection: Collection,
  found: readonly { key: string; buffer: Buffer; doc: Doc | undefined }[],
): void {
  const { engine } = context.shared;
  const { transaction } = context;
  const indexed = collection.indexes.length > 0;
  const list = found.map(({ key, buffer, doc }) => ({ key, before: indexed ? (doc ?? decode(buffer)) : undefined }));
  for (const { key, before } of list) waitForLocks(context, collection, key, before, undefined);
  for (const { key, before } of list) {
    if (transaction) {
      transaction.prepare(collection, key, before, undefined);
      transaction.remove(collection, key, before);
    } else {
      engine.remove(collection, collection.byId.get(key) as Entry, before);
    }
  }
}
