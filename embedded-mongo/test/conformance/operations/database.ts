import type { Document } from 'bson';
import type { Db, GridFSBucket } from 'mongodb';
import type { Readable } from 'node:stream';
import { entityOptions } from '../entities.ts';
import type { Handlers } from './handler.ts';

/** Operations on a database. */
export const databaseOperations: Handlers<Db> = {
  runCommand: async (db, { command, commandName, ...options }) => {
    void commandName;
    return await db.command(command, entityOptions(options));
  },
  aggregate: async (db, { pipeline, ...options }) => await db.aggregate(pipeline, options).toArray(),
  createCollection: async (db, { collection, ...options }) => {
    await db.createCollection(collection as string, options);
  },
  dropCollection: async (db, { collection, ...options }) => {
    await db.dropCollection(collection as string, options);
  },
  modifyCollection: async (db, { collection, ...options }) => await db.command({ collMod: collection, ...options }),
  listCollections: async (db, { filter, ...options }) => await db.listCollections(filter ?? {}, options).toArray(),
  listCollectionNames: async (db, { filter, ...options }) =>
    (await db.listCollections(filter ?? {}, { ...options, nameOnly: true }).toArray()).map(({ name }) => name),
  listCollectionObjects: async (db, options) =>
    (await db.collections(options)).map(({ collectionName }) => collectionName),
  createChangeStream: async (db, { pipeline, ...options }) => db.watch(pipeline, options),
};

/** Operations on a GridFS bucket, whose results are bytes. */
export const bucketOperations: Handlers<GridFSBucket> = {
  download: async (bucket, { id }) => await bytes(bucket.openDownloadStream(id)),
  downloadByName: async (bucket, { filename, ...options }) =>
    await bytes(bucket.openDownloadStreamByName(filename as string, options as Document)),
  delete: async (bucket, { id }) => await bucket.delete(id),
  upload: async (bucket, { filename, source, ...options }) => {
    const stream = bucket.openUploadStream(filename as string, options as Document);
    const done = new Promise((resolve, reject) => stream.once('finish', resolve).once('error', reject));
    stream.end(Buffer.from((source as { $$hexBytes: string }).$$hexBytes, 'hex'));
    await done;
    return stream.id;
  },
};

async function bytes(stream: Readable): Promise<Buffer> {
  const chunks: Buffer[] = [];
  for await (const chunk of stream) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks);
}
