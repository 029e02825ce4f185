import { z } from 'zod';
import { id, time } from '../protocol/scalars.ts';
import { mostPoints } from './times.ts';

/**
 * Where a phone was: `at` in milliseconds by the server's clock as the phone knows it, `point` as [longitude, latitude]
 * in degrees (WGS 84), `heading` in degrees from north, `speed` in metres a second, `accuracy` in metres.
 */
export const fix = z.strictObject({
  at: time,
  point: z.tuple([z.number().min(-180).max(180), z.number().min(-90).max(90)]),
  heading: z.number().min(0).max(360).optional(),
  speed: z.number().min(0).max(200).optional(),
  accuracy: z.number().min(0).max(100_000).optional(),
});
export type Fix = z.infer<typeof fix>;

/** What a phone sends while its route is under way: where it was, the oldest first. */
export const positionReport = z.strictObject({ route: id, points: z.array(fix).min(1).max(mostPoints) });
export type PositionReport = z.infer<typeof positionReport>;

/**
 * Where one driver is: person, route, longitude, latitude, when (milliseconds), heading (degrees), speed (metres a
 * second).
 */
export type DriverPosition = readonly [
  person: string,
  route: string,
  lon: number,
  lat: number,
  at: number,
  heading: number | null,
  speed: number | null,
];

/**
 * Where drivers are now: with `all` everybody (and nobody else), else those who have moved since, and those whose route
 * has ended or left one's sight, by person. `now` is the server's clock.
 */
export type PositionsNews = { now: number; all?: true; drivers: DriverPosition[]; gone?: string[] };

/** One point of a trail, as it is read: when, longitude, latitude, heading, speed; as in {@link DriverPosition}. */
export type TrailPoint = readonly [at: number, lon: number, lat: number, heading: number | null, speed: number | null];
