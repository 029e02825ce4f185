import type { Connection, Model } from 'mongoose';
import { Schema } from 'mongoose';
import { accessModel } from '../access/model.ts';
import { batchModel } from '../batches/model.ts';
import { keyModel } from '../keys/model.ts';
import { fileModel } from '../files/model.ts';
import { branchModel, centerModel, customerModel, teamModel, vendorModel, warehouseModel } from '../directory/model.ts';
import { messageModel } from '../messages/model.ts';
import { organizationModel } from '../organization/model.ts';
import { partModel } from '../parts/model.ts';
import { linkModel, personModel, sessionModel, usedCodeModel } from '../people/model.ts';
import { routeModel } from '../routes/model.ts';
import { trailModel } from '../positions/model.ts';
import { templateModel } from '../templates/model.ts';
import { savedViewModel } from '../views/model.ts';

const options = (collection: string) =>
  ({ collection, versionKey: false, autoIndex: false, autoCreate: false, minimize: false, strict: false }) as const;

// `_id` is organization and seq in one text that sorts by seq: the dense order needs no second index.
const entrySchema = new Schema({ _id: { type: String, required: true } }, options('journal'));
// A record's history. Ids are unique over all organizations and kinds, so they alone make a short key.
entrySchema.index({ id: 1, seq: 1 });

// `_id` is organization and command id in one text.
const receiptSchema = new Schema({ _id: { type: String, required: true }, expiresAt: Date }, options('receipts'));
receiptSchema.index({ expiresAt: 1 }, { expireAfterSeconds: 0 });

const counterSchema = new Schema(
  { _id: { type: String, required: true }, seq: { type: Number, required: true } },
  options('counters'),
);
// `_id` is the id of a session.
const laneSchema = new Schema({ _id: { type: Buffer, required: true }, org: String, at: Date }, options('lanes'));
laneSchema.index({ org: 1 });
const metaSchema = new Schema({ _id: { type: String, required: true } }, options('meta'));

/** Declares every model on the connection. */
export function declareModels(connection: Connection): Model<unknown>[] {
  return [
    organizationModel(connection),
    branchModel(connection),
    warehouseModel(connection),
    vendorModel(connection),
    customerModel(connection),
    centerModel(connection),
    teamModel(connection),
    personModel(connection),
    sessionModel(connection),
    linkModel(connection),
    usedCodeModel(connection),
    batchModel(connection),
    routeModel(connection),
    templateModel(connection),
    savedViewModel(connection),
    partModel(connection),
    messageModel(connection),
    keyModel(connection),
    accessModel(connection),
    trailModel(connection),
    fileModel(connection),
    connection.model('entry', entrySchema),
    connection.model('receipt', receiptSchema),
    connection.model('counter', counterSchema),
    connection.model('lane', laneSchema),
    connection.model('meta', metaSchema),
  ] as unknown as Model<unknown>[];
}

/**
 * Declares every model on the connection and creates what is missing of collections and indexes. Collections come
 * first of all, because a transaction should not have to create one.
 */
export async function prepareModels(connection: Connection): Promise<void> {
  for (const model of declareModels(connection)) {
    await model.createCollection().catch((error: unknown) => {
      // Another process was faster.
      if ((error as { code?: number }).code !== 48) throw error;
    });
    await model.createIndexes();
  }
}
