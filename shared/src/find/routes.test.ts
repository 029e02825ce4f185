import { describe, expect, it } from 'vitest';
import type { Route } from '../routes/schema.ts';
import { bestRoutes, foundRoute } from './routes.ts';

const names: { readonly [id: string]: string } = { dele: 'Dele Adeyemi', noor: 'Noor Dekker' };
const route = (n: number, given: Partial<Route> = {}): Route =>
  ({
    id: `r${n}`,
    reference: `R-${n}`,
    status: 'planned',
    day: '2026-03-02',
    driver: 'dele',
    stops: {},
    ...given,
  }) as Route;
const found = (routes: Route[], text: string): string[] =>
  bestRoutes(routes, text, ({ driver }) => driver && names[driver]).map(({ reference }) => reference);

describe('routes that are meant by a text', () => {
  const routes = [
    route(3, { day: '2026-03-01', status: 'finished' }),
    route(31, { day: '2026-03-04' }),
    route(30, { status: 'under_way', driver: 'noor' }),
    route(32, { day: '2026-03-03' }),
    route(4, { day: '2026-02-01', status: 'finished', archivedAt: 1 }),
    route(5, { day: '2026-02-28', status: 'finished' }),
  ];

  it('by reference or number: just that one first, then those on the road, then the next day', () => {
    for (const text of ['R-3', ' r-3 ', '3']) expect(found(routes, text)).toEqual(['R-3', 'R-30', 'R-32', 'R-31']);
    expect(found(routes, '-3')).toEqual([]);
    expect(found(routes, '  ')).toEqual([]);
    expect(found(routes, '4')).toEqual(['R-4']);
  });

  it('by the name of who drives it, not what is archived; of what is over the last one first', () => {
    expect(found(routes, 'adeye')).toEqual(['R-32', 'R-31', 'R-3', 'R-5']);
    expect(found(routes, 'NOOR')).toEqual(['R-30']);
    expect(found([route(1, { driver: undefined })], 'a')).toEqual([]);
  });

  it('tells how far it is', () => {
    const by = { at: 1, by: 'x' };
    const stop = { place: { kind: 'branch' as const, id: 'b' }, pickUp: [], handOver: [] };
    const stops = { a: { ...stop, departed: by }, b: { ...stop, skipped: { ...by, why: 'Closed' } }, c: stop };
    expect(foundRoute(route(1, { stops, archivedAt: 1 }), 'Dele')).toEqual({
      id: 'r1',
      reference: 'R-1',
      status: 'planned',
      day: '2026-03-02',
      driver: 'Dele',
      stops: 3,
      done: 2,
      archived: true,
    });
  });
});
