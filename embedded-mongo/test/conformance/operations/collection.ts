import type { Document } from 'bson';
import type { AnyBulkWriteOperation, Collection, IndexSpecification } from 'mongodb';
import { bulkWriteResult, updateResult } from '../results.ts';
import { lowerReturnDocument, type Handlers } from './handler.ts';

/** Operations on a collection. What is not an argument of its own is passed on as an option, whatever it is. */
export const collectionOperations: Handlers<Collection> = {
  insertOne: async (collection, { document, ...options }) => ({ ...(await collection.insertOne(document, options)) }),
  insertMany: async (collection, { documents, ...options }) => ({
    ...(await collection.insertMany(documents, options)),
  }),
  updateOne: async (collection, { filter, update, ...options }) =>
    updateResult(await collection.updateOne(filter, update, options)),
  updateMany: async (collection, { filter, update, ...options }) =>
    updateResult(await collection.updateMany(filter, update, options)),
  replaceOne: async (collection, { filter, replacement, ...options }) =>
    updateResult(await collection.replaceOne(filter, replacement, options)),
  deleteOne: async (collection, { filter, ...options }) => ({ ...(await collection.deleteOne(filter, options)) }),
  deleteMany: async (collection, { filter, ...options }) => ({ ...(await collection.deleteMany(filter, options)) }),
  bulkWrite: async (collection, { requests, ...options }) =>
    bulkWriteResult(await collection.bulkWrite(requests as AnyBulkWriteOperation[], options)),
  findOneAndUpdate: async (collection, { filter, update, ...options }) =>
    await collection.findOneAndUpdate(filter, update, lowerReturnDocument(options)),
  findOneAndReplace: async (collection, { filter, replacement, ...options }) =>
    await collection.findOneAndReplace(filter, replacement, lowerReturnDocument(options)),
  findOneAndDelete: async (collection, { filter, ...options }) => await collection.findOneAndDelete(filter, options),

  find: async (collection, { filter, ...options }) => await collection.find(filter, options).toArray(),
  findOne: async (collection, { filter, ...options }) => await collection.findOne(filter, options),
  createFindCursor: async (collection, { filter, ...options }) => collection.find(filter, options),
  aggregate: async (collection, { pipeline, ...options }) => await collection.aggregate(pipeline, options).toArray(),
  count: async (collection, { filter, ...options }) => await collection.count(filter, options),
  countDocuments: async (collection, { filter, ...options }) => await collection.countDocuments(filter, options),
  estimatedDocumentCount: async (collection, options) => await collection.estimatedDocumentCount(options),
  distinct: async (collection, { fieldName, filter, ...options }) =>
    await collection.distinct(fieldName, filter, options),
  createChangeStream: async (collection, { pipeline, ...options }) => collection.watch(pipeline, options),

  createIndex: async (collection, { keys, ...options }) =>
    await collection.createIndex(keys as IndexSpecification, options),
  dropIndex: async (collection, { name, ...options }) => await collection.dropIndex(name as string, options),
  dropIndexes: async (collection, options) => await collection.dropIndexes(options),
  listIndexes: async (collection, options) => await collection.listIndexes(options).toArray(),
  listIndexNames: async (collection, options) =>
    (await collection.listIndexes(options).toArray()).map((index: Document) => index['name'] as string),
  rename: async (collection, { to, ...options }) => {
    // The result is a collection of the driver's, which no case compares.
    await collection.rename(to as string, options);
  },
  drop: async (collection, options) => await collection.drop(options),
};
