import type { Point } from '@opsboard/shared/geo/distance';
import type { Fix } from '@opsboard/shared/positions/schema';
import { Drive } from '../simulate/drive.ts';
import { roadBetween } from './city/city.ts';
import type { Deed } from './history.ts';

/** How often a phone tells where it is while it moves, and while it stands, milliseconds. */
const moving = 5_000;
const standing = 15_000;

/** Where a route begins, and where its stops are. */
export type Places = { start: Point; stops: ReadonlyMap<string, Point> };

/**
 * Where a driver was while a route was driven, told from when they started, arrived and departed: along the streets in
 * the time between two stops, and at the door meanwhile.
 *
 * @param deeds what was done on this route, oldest first
 */
export function trailOf({ start, stops }: Places, deeds: readonly Deed[]): Fix[] {
  const fixes: Fix[] = [];
  let here = start;
  let since: number | undefined;
  for (const { at, command } of deeds) {
    const stop = (command.args as { stop?: string }).stop;
    const there = stop === undefined ? undefined : stops.get(stop);
    if (command.name === 'route.start') since = at;
    if (since === undefined) continue;
    if (command.name === 'route.arrive' && there) {
      fixes.push(...driven(here, there, since, at));
      [here, since] = [there, at];
    }
    if (command.name === 'route.depart') {
      for (let when = since + standing; when < at; when += standing)
        fixes.push({ at: when, point: [here[0], here[1]] });
      since = at;
    }
  }
  return fixes;
}

function* driven(from: Point, to: Point, begun: number, ended: number): Generator<Fix> {
  const drive = new Drive(roadBetween(from, to));
  const pace = drive.metres / (ended - begun);
  for (let at = begun; at <= ended; at += moving) {
    yield { at, point: [...drive.point], heading: drive.heading };
    drive.advance(pace * moving);
  }
}
