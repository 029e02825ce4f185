import type { Connection } from 'mongoose';
import { Schema } from 'mongoose';

const organizationSchema = new Schema(
  {
    _id: { type: String, required: true },
    org: { type: String, required: true },
    rev: { type: Number, required: true },
    name: { type: String, required: true },
    productName: String,
    logo: String,
    timeZone: { type: String, required: true },
    hours: { type: Schema.Types.Mixed, default: undefined },
    slaStart: String,
    atRiskPercent: Number,
    undoSeconds: { type: Number, required: true },
    archiveAfterDays: { type: Number, required: true },
    proof: { type: Schema.Types.Mixed, default: undefined },
    positionDays: Number,
    wipLimits: { type: Schema.Types.Mixed, default: undefined },
    retention: { type: Schema.Types.Mixed, default: undefined },
    createdAt: { type: Number, required: true },
  },
  { collection: 'organizations', versionKey: false, autoIndex: false, autoCreate: false },
);

/** The model of organizations on a connection. Writes go through the journal only. */
export const organizationModel = (connection: Connection) => connection.model('organization', organizationSchema);
