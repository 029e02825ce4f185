import type { Connection } from 'mongoose';
import { Schema } from 'mongoose';

const partSchema = new Schema(
  {
    _id: { type: String, required: true },
    org: { type: String, required: true },
    rev: { type: Number, required: true },
    partId: { type: String, required: true },
    label: { type: String, required: true },
    customer: String,
    archivedAt: Number,
    createdAt: { type: Number, required: true },
  },
  { collection: 'parts', versionKey: false, autoIndex: false, autoCreate: false },
);
// A part ID is described once.
partSchema.index({ org: 1, partId: 1 }, { unique: true });
// Those of one customer, to list them and to move them when it is merged into another one.
partSchema.index({ org: 1, customer: 1, partId: 1 }, { partialFilterExpression: { customer: { $exists: true } } });

/** The model of what is known of parts, on a connection. Writes go through the journal only. */
export const partModel = (connection: Connection) => connection.model('part', partSchema);
