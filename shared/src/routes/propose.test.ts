import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { loadOf } from './load.ts';
import type { Orderable } from './propose.ts';
import { proposeOrder, proposeStops } from './propose.ts';

const batch = (id: string, status: string, branch = 'north', center = 'x') =>
  ({ id, status, branch, center }) as Parameters<typeof proposeStops>[0] extends Iterable<infer B> ? B : never;
const counting = () => {
  let next = 0;
  return () => `s${++next}`;
};

describe('stops for batches', () => {
  it('what goes out is loaded first, what comes back is unloaded last, a center is visited once', () => {
    const stops = proposeStops(
      [
        batch('out', 'sealed'),
        batch('back', 'at_center'),
        batch('road', 'in_transit_back'),
        batch('far', 'sealed', 'south', 'y'),
        batch('draft', 'draft'),
      ],
      counting(),
    );
    expect(stops.map(({ place, pickUp, handOver }) => [place.id, pickUp, handOver])).toEqual([
      ['north', ['out'], []],
      ['south', ['far'], []],
      ['x', ['back'], ['out']],
      ['y', [], ['far']],
      ['north', [], ['back', 'road']],
    ]);
  });
});

const point = (x: number, y: number): [number, number] => [10 + x / 100, 50 + y / 100];
const stop = (id: string, position: [number, number], more: Partial<Orderable> = {}): Orderable => ({
  id,
  position,
  pickUp: [],
  handOver: [],
  ...more,
});

describe('order of stops', () => {
  it('a way that crosses itself is untangled, and what is saved is told', () => {
    const square = [stop('a', point(0, 1)), stop('c', point(1, 0)), stop('b', point(1, 1))];
    const { order, metres, savedMetres } = proposeOrder(square, point(0, 0));
    expect([order.join(''), order.toReversed().join('')]).toContain('abc');
    expect(savedMetres).toBeGreaterThan(0);
    expect(metres).toBeGreaterThan(4_000);
  });

  it('what is best already stays, and saves nothing', () => {
    expect(proposeOrder([stop('a', point(1, 0)), stop('b', point(2, 0))], point(0, 0))).toMatchObject({
      order: ['a', 'b'],
      savedMetres: 0,
    });
  });

  it('a window is kept rather than the shortest way', () => {
    const now = Date.UTC(2026, 2, 2, 9);
    const stops = [stop('near', point(1, 0)), stop('far', point(10, 0), { to: now + 25 * 60_000 })];
    expect(proposeOrder(stops, point(0, 0)).order).toEqual(['near', 'far']);
    expect(proposeOrder(stops, point(0, 0), now).order).toEqual(['far', 'near']);
  });

  it('without places, and without stops', () => {
    expect(proposeOrder([])).toEqual({ order: [], metres: 0, savedMetres: 0 });
    expect(proposeOrder([{ id: 'a', pickUp: [], handOver: [] }], point(0, 0)).order).toEqual(['a']);
  });

  it('every stop once, nothing handed over before it is picked up, and never longer than what was given', () => {
    fc.assert(
      fc.property(
        fc.array(fc.tuple(fc.integer({ min: -50, max: 50 }), fc.integer({ min: -50, max: 50 })), { maxLength: 12 }),
        fc.array(fc.tuple(fc.nat(11), fc.nat(11)), { maxLength: 8 }),
        (places, pairs) => {
          const stops = places.map(([x, y], i) => stop(`${i}`, point(x, y)));
          pairs.forEach(([from, to], i) => {
            if (from >= to || to >= stops.length) return;
            stops[from]!.pickUp.push(`b${i}`);
            stops[to]!.handOver.push(`b${i}`);
          });
          const { order, savedMetres, metres } = proposeOrder(stops, point(0, 0));
          expect(order.toSorted()).toEqual(stops.map(({ id }) => id).toSorted());
          for (const { id, pickUp } of stops)
            for (const other of stops)
              if (other.handOver.some((one) => pickUp.includes(one)))
                expect(order.indexOf(id)).toBeLessThan(order.indexOf(other.id));
          expect(savedMetres).toBeGreaterThanOrEqual(0);
          expect(metres).toBeGreaterThanOrEqual(0);
        },
      ),
      { numRuns: 60 },
    );
  });

  it('sixty stops are proposed while somebody waits', () => {
    let seed = 7;
    const random = () => (seed = (seed * 16_807) % 2_147_483_647) / 2_147_483_647;
    const stops = Array.from({ length: 60 }, (_, i) => stop(`${i}`, point(random() * 20, random() * 20)));
    const began = performance.now();
    const { savedMetres } = proposeOrder(stops, point(10, 10));
    expect(savedMetres).toBeGreaterThan(100_000);
    expect(performance.now() - began).toBeLessThan(3000);
  });
});

it('a driver’s load is that of their routes of the day, each batch once', () => {
  const route = (more: object) => ({ driver: 'd', day: '2026-03-02', status: 'planned' as const, stops: {}, ...more });
  const place = { kind: 'center' as const, id: 'x' };
  const load = loadOf(
    [
      route({
        startAt: 100,
        stops: {
          a: { place, pickUp: ['b1', 'b2'], handOver: [], plannedAt: 200 },
          b: { place, pickUp: [], handOver: ['b1'], to: 400 },
        },
      }),
      route({ stops: { c: { place, pickUp: ['b3'], handOver: [] } } }),
      route({ status: 'cancelled', stops: { d: { place, pickUp: ['b4'], handOver: [] } } }),
      route({ driver: 'other', stops: { e: { place, pickUp: ['b5'], handOver: [] } } }),
      route({ day: '2026-03-03', stops: { f: { place, pickUp: ['b6'], handOver: [] } } }),
    ],
    'd',
    '2026-03-02',
    (id) => ({ b1: 3, b2: 4 })[id],
  );
  expect(load).toEqual({ routes: 2, stops: 3, batches: 3, parts: 7, first: 100, last: 400 });
});
