import type { Connection } from 'mongoose';
import { Schema } from 'mongoose';

const savedViewSchema = new Schema(
  {
    _id: { type: String, required: true },
    org: { type: String, required: true },
    rev: { type: Number, required: true },
    name: { type: String, required: true },
    page: { type: String, required: true },
    query: { type: String, default: '' },
    createdBy: { type: String, required: true },
    archivedAt: Number,
    createdAt: { type: Number, required: true },
  },
  { collection: 'savedViews', versionKey: false, autoIndex: false, autoCreate: false },
);
savedViewSchema.index({ org: 1, archivedAt: 1, _id: 1 });

/** The model of saved views on a connection. Writes go through the journal only. */
export const savedViewModel = (connection: Connection) => connection.model('savedView', savedViewSchema);
