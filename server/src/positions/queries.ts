import type { Connection } from 'mongoose';
import type { TrailPoint } from '@opsboard/shared/positions/schema';
import type { StoredTrail } from './model.ts';
import { minuteMs, trailsIn } from './model.ts';

/** A part of a trail: from `from` up to, and without, `to` (milliseconds); at most so many points. */
export type TrailPart = { org: string; route: string; from: number; to: number; limit: number };
/** `next`: where the rest begins, when there is more. */
export type Trail = { points: TrailPoint[]; next?: number };

/** Reads where a route's driver was, the oldest first. */
export async function readTrail(connection: Connection, part: TrailPart): Promise<Trail> {
  const { org, route, from, to, limit } = part;
  const found = trailsIn(connection).find({
    // Everything that begins with the route's id: `0` follows the slash.
    _id: { $gte: `${route}/`, $lt: `${route}0` },
    org,
    minute: { $gt: from - minuteMs, $lt: to },
  });
  const points: TrailPoint[] = [];
  for await (const document of found) points.push(...pointsOf(document, from, to));
  // A route that was given to another driver has two rows of minutes.
  points.sort(([at], [other]) => at - other);
  if (points.length <= limit) return { points };
  const next = points[limit]![0];
  // All points of one moment stay together, so that none is read twice or never.
  return { points: points.slice(0, limit).filter(([at]) => at < next), next };
}

function* pointsOf({ minute, points }: StoredTrail, from: number, to: number): Generator<TrailPoint> {
  for (const [ms, [lon, lat, heading, speed]] of Object.entries(points)) {
    const at = minute + Number(ms);
    if (at >= from && at < to) yield [at, lon, lat, heading, speed];
  }
}
