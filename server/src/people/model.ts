import type { Connection } from 'mongoose';
import { Schema } from 'mongoose';

const personSchema = new Schema(
  {
    _id: { type: String, required: true },
    org: { type: String, required: true },
    rev: { type: Number, required: true },
    name: { type: String, required: true },
    email: { type: String, required: true },
    phone: String,
    role: { type: String, required: true },
    branches: { type: [String], default: undefined },
    passwordHash: String,
    invitedAt: Number,
    joinedAt: Number,
    linksSince: Number,
    inactiveAt: Number,
    createdAt: { type: Number, required: true },
    archivedAt: Number,
    erasedAt: Number,
  },
  { collection: 'people', versionKey: false, autoIndex: false, autoCreate: false },
);
// Signing in names an address, not an organization: an address belongs to one person of all organizations.
personSchema.index({ email: 1 }, { unique: true });
personSchema.index({ org: 1, archivedAt: 1, _id: 1 });

const sessionSchema = new Schema(
  {
    _id: { type: String, required: true },
    org: { type: String, required: true },
    rev: { type: Number, required: true },
    person: { type: String, required: true },
    tokenHash: { type: String, required: true },
    device: String,
    createdAt: { type: Number, required: true },
    expiresAt: { type: Number, required: true },
    renewedAt: Number,
    endedAt: Number,
  },
  { collection: 'sessions', versionKey: false, autoIndex: false, autoCreate: false },
);
sessionSchema.index({ tokenHash: 1 }, { unique: true });
sessionSchema.index({ org: 1, endedAt: 1, expiresAt: 1 });
sessionSchema.index({ org: 1, person: 1, createdAt: 1 });

const linkSchema = new Schema(
  {
    _id: { type: String, required: true },
    org: { type: String, required: true },
    rev: { type: Number, required: true },
    purpose: { type: String, required: true },
    person: { type: String, required: true },
    tokenHash: { type: String, required: true },
    createdAt: { type: Number, required: true },
    createdBy: String,
    expiresAt: { type: Number, required: true },
    usedAt: Number,
    revokedAt: Number,
    mail: Object,
  },
  { collection: 'links', versionKey: false, autoIndex: false, autoCreate: false },
);
// Who brings a token names no organization.
linkSchema.index({ tokenHash: 1 }, { unique: true });
linkSchema.index({ org: 1, person: 1, createdAt: 1 });

/** The models of people, their sessions and the links to them on a connection. Writes go through the journal only. */
export const personModel = (connection: Connection) => connection.model('person', personSchema);
export const sessionModel = (connection: Connection) => connection.model('session', sessionSchema);
export const linkModel = (connection: Connection) => connection.model('link', linkSchema);
