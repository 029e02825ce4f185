import type { Connection } from 'mongoose';
import { Schema } from 'mongoose';

/** One point of a trail: longitude, latitude, heading, speed, accuracy. */
export type StoredPoint = [
  lon: number,
  lat: number,
  heading: number | null,
  speed: number | null,
  accuracy: number | null,
];

/**
 * Where one driver was during one minute of one route. `minute` is its beginning (milliseconds since the epoch);
 * `points` are by the milliseconds since then, so that the same point sent twice is there once.
 */
export type StoredTrail = {
  /** Route, driver and minute in one text that sorts in that order: a route's trail needs no index of its own. */
  _id: string;
  org: string;
  route: string;
  driver: string;
  minute: number;
  points: { [ms: string]: StoredPoint };
  /** The database deletes it by itself after this. */
  expireAt: Date;
};

export const minuteMs = 60_000;
export const trailId = (route: string, driver: string, minute: number): string =>
  `${route}/${driver}/${String(minute / minuteMs).padStart(9, '0')}`;

const trailSchema = new Schema(
  { _id: { type: String, required: true }, org: String, driver: String, minute: Number, expireAt: Date },
  { collection: 'trails', versionKey: false, autoIndex: false, autoCreate: false, minimize: false, strict: false },
);
trailSchema.index({ expireAt: 1 }, { expireAfterSeconds: 0 });
// For an organization that keeps them for a shorter time from now on, and for a driver who is erased.
trailSchema.index({ org: 1, minute: 1 });
trailSchema.index({ org: 1, driver: 1 });

/** The model of trails on a connection. They are no records: nothing of them goes through the journal. */
export const trailModel = (connection: Connection) => connection.model('trail', trailSchema);
export const trailsIn = (connection: Connection) => connection.collection<StoredTrail>('trails');
