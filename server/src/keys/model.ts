import type { Connection } from 'mongoose';
import { Schema } from 'mongoose';

const keySchema = new Schema(
  {
    _id: { type: String, required: true },
    org: { type: String, required: true },
    rev: { type: Number, required: true },
    name: { type: String, required: true },
    scopes: { type: [String], required: true },
    branches: { type: [String], default: undefined },
    tokenHash: { type: String, required: true },
    hint: { type: String, required: true },
    createdAt: { type: Number, required: true },
    createdBy: { type: String, required: true },
    expiresAt: Number,
    revokedAt: Number,
    archivedAt: Number,
  },
  { collection: 'apiKeys', versionKey: false, autoIndex: false, autoCreate: false },
);
keySchema.index({ tokenHash: 1 }, { unique: true });
keySchema.index({ org: 1, archivedAt: 1, _id: 1 });

/** The model of API keys on a connection. Writes go through the journal only. */
export const keyModel = (connection: Connection) => connection.model('apiKey', keySchema);

/** When a key was last used, milliseconds since the epoch: no change of anything, and so not in the journal. */
export type StoredUse = { _id: string; org: string; at: number };
export const keyUses = (connection: Connection) => connection.collection<StoredUse>('keyUses');
