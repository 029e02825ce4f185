import type { Connection } from 'mongoose';
import { Schema } from 'mongoose';

/**
 * Service batches as stored. `openParts` exists in storage only: the part IDs while the batch is neither completed nor
 * archived, absent when there are none. Its unique index keeps a part out of two open batches. So does `findWords`: what
 * an archived batch is found by (see `find-words.ts` of the journal).
 */
const batchSchema = new Schema(
  {
    _id: { type: String, required: true },
    org: { type: String, required: true },
    rev: { type: Number, required: true },
    reference: { type: String, required: true },
    branch: { type: String, required: true },
    customer: { type: String, required: true },
    center: { type: String, required: true },
    driver: String,
    route: String,
    status: { type: String, required: true },
    since: { type: Number, required: true },
    steps: { type: Schema.Types.Mixed, required: true },
    parts: { type: Schema.Types.Mixed, required: true },
    partCount: { type: Number, required: true },
    outCount: Number,
    handover: { type: Schema.Types.Mixed, default: undefined },
    splitFrom: String,
    dueAt: { type: Number, required: true },
    promisedAt: { type: Number, required: true },
    slaStart: String,
    provisional: Boolean,
    breachOf: Number,
    breachWithdrawn: { type: Schema.Types.Mixed, default: undefined },
    response: { type: Schema.Types.Mixed, default: undefined },
    notes: { type: Schema.Types.Mixed, default: undefined },
    noteCount: Number,
    createdAt: { type: Number, required: true },
    createdBy: { type: String, required: true },
    cancelledAt: Number,
    archivedAt: Number,
    erasedAt: Number,
    openParts: { type: [String], default: undefined },
    findWords: { type: [String], default: undefined },
  },
  { collection: 'batches', versionKey: false, minimize: false, autoIndex: false, autoCreate: false },
);
batchSchema.index({ org: 1, reference: 1 }, { unique: true });
batchSchema.index(
  { org: 1, openParts: 1 },
  { unique: true, partialFilterExpression: { openParts: { $exists: true } } },
);
// Archived batches are found by the beginning of a word.
batchSchema.index({ org: 1, findWords: 1 }, { partialFilterExpression: { findWords: { $exists: true } } });
// The live set is loaded along this one: equality with null finds what is not archived, in the order of ids.
batchSchema.index({ org: 1, archivedAt: 1, _id: 1 });

/** The model of service batches on a connection. Writes go through the journal only. */
export const batchModel = (connection: Connection) => connection.model('batch', batchSchema);
