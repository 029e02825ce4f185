import { Code, MongoError } from '../errors.ts';
import type { Seq } from '../storage/clock.ts';
import { decode, decodeFields, type Doc, type Value } from '../values/index.ts';
import { describeKeyValue } from './describe.ts';
import { KeyReader } from './index-keys.ts';
import { OrderedEntries } from './ordered.ts';

/** A stored document. */
export interface Entry {
  /** Its number within the collection: the natural order, and its place on disk. */
  readonly rid: number;
  /** The key string of its `_id`. */
  readonly key: string;
  /** The document as BSON. */
  buffer: Buffer;
}

/** An index as `listIndexes` describes it, and what follows from that. */
export interface IndexOptions {
  readonly name: string;
  readonly pattern: Doc;
  readonly unique: boolean;
  readonly sparse: boolean;
  readonly hidden: boolean;
  /** Seconds after which a document goes, counted from the date in the index's only field. */
  readonly expireAfterSeconds: number | undefined;
  readonly partialFilter: Doc | undefined;
  readonly covers: ((doc: Doc) => boolean) | undefined;
  /** The fields at the top of a document that decide about its keys; undefined if all of them may. */
  readonly fields: ReadonlySet<string> | undefined;
  readonly collation: Doc | undefined;
  readonly fold: ((value: Value) => Value) | undefined;
  /** As it was asked for and is listed. */
  readonly spec: Doc;
}

/** A secondary index: ordered entries by key. */
export class Index {
  readonly options: IndexOptions;
  readonly reader: KeyReader;
  readonly entries = new OrderedEntries<Entry>();
  /** Some document has, or had, several keys. */
  multikey = false;

  constructor(options: IndexOptions) {
    this.options = options;
    const directions = [...options.pattern.values()].map((value) => (Number(value) < 0 ? -1 : 1));
    this.reader = new KeyReader([...options.pattern.keys()], directions, options.fold);
  }

  /** Whether a change certainly leaves the keys as they are: it has not touched what they are made of. */
  unaffected(before: Doc, after: Doc): boolean {
    const { fields } = this.options;
    if (fields === undefined) return false;
    for (const field of fields) {
      const value = before.get(field);
      if (value !== after.get(field) || (value === undefined && before.has(field) !== after.has(field))) return false;
    }
    return true;
  }

  /** The keys that a document has in this index. */
  keysOf(doc: Doc): string[] {
    if (this.options.covers && !this.options.covers(doc)) return [];
    const { keys, multikey } = this.reader.read(doc, this.options.sparse);
    if (multikey) this.multikey = true;
    return keys;
  }
}

/** Whether a stretch is that of one whole key; from nothing to the end it is everything. */
function isOneKey(from: string, to: string): boolean {
  return from !== '' && to === `${from}\xff`;
}

/** What a snapshot must know of a change that came after it. */
interface PastVersion {
  readonly seq: Seq;
  readonly key: string;
  readonly before: Buffer | null;
}

/** What a collection was created with. */
export interface CollectionOptions {
  readonly validator?: Doc;
  readonly validationLevel?: string;
  readonly validationAction?: string;
  /** The validator, ready for use: throws 121 for a document that does not pass. */
  readonly validate?: (doc: Doc) => void;
  readonly preAndPostImages: boolean;
  readonly collation?: Doc;
  /** A view: the name of its source and the stages over it. */
  readonly view?: { readonly on: string; readonly pipeline: Value[] };
  /** As they are listed. */
  readonly listed: Doc;
}

/** The documents of one collection in memory, with their indexes. Knows nothing of commits: {@link Engine} does. */
export class Collection {
  readonly id: number;
  db: string;
  name: string;
  readonly uuid: Buffer;
  options: CollectionOptions;
  readonly byId = new Map<string, Entry>();
  readonly indexes: Index[] = [];
  #ordered: OrderedEntries<Entry> | undefined;
  #nextRid = 1;
  #bytes = 0;
  /** States before changes that an open snapshot may still want to see, oldest first. */
  readonly past: PastVersion[] = [];
  /** How many of them were forgotten already. */
  pastBase = 0;

  constructor(id: number, db: string, name: string, uuid: Buffer, options: CollectionOptions) {
    this.id = id;
    this.db = db;
    this.name = name;
    this.uuid = uuid;
    this.options = options;
  }

  get namespace(): string {
    return `${this.db}.${this.name}`;
  }

  /** Bytes of all documents. */
  get bytes(): number {
    return this.#bytes;
  }

  get nextRid(): number {
    return this.#nextRid;
  }

  /** The entries in the order of `_id`. Made when somebody first asks for that order. */
  private get ordered(): OrderedEntries<Entry> {
    if (this.#ordered === undefined) {
      const ordered = new OrderedEntries<Entry>();
      const keys = [...this.byId.keys()].sort();
      for (const key of keys) ordered.add(key, this.byId.get(key) as Entry);
      this.#ordered = ordered;
    }
    return this.#ordered;
  }

  /** The index over `_id`: single keys need no order. */
  readonly idEntries = {
    range: (from: string, to: string, backwards?: boolean): Iterable<Entry> => {
      if (!isOneKey(from, to)) return this.ordered.range(from, to, backwards);
      const entry = this.byId.get(from);
      return entry ? [entry] : [];
    },
    count: (from: string, to: string): number =>
      isOneKey(from, to) ? Number(this.byId.has(from)) : this.ordered.count(from, to),
  };

  /** Takes in a stored document at start, before there are indexes. */
  load(rid: number, key: string, buffer: Buffer): void {
    this.byId.set(key, { rid, key, buffer });
    this.#nextRid = Math.max(this.#nextRid, rid + 1);
    this.#bytes += buffer.length;
  }

  /**
   * Fails with 11000 if a unique index already has one of the keys for another document than `rid`.
   * @param before what the document was so far, if it was there
   */
  checkUnique(doc: Doc, rid: number, before?: Doc): void {
    for (const index of this.indexes) {
      if (!index.options.unique || (before && index.unaffected(before, doc))) continue;
      for (const key of index.keysOf(doc)) {
        const other = index.entries.first(key);
        if (other !== undefined && other.rid !== rid) throw this.duplicate(index, doc, key);
      }
    }
  }

  duplicate(index: Index, doc: Doc, key: string): MongoError {
    return duplicateKey(this.namespace, index.options, index.reader.valuesOf(doc, key));
  }

  /** The error for an `_id` that is there already. */
  duplicateId(id: Value): MongoError {
    return duplicateKey(this.namespace, ID_INDEX, [id]);
  }

  insert(key: string, buffer: Buffer, doc: Doc | undefined, rid = this.#nextRid): Entry {
    const entry: Entry = { rid, key, buffer };
    if (rid >= this.#nextRid) this.#nextRid = rid + 1;
    if (this.indexes.length > 0) {
      const content = doc ?? decode(buffer);
      const all = this.indexes.map((index) => index.keysOf(content));
      this.indexes.forEach((index, position) => {
        for (const indexKey of all[position] as string[]) index.entries.add(indexKey, entry);
      });
    }
    this.byId.set(key, entry);
    this.#ordered?.add(key, entry);
    this.#bytes += buffer.length;
    return entry;
  }

  replace(entry: Entry, buffer: Buffer, before: Doc | undefined, after: Doc | undefined): void {
    if (this.indexes.length > 0) {
      const from = before ?? decode(entry.buffer);
      const to = after ?? decode(buffer);
      const affected = this.indexes.filter((index) => !index.unaffected(from, to));
      // All keys first: a document that cannot be indexed must not leave half of them changed.
      const changes = affected.map((index) => ({ index, old: index.keysOf(from), now: index.keysOf(to) }));
      for (const { index, old, now } of changes) {
        if (old.length === 1 && now.length === 1 && old[0] === now[0]) continue;
        for (const key of old) if (!now.includes(key)) index.entries.remove(key, entry);
        for (const key of now) if (!old.includes(key)) index.entries.add(key, entry);
      }
    }
    this.#bytes += buffer.length - entry.buffer.length;
    entry.buffer = buffer;
  }

  remove(entry: Entry, before: Doc | undefined): void {
    if (this.indexes.length > 0) {
      const doc = before ?? decode(entry.buffer);
      for (const index of this.indexes) for (const key of index.keysOf(doc)) index.entries.remove(key, entry);
    }
    this.byId.delete(entry.key);
    this.#ordered?.remove(entry.key, entry);
    this.#bytes -= entry.buffer.length;
  }

  /** Makes an index over what is there. Fails with 11000 where documents clash, and leaves nothing behind. */
  buildIndex(options: IndexOptions): Index {
    const index = new Index(options);
    const entries: { key: string; entry: Entry }[] = [];
    for (const entry of this.byId.values()) {
      const doc = options.fields ? decodeFields(entry.buffer, options.fields) : decode(entry.buffer);
      for (const key of index.keysOf(doc)) entries.push({ key, entry });
    }
    entries.sort((a, b) => (a.key < b.key ? -1 : a.key > b.key ? 1 : a.entry.rid - b.entry.rid));
    entries.forEach(({ key, entry }, position) => {
      const previous = entries[position - 1];
      if (options.unique && previous?.key === key && previous.entry !== entry) {
        throw this.duplicate(index, decode(entry.buffer), key);
      }
      index.entries.add(key, entry);
    });
    return index;
  }

  /** Remembers a state for open snapshots. */
  remember(seq: Seq, key: string, before: Buffer | null): void {
    this.past.push({ seq, key, before });
  }

  /** The states as of a moment of the documents that were changed since; null: not there. */
  statesAt(seq: Seq): Map<string, Buffer | null> {
    const states = new Map<string, Buffer | null>();
    for (const version of this.past) {
      if (version.seq > seq && !states.has(version.key)) states.set(version.key, version.before);
    }
    return states;
  }

  /** Forgets states that only snapshots before `oldest` would want; all of them without one. */
  forget(oldest: Seq | undefined): void {
    let count = 0;
    while (count < this.past.length && (oldest === undefined || (this.past[count] as PastVersion).seq <= oldest))
      count++;
    if (oldest !== undefined && count < 1000) return;
    this.past.splice(0, count);
    this.pastBase += count;
  }
}

const ID_INDEX = { name: '_id_', pattern: new Map([['_id', 1]]) as Doc, collation: undefined };

function duplicateKey(
  namespace: string,
  index: Pick<IndexOptions, 'name' | 'pattern' | 'collation'>,
  values: readonly Value[],
): MongoError {
  const keyValue: Doc = new Map();
  [...index.pattern.keys()].forEach((path, position) => keyValue.set(path, values[position] ?? null));
  const details: Doc = new Map<string, Value>([
    ['keyPattern', index.pattern],
    ['keyValue', keyValue],
  ]);
  const collation = index.collation ? ' collation: index collation' : '';
  return new MongoError(
    Code.DuplicateKey,
    `E11000 duplicate key error collection: ${namespace} index: ${index.name}${collation} dup key: ${describeKeyValue(keyValue)}`,
    details,
  );
}
