import { BSON } from 'mongodb';
import type { AnyBulkWriteOperation, ChangeStreamDocument, Document } from 'mongodb';
import { isBackedUp } from './collections.ts';
import { BackupError } from './errors.ts';

/** Keeps the types of numbers apart, and dates and bytes as they are: what is read is written back as it was. */
export const faithful = { promoteValues: false, promoteLongs: false, promoteBuffers: false, bsonRegExp: true } as const;

/**
 * What happened to a document while a backup was being read. Applied in order to what was read, it leads to the state
 * at the end, whether or not the reading saw it already.
 */
export type Change = { collection: string; key: unknown } & (
  | { type: 'insert' | 'replace'; document: Document }
  | { type: 'update'; set: Document; unset: string[]; cut: { field: string; size: number }[] }
  | { type: 'delete' }
);

/**
 * The change that an event tells of; undefined when it concerns nothing that a backup takes.
 *
 * @throws {BackupError} when collections were replaced or dropped: what was read before fits nothing any more
 */
export function changeOf(event: ChangeStreamDocument): Change | undefined {
  switch (event.operationType) {
    case 'insert':
    case 'replace':
      return isBackedUp(event.ns.coll)
        ? {
            collection: event.ns.coll,
            key: event.documentKey._id,
            type: event.operationType,
            document: event.fullDocument,
          }
        : undefined;
    case 'update': {
      if (!isBackedUp(event.ns.coll)) return undefined;
      const { updatedFields, removedFields, truncatedArrays } = event.updateDescription;
      return {
        collection: event.ns.coll,
        key: event.documentKey._id,
        type: 'update',
        set: updatedFields ?? {},
        unset: removedFields ?? [],
        cut: (truncatedArrays ?? []).map(({ field, newSize }) => ({ field, size: Number(newSize) })),
      };
    }
    case 'delete':
      return isBackedUp(event.ns.coll)
        ? { collection: event.ns.coll, key: event.documentKey._id, type: 'delete' }
        : undefined;
    case 'drop':
      if (!isBackedUp(event.ns.coll)) return undefined;
      throw replaced();
    case 'rename':
      if (!isBackedUp(event.ns.coll) && !isBackedUp(event.to.coll)) return undefined;
      throw replaced();
    case 'dropDatabase':
    case 'invalidate':
      throw replaced();
    default:
      return undefined;
  }
}

const replaced = (): BackupError =>
  new BackupError(
    'The database was replaced while it was being read, by a restore for instance. Take the backup again.',
  );

export const encodeChange = (change: Change): Uint8Array => BSON.serialize(change, { ignoreUndefined: true });
export const decodeChange = (bytes: Uint8Array): Change => {
  const { collection, type, key, document, set, unset, cut } = BSON.deserialize(bytes, faithful) as Change & Document;
  const sizes = (cut as { field: string; size: unknown }[] | undefined)?.map(({ field, size }) => ({
    field,
    size: Number(size),
  }));
  return { collection, type, key, document, set, unset, cut: sizes } as Change;
};

/**
 * The writes of a change. A record's `rev` tells whether the reading had seen it: then nothing is to do. Documents
 * without one only have whole fields set and unset, which may be done twice.
 */
export function writesOf(change: Change): AnyBulkWriteOperation[] {
  const _id = change.key as never;
  switch (change.type) {
    case 'insert': {
      const { _id: _same, ...rest } = change.document;
      return [{ updateOne: { filter: { _id }, update: { $setOnInsert: rest }, upsert: true } }];
    }
    case 'replace': {
      const { rev } = change.document;
      return [{ replaceOne: { filter: older(_id, rev), replacement: change.document } }];
    }
    case 'update': {
      const { set, unset, cut } = change;
      const filter = older(_id, set['rev']);
      const $unset = Object.fromEntries(unset.map((field) => [field, true]));
      const update = {
        ...(Object.keys(set).length > 0 ? { $set: set } : {}),
        ...(unset.length > 0 ? { $unset } : {}),
      };
      return [
        // Before the fields are set: these carry the rev that says that all of it has been done.
        ...cut.map(({ field, size }) => ({
          updateOne: { filter, update: { $push: { [field]: { $each: [], $slice: size } } } as Document },
        })),
        ...(Object.keys(update).length > 0 ? [{ updateOne: { filter, update } }] : []),
      ];
    }
    case 'delete':
      return [{ deleteOne: { filter: { _id } } }];
  }
}

const older = (_id: never, rev: unknown): Document => (rev === undefined ? { _id } : { _id, rev: { $lt: rev } });
