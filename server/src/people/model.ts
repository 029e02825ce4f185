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
    totp: { type: { secret: String, since: Number }, default: undefined, _id: false },
    secondFactor: Boolean,
    recoveryHashes: { type: [String], default: undefined },
    external: { type: { issuer: String, subject: String }, default: undefined, _id: false },
    inactiveAt: Number,
    createdAt: { type: Number, required: true },
    archivedAt: Number,
    erasedAt: Number,
  },
  { collection: 'people', versionKey: false, autoIndex: false, autoCreate: false },
);
// Signing in names an address, not an organization: an address belongs to one person of all organizations.
personSchema.index({ email: 1 }, { unique: true });
// An account at a provider signs in one person of all organizations, too.
personSchema.index(
  { 'external.issuer': 1, 'external.subject': 1 },
  { unique: true, partialFilterExpression: { 'external.subject': { $exists: true } } },
);
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

// Not records: a code that was used is only remembered for as long as it could be used again.
const usedCodeSchema = new Schema(
  { _id: { type: String, required: true }, expiresAt: { type: Date, required: true } },
  { collection: 'usedCodes', versionKey: false, autoIndex: false, autoCreate: false },
);
usedCodeSchema.index({ expiresAt: 1 }, { expireAfterSeconds: 0 });

/** The model of the second factor's used codes. */
export const usedCodeModel = (connection: Connection) => connection.model('usedCode', usedCodeSchema);
/** The models of people, their sessions and the links to them on a connection. Writes go through the journal only. */
export const personModel = (connection: Connection) => connection.model('person', personSchema);
export const sessionModel = (connection: Connection) => connection.model('session', sessionSchema);
export const linkModel = (connection: Connection) => connection.model('link', linkSchema);
