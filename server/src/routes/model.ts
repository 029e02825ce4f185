import type { Connection } from 'mongoose';
import { Schema } from 'mongoose';

const mixed = { type: Schema.Types.Mixed, default: undefined };

const routeSchema = new Schema(
  {
    _id: { type: String, required: true },
    org: { type: String, required: true },
    rev: { type: Number, required: true },
    reference: { type: String, required: true },
    branch: { type: String, required: true },
    day: { type: String, required: true },
    status: { type: String, required: true },
    driver: String,
    formerDrivers: { type: [String], default: undefined },
    vehicle: String,
    startAt: Number,
    stops: { type: Schema.Types.Mixed, required: true },
    order: { type: [String], required: true },
    plan: { type: Number, required: true },
    edited: { type: Number, required: true },
    acknowledged: mixed,
    problems: mixed,
    places: mixed,
    receivers: mixed,
    startedAt: Number,
    finishedAt: Number,
    cancelledAt: Number,
    createdAt: { type: Number, required: true },
    createdBy: { type: String, required: true },
    archivedAt: Number,
    erasedAt: Number,
  },
  { collection: 'routes', versionKey: false, minimize: false, autoIndex: false, autoCreate: false },
);
routeSchema.index({ org: 1, reference: 1 }, { unique: true });
// Archived routes are listed by their day.
routeSchema.index({ org: 1, day: 1, _id: 1 });
// The live set is loaded along this one, as batches are.
routeSchema.index({ org: 1, archivedAt: 1, _id: 1 });

/** The model of routes on a connection. Writes go through the journal only. */
export const routeModel = (connection: Connection) => connection.model('route', routeSchema);
