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
  mergedInto: String,
} as const;

const options = (collection: string) =>
  ({ collection, versionKey: false, autoIndex: false, autoCreate: false }) as const;

/** [longitude, latitude]. */
const position = { type: [Number], default: undefined } as const;

const branchSchema = new Schema({ ...base, address: String, phone: String, position }, options('branches'));
const warehouseSchema = new Schema({ ...base, branch: String, address: String, position }, options('warehouses'));
const vendorSchema = new Schema(
  { ...base, contactEmail: String, contactPhone: String, address: String },
  options('vendors'),
);
const teamSchema = new Schema(
  { ...base, members: { type: [String], required: true }, branches: { type: [String], default: undefined } },
  options('teams'),
);
const customerSchema = new Schema(
  {
    ...base,
    slaHours: { type: Number, required: true },
    contactEmail: String,
    contactPhone: String,
    address: String,
    position,
    language: String,
  },
  options('customers'),
);
const centerSchema = new Schema(
  {
    ...base,
    phone: String,
    address: String,
    position,
    hours: { type: Schema.Types.Mixed, default: undefined },
    holidays: { type: [Schema.Types.Mixed], default: undefined },
  },
  options('centers'),
);
for (const schema of [branchSchema, warehouseSchema, vendorSchema, customerSchema, centerSchema, teamSchema]) {
  // All of them are loaded, archived ones too, in the order of their ids.
  schema.index({ org: 1, _id: 1 });
}

/** The models of the directory on a connection. Writes go through the journal only. */
export const branchModel = (connection: Connection) => connection.model('branch', branchSchema);
export const warehouseModel = (connection: Connection) => connection.model('warehouse', warehouseSchema);
export const vendorModel = (connection: Connection) => connection.model('vendor', vendorSchema);
export const customerModel = (connection: Connection) => connection.model('customer', customerSchema);
export const centerModel = (connection: Connection) => connection.model('center', centerSchema);
export const teamModel = (connection: Connection) => connection.model('team', teamSchema);
