import { distance } from '@opsboard/shared/geo/distance';
import { describe, expect, it } from 'vitest';
import type { Deed } from './history.ts';
import { trailOf } from './trails.ts';
import { branchPlaces, centers } from './world.ts';

const [start, there] = [branchPlaces[0].position, centers[0]!.position];
const deed = (at: number, name: string, stop?: string): Deed =>
  ({
    at,
    actor: { person: 'd' },
    command: { commandId: String(at), name, args: { id: 'r', stop } },
  }) as unknown as Deed;

describe('the way of a route of the demo', () => {
  const deeds = [deed(0, 'route.start'), deed(600_000, 'route.arrive', 's'), deed(700_000, 'route.depart', 's')];
  const way = trailOf({ start, stops: new Map([['s', there]]) }, deeds);

  it('begins where the route begins, and is at the stop when it was arrived at', () => {
    expect(distance(way[0]!.point, start)).toBeLessThan(60);
    expect(distance(way.findLast(({ at }) => at <= 600_000)!.point, there)).toBeLessThan(120);
  });

  it('goes on without a leap, and stands at the stop until it departs', () => {
    for (const [i, { at, point }] of way.entries()) {
      const next = way[i + 1];
      if (!next) break;
      expect(next.at).toBeGreaterThan(at);
      expect(distance(point, next.point), `after ${at} ms`).toBeLessThan(200);
    }
    const stood = way.filter(({ at }) => at > 600_000);
    expect(stood.length).toBeGreaterThan(3);
    expect(stood.every(({ at }) => at < 700_000)).toBe(true);
    expect(new Set(stood.map(({ point }) => point.join())).size).toBe(1);
  });

  it('of a route that was not started is none', () => {
    expect(trailOf({ start, stops: new Map() }, deeds.slice(1))).toEqual([]);
  });
});
