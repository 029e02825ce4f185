import type { Document } from 'bson';
import type { AbstractCursor, ChangeStream, ClientBulkWriteModel, ClientSession, MongoClient } from 'mongodb';
import { clientBulkWriteResult } from '../results.ts';
import type { Handlers } from './handler.ts';

/** Operations on a client. */
export const clientOperations: Handlers<MongoClient> = {
  clientBulkWrite: async (client, { models, ...options }) =>
    clientBulkWriteResult(await client.bulkWrite((models as Document[]).map(bulkModel), options)),
  listDatabases: async (client, options) => (await client.db().admin().listDatabases(options)).databases,
  listDatabaseNames: async (client, options) =>
    (
      await client
        .db()
        .admin()
        .listDatabases({ ...options, nameOnly: true })
    ).databases.map(({ name }) => name),
  createChangeStream: async (client, { pipeline, ...options }) => client.watch(pipeline, options),
  close: async (client) => await client.close(),
};

function bulkModel(model: Document): ClientBulkWriteModel<Document> {
  const [name, settings] = Object.entries(model)[0] as [string, Document];
  return { name, ...settings } as ClientBulkWriteModel<Document>;
}

/** Operations on a session, except for `withTransaction`, which runs other operations. */
export const sessionOperations: Handlers<ClientSession> = {
  startTransaction: async (session, options) => session.startTransaction(options),
  commitTransaction: async (session, options) => await session.commitTransaction(options),
  abortTransaction: async (session, options) => await session.abortTransaction(options),
  endSession: async (session) => await session.endSession(),
  getSnapshotTime: async (session) => (session as unknown as { snapshotTime: unknown }).snapshotTime,
};

/** Operations on a change stream. */
export const changeStreamOperations: Handlers<ChangeStream> = {
  iterateUntilDocumentOrError: async (stream) => await stream.next(),
  iterateOnce: async (stream) => await stream.tryNext(),
  close: async (stream) => await stream.close(),
};

/** Operations on a cursor that an earlier step saved. */
export const cursorOperations: Handlers<AbstractCursor<Document>> = {
  iterateUntilDocumentOrError: async (cursor) => await cursor.next(),
  iterateOnce: async (cursor) => await cursor.tryNext(),
  close: async (cursor) => await cursor.close(),
};
