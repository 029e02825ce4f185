import { expect, it } from 'vitest';
import { progressOf, stopsOf } from './progress.ts';
import type { Stop } from './schema.ts';

const at = { at: 1_000, by: 'driver' };
const stop = (more: Partial<Stop> = {}): Stop => ({
  place: { kind: 'branch', id: 'north' },
  pickUp: [],
  handOver: [],
  ...more,
});

it('follows the order, not the order of the stops’ ids', () =>
  expect(stopsOf({ stops: { a: stop(), b: stop() }, order: ['b', 'a'] }).map(({ id, n }) => `${n} ${id}`)).toEqual([
    '1 b',
    '2 a',
  ]));

it('counts stops that were left, served or not', () => {
  const stops = {
    a: stop({ arrived: at, departed: at }),
    b: stop({ skipped: { ...at, why: 'closed' } }),
    c: stop({ arrived: at }),
    d: stop(),
  };
  expect(progressOf({ stops, order: Object.keys(stops) })).toEqual({ done: 2, of: 4 });
});
