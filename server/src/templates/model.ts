import type { Connection } from 'mongoose';
import { Schema } from 'mongoose';

const templateSchema = new Schema(
  {
    _id: { type: String, required: true },
    org: { type: String, required: true },
    rev: { type: Number, required: true },
    name: { type: String, required: true },
    branch: { type: String, required: true },
    customer: { type: String, required: true },
    center: { type: String, required: true },
    driver: String,
    createdBy: { type: String, required: true },
    archivedAt: Number,
    createdAt: { type: Number, required: true },
  },
  { collection: 'templates', versionKey: false, autoIndex: false, autoCreate: false },
);
templateSchema.index({ org: 1, archivedAt: 1, _id: 1 });

/** The model of templates on a connection. Writes go through the journal only. */
export const templateModel = (connection: Connection) => connection.model('template', templateSchema);
