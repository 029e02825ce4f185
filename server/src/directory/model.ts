import type { Connection } from 'mongoose';
import { Schema } from 'mongoose';

const base = {
  _id: { type: String, required: true },
  org: { type: String, required: true },
  rev: { type: Number, required: true },
  name: { type: String, required: true },
  timeZone: String,
  createdAt: { type: Number, required: true },
  archivedAt: Number,
} as const;

const options = (collection: string) =>
  ({ collection, versionKey: false, autoIndex: false, autoCreate: false }) as const;

const branchSchema = new Schema(base, options('branches'));
const customerSchema = new Schema(
  { ...base, slaHours: { type: Number, required: true }, contactEmail: String, contactPhone: String, language: String },
  options('customers'),
);
const centerSchema = new Schema(
  {
    ...base,
    phone: String,
    address: String,
    position: { type: [Number], default: undefined },
    hours: { type: Schema.Types.Mixed, default: undefined },
    holidays: { type: [Schema.Types.Mixed], default: undefined },
  },
  options('centers'),
);
for (const schema of [branchSchema, customerSchema, centerSchema]) schema.index({ org: 1, archivedAt: 1, _id: 1 });

/** The models of the directory on a connection. Writes go through the journal only. */
export const branchModel = (connection: Connection) => connection.model('branch', branchSchema);
export const customerModel = (connection: Connection) => connection.model('customer', customerSchema);
export const centerModel = (connection: Connection) => connection.model('center', centerSchema);
