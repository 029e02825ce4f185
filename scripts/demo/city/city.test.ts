import { describe, expect, it } from 'vitest';
import type { Point } from '@opsboard/shared/geo/distance';
import { branchPlaces, centers, customers } from '../world.ts';
import { city, crossingNear, inTunnel, metresBetween, roadBetween } from './city.ts';
import { inside } from './ground.ts';

const wet = (place: Point): boolean => city.areas.some((area) => area.kind === 'water' && inside(area.ring, place));
const lengthOf = (line: readonly Point[]): number =>
  line.slice(1).reduce((sum, place, i) => sum + metresBetween(line[i]!, place), 0);

describe('the invented city', () => {
  it('is small enough to be sent to a page', () => {
    expect(JSON.stringify(city).length).toBeLessThan(160_000);
  });
  it('is always the same', () => {
    // Another town would leave yesterday’s demo worlds with doors in the middle of a field.
    expect(crossingNear([4.9, 52.372])).toEqual([4.90123, 52.37165]);
  });
  it('leads from every crossing to every other', () => {
    const joined = new Map<number, Set<number>>();
    for (const { nodes } of city.roads) {
      for (let i = 1; i < nodes.length; i++) {
        for (const [a, b] of [
          [nodes[i - 1]!, nodes[i]!],
          [nodes[i]!, nodes[i - 1]!],
        ] as const) {
          joined.set(a, (joined.get(a) ?? new Set()).add(b));
        }
      }
    }
    const reached = new Set([0]);
    for (const node of reached) for (const next of joined.get(node) ?? []) reached.add(next);
    expect(reached.size).toBe(city.nodes.length);
  });
  it('has water that only bridges and the tunnel cross', () => {
    const crossing = city.roads.filter(({ nodes }) => nodes.some((node) => wet(city.nodes[node]!)));
    expect(crossing.length).toBeGreaterThan(3);
    for (const { kind, name } of crossing) expect([kind === 'side', name]).toEqual([false, expect.any(String)]);
    expect(crossing.filter(({ tunnel }) => tunnel)).toHaveLength(1);
  });
  it('has every door of the demo world on a crossing, on dry ground', () => {
    for (const { position } of [...branchPlaces, ...centers, ...customers]) {
      expect(city.nodes).toContainEqual(position);
      expect(wet(position)).toBe(false);
    }
  });
});

describe('roads', () => {
  it('follow the streets and are little longer than the crow flies', () => {
    const crossings = new Set(city.nodes.map((node) => node.join()));
    const doors = [...branchPlaces, ...centers].map(({ position }) => position);
    for (const from of doors) {
      for (const to of doors) {
        if (from === to) continue;
        const road = roadBetween(from, to);
        expect(road[0]).toEqual(from);
        expect(road.at(-1)).toEqual(to);
        expect(lengthOf(road)).toBeLessThan(2.4 * metresBetween(from, to) + 600);
        expect(road.filter((place) => !crossings.has(place.join()))).toEqual([]);
      }
    }
  });
  it('run through the tunnel from one side of the bay to the other', () => {
    const under = city.roads.find(({ tunnel }) => tunnel)!;
    const ends = [city.nodes[under.nodes[0]!]!, city.nodes[under.nodes.at(-1)!]!] as const;
    const road = roadBetween(...ends);
    expect(road.filter(inTunnel).length).toBeGreaterThan(1);
    expect(inTunnel([4.9, 52.372])).toBe(false);
  });
});
