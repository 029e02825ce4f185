import type { Connection } from 'mongoose';
import { Schema } from 'mongoose';

const fileSchema = new Schema(
  { _id: { type: String, required: true }, org: { type: String, required: true } },
  { collection: 'files', versionKey: false, autoIndex: false, autoCreate: false, strict: false },
);
// Those that nobody named are swept by their age.
fileSchema.index({ org: 1, at: 1 });

/** The model of files on a connection; bytes are read and written past it. */
export const fileModel = (connection: Connection) => connection.model('file', fileSchema);
