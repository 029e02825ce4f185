import { randomUUID } from 'node:crypto';
import { Binary } from 'bson';
import { Code, MongoError } from '../errors.ts';
import type { EventTransaction } from '../log/event.ts';
import type { Transaction } from '../sessions/transaction.ts';
import { type Engine, LockBusy, namespaceLock } from '../storage/engine.ts';
import { IDS_PER_COLLECTION, StorageError } from '../storage/store.ts';
import {
  decode,
  decodeRaw,
  type Doc,
  docOf,
  encode,
  encodeKeyString,
  findRaw,
  int32,
  MISSING,
  type Value,
} from '../values/index.ts';
import type { Index } from './collection.ts';
import { Collection, type CollectionOptions } from './collection.ts';
import { readCollectionOptions } from './collection-options.ts';
import { readIndexSpec, relate } from './index-spec.ts';

/** The key string of a document's `_id`. */
export function idKey(id: Value): string {
  return encodeKeyString([id]);
}

function checkName(db: string, name: string): void {
  const namespace = `${db}.${name}`;
  const wrong = (why: string): MongoError =>
    new MongoError(Code.InvalidNamespace, `Invalid namespace specified '${namespace}'${why}`);
  if (db === '' || db.length > 63 || /[/\\. "$\0]/.test(db)) throw wrong('');
  if (name === '' || name.startsWith('.') || name.includes('\0') || name.includes('$')) throw wrong('');
  if (Buffer.byteLength(namespace) > 255) throw wrong(': too long');
  if (name.startsWith('system.') && name !== 'system.profile') throw wrong(`: reserved name`);
}

/** All collections. Changes of them go through the engine, like those of documents. */
export class Catalog {
  readonly #engine: Engine;
  readonly #collections = new Map<string, Collection>();
  #nextId = 1;
  /** Collections that have an index with an expiry. */
  readonly expiring = new Set<Collection>();

  /** Loads everything from the data file. */
  constructor(engine: Engine) {
    this.#engine = engine;
    const byId = new Map<number, Collection>();
    const specs = new Map<Collection, Doc[]>();
    for (const { id, body } of engine.store.collections()) {
      const description = decode(body);
      const collection = new Collection(
        id,
        description.get('db') as string,
        description.get('name') as string,
        Buffer.from((description.get('uuid') as Binary).buffer.subarray(0, 16)),
        readCollectionOptions(description.get('options') as Doc),
      );
      byId.set(id, collection);
      this.#collections.set(collection.namespace, collection);
      specs.set(collection, description.get('indexes') as Doc[]);
      this.#nextId = id + 1;
    }
    for (const { id, body } of engine.store.documents()) {
      const collection = byId.get(Math.floor(id / IDS_PER_COLLECTION));
      const found = findRaw(body, '_id');
      if (collection === undefined || found === MISSING) {
        throw new StorageError(
          `The data file ${engine.store.file} is damaged (document ${id} has no place); restore it from a backup.`,
        );
      }
      collection.load(id % IDS_PER_COLLECTION, idKey(decodeRaw(body, found)), body);
    }
    for (const [collection, list] of specs) {
      for (const spec of list) collection.indexes.push(collection.buildIndex(readIndexSpec(spec, undefined)));
      this.#watchExpiry(collection);
    }
  }

  all(): Iterable<Collection> {
    return this.#collections.values();
  }

  /** A collection that a transaction, or everybody, can see. */
  find(db: string, name: string, transaction?: Transaction): Collection | undefined {
    const namespace = `${db}.${name}`;
    return this.#collections.get(namespace) ?? transaction?.created.get(namespace);
  }

  /** The collection, or NamespaceNotFound. */
  get(db: string, name: string, transaction?: Transaction): Collection {
    const collection = this.find(db, name, transaction);
    if (collection === undefined) throw new MongoError(Code.NamespaceNotFound, `ns does not exist: ${db}.${name}`);
    return collection;
  }

  #describe(collection: Collection): Buffer {
    return encode(
      docOf(
        'db',
        collection.db,
        'name',
        collection.name,
        'uuid',
        new Binary(collection.uuid, 4),
        'options',
        collection.options.listed,
        'indexes',
        collection.indexes.map((index) => index.options.spec),
      ),
    );
  }

  #watchExpiry(collection: Collection): void {
    const expires = collection.indexes.some((index) => index.options.expireAfterSeconds !== undefined);
    if (expires && this.#collections.get(collection.namespace) === collection) this.expiring.add(collection);
    else this.expiring.delete(collection);
  }

  /** A plain change of a collection waits for transactions that are in it. */
  #waitForLocks(collection: Collection): void {
    const prefix = `${collection.id}\0`;
    for (const [name, holder] of this.#engine.locks) if (name.startsWith(prefix)) throw new LockBusy(holder);
  }

  /** Makes a collection, at once or in a transaction. Throws 48 if it is there already. */
  create(db: string, name: string, options: CollectionOptions, transaction?: Transaction): Collection {
    checkName(db, name);
    if (this.find(db, name, transaction)) {
      throw new MongoError(Code.NamespaceExists, `Collection ${db}.${name} already exists.`);
    }
    const holder = this.#engine.locks.get(namespaceLock(`${db}.${name}`));
    if (holder && !transaction) throw new LockBusy(holder);
    const uuid = Buffer.from(randomUUID().replaceAll('-', ''), 'hex');
    const collection = new Collection(this.#nextId, db, name, uuid, options);
    this.#nextId++;
    if (transaction) transaction.create(collection);
    else this.register(collection);
    return collection;
  }

  /** Makes a created collection known to everybody. */
  register(collection: Collection, transaction?: EventTransaction): void {
    this.#collections.set(collection.namespace, collection);
    this.#watchExpiry(collection);
    this.#engine.define(
      'create',
      collection,
      this.#describe(collection),
      encode(docOf('operationDescription', docOf('idIndex', ID_INDEX_SPEC, ...[...collection.options.listed].flat()))),
      () => {
        this.#collections.delete(collection.namespace);
        this.expiring.delete(collection);
      },
      transaction,
    );
  }

  /** The collection that a write goes to, made if need be. */
  forWrite(db: string, name: string, transaction?: Transaction): Collection {
    const found = this.find(db, name, transaction);
    if (found?.options.view) throw new MongoError(166, `Namespace ${db}.${name} is a view, not a collection`);
    return found ?? this.create(db, name, readCollectionOptions(new Map()), transaction);
  }

  drop(collection: Collection): void {
    this.#waitForLocks(collection);
    this.#collections.delete(collection.namespace);
    this.expiring.delete(collection);
    this.#engine.define('drop', collection, null, undefined, () => {
      this.#collections.set(collection.namespace, collection);
      this.#watchExpiry(collection);
    });
  }

  /** Drops all collections of a database. */
  dropDatabase(db: string): void {
    const collections = [...this.#collections.values()].filter((collection) => collection.db === db);
    for (const collection of collections) this.#waitForLocks(collection);
    for (const collection of collections) this.drop(collection);
    const last = collections.at(-1);
    if (last === undefined) return;
    const whole = new Collection(last.id, db, '', last.uuid, last.options);
    this.#engine.define('dropDatabase', whole, undefined, undefined, () => {});
  }

  /** Gives a collection another name; one of that name goes if `dropTarget`. */
  rename(collection: Collection, db: string, name: string, dropTarget: boolean): void {
    checkName(db, name);
    const target = this.find(db, name);
    if (target === collection) throw new MongoError(Code.IllegalOperation, "Can't rename a collection to itself");
    if (target && !dropTarget) throw new MongoError(Code.NamespaceExists, 'target namespace exists');
    this.#waitForLocks(collection);
    if (target) this.drop(target);
    const { db: oldDb, name: oldName } = collection;
    const detail = docOf(
      'to',
      docOf('db', db, 'coll', name),
      'operationDescription',
      docOf('to', docOf('db', db, 'coll', name)),
    );
    if (target) (detail.get('operationDescription') as Doc).set('dropTarget', new Binary(target.uuid, 4));
    const move = (toDb: string, toName: string): void => {
      this.#collections.delete(collection.namespace);
      collection.db = toDb;
      collection.name = toName;
      this.#collections.set(collection.namespace, collection);
    };
    // The event goes by the old name, the description by the new one.
    move(db, name);
    const description = this.#describe(collection);
    move(oldDb, oldName);
    this.#engine.define('rename', collection, description, encode(detail), () => move(oldDb, oldName));
    move(db, name);
  }

  /**
   * Makes indexes; those that are there already are left alone.
   * @returns the number of indexes before and after, with the one over `_id`
   */
  createIndexes(
    collection: Collection,
    specs: readonly Doc[],
    transaction?: Transaction,
  ): { before: number; after: number } {
    if (transaction === undefined) this.#waitForLocks(collection);
    const before = collection.indexes.length;
    const defaultCollation = collection.options.collation;
    const wanted = specs.filter((spec) => !isIdPattern(spec)).map((spec) => readIndexSpec(spec, defaultCollation));
    const added: Index[] = [];
    for (const options of wanted) {
      const all = [...collection.indexes, ...added];
      const named = all.find((index) => index.options.name === options.name);
      const alike = all.find((index) => relate(options, index.options) === 'same');
      if (named !== undefined && named !== alike && relate(options, named.options) !== 'same') {
        throw new MongoError(
          Code.IndexKeySpecsConflict,
          `An existing index has the same name as the requested index. When index names are not specified, they are auto generated and can cause conflicts. Please refer to our documentation. Requested index: ${options.name}, existing index: ${named.options.name}`,
        );
      }
      const present = named ?? alike;
      if (present !== undefined) {
        const equalOptions =
          present.options.expireAfterSeconds === options.expireAfterSeconds &&
          present.options.hidden === options.hidden;
        if (named === undefined) {
          throw new MongoError(
            Code.IndexOptionsConflict,
            `Index already exists with a different name: ${present.options.name}`,
          );
        }
        if (!equalOptions) {
          throw new MongoError(
            Code.IndexOptionsConflict,
            `An equivalent index already exists with the same name but different options. Requested index: ${options.name}`,
          );
        }
        continue;
      }
      if (all.length >= 63) throw new MongoError(Code.CannotCreateIndex, 'add index fails, too many indexes');
      added.push(collection.buildIndex(options));
    }
    if (added.length > 0) {
      collection.indexes.push(...added);
      this.#watchExpiry(collection);
      if (!transaction?.created.has(collection.namespace)) {
        const detail = docOf(
          'operationDescription',
          docOf(
            'indexes',
            added.map((index) => index.options.spec),
          ),
        );
        this.#engine.define('createIndexes', collection, this.#describe(collection), encode(detail), () => {
          for (const index of added) collection.indexes.splice(collection.indexes.indexOf(index), 1);
          this.#watchExpiry(collection);
        });
      }
    }
    return { before: before + 1, after: collection.indexes.length + 1 };
  }

  dropIndexes(collection: Collection, indexes: readonly Index[]): void {
    this.#waitForLocks(collection);
    if (indexes.length === 0) return;
    const kept = collection.indexes.filter((index) => !indexes.includes(index));
    // A collection whose indexes change back must have kept them up to date: build them anew then.
    collection.indexes.splice(0, Infinity, ...kept);
    this.#watchExpiry(collection);
    const specs = indexes.map((index) =>
      docOf('v', int32(2), 'key', index.options.pattern, 'name', index.options.name),
    );
    const detail = docOf('operationDescription', docOf('indexes', specs));
    this.#engine.define('dropIndexes', collection, this.#describe(collection), encode(detail), () => {
      for (const index of indexes) collection.indexes.push(collection.buildIndex(index.options));
      this.#watchExpiry(collection);
    });
  }

  /** Changes a collection's options, or those of an index. */
  modify(
    collection: Collection,
    options: CollectionOptions,
    index: Index | undefined,
    spec: Doc | undefined,
    detail: Doc,
  ): void {
    this.#waitForLocks(collection);
    const old = { options: collection.options, index: index?.options };
    collection.options = options;
    if (index && spec) (index as { options: Index['options'] }).options = readIndexSpec(spec, undefined);
    this.#watchExpiry(collection);
    this.#engine.define('modify', collection, this.#describe(collection), encode(detail), () => {
      collection.options = old.options;
      if (index && old.index) (index as { options: Index['options'] }).options = old.index;
      this.#watchExpiry(collection);
    });
  }
}

/** The index over `_id`, as it is listed. */
export const ID_INDEX_SPEC: Doc = docOf('v', int32(2), 'key', docOf('_id', int32(1)), 'name', '_id_');

function isIdPattern(spec: Doc): boolean {
  const pattern = spec.get('key');
  if (!(pattern instanceof Map) || pattern.size !== 1 || !pattern.has('_id') || pattern.get('_id') === 'hashed')
    return false;
  for (const name of ['sparse', 'expireAfterSeconds', 'partialFilterExpression', 'hidden']) {
    if (spec.has(name)) {
      throw new MongoError(197, `The field '${name}' is not valid for an _id index specification. Specification: _id_`);
    }
  }
  return true;
}
