import type { Connection } from 'mongoose';
import { Schema } from 'mongoose';

const messageSchema = new Schema(
  {
    _id: { type: String, required: true },
    org: { type: String, required: true },
    rev: { type: Number, required: true },
    batch: { type: String, required: true },
    branch: { type: String, required: true },
    channel: { type: String, required: true },
    to: { type: String, required: true },
    subject: String,
    text: { type: String, required: true },
    state: { type: String, required: true },
    attempts: { type: Number, required: true },
    nextAt: Number,
    claimedAt: Number,
    settledAt: Number,
    why: String,
    createdAt: { type: Number, required: true },
    createdBy: { type: String, required: true },
    archivedAt: Number,
    erasedAt: Number,
  },
  { collection: 'messages', versionKey: false, autoIndex: false, autoCreate: false },
);
// Those of one batch, and those that wait or were left behind.
messageSchema.index({ org: 1, batch: 1, createdAt: 1 });
messageSchema.index({ org: 1, state: 1 });
// Those whose time is over.
messageSchema.index({ org: 1, createdAt: 1 });

/** The model of messages on a connection. Writes go through the journal only. */
export const messageModel = (connection: Connection) => connection.model('message', messageSchema);
