import { expect, it } from 'vitest';
import type { Point } from './distance.ts';
import { distance } from './distance.ts';

it.each<[string, Point, Point, number, number]>([
  ['the same place', [4.9, 52.37], [4.9, 52.37], 0, 0],
  ['a degree along the equator', [0, 0], [1, 0], 111_195, 1],
  ['a degree north', [4.9, 52], [4.9, 53], 111_195, 1],
  ['a degree east at 60° north is half of one', [10, 60], [11, 60], 55_597, 5],
  ['across the date line', [179.5, 0], [-179.5, 0], 111_195, 1],
  ['from pole to pole', [0, 90], [77, -90], 20_015_115, 10],
  ['a few streets', [4.912, 52.371], [4.9135, 52.371], 101.8, 0.2],
])('%s', (_what, from, to, metres, tolerance) => {
  expect(Math.abs(distance(from, to) - metres)).toBeLessThanOrEqual(tolerance);
  expect(distance(to, from)).toBe(distance(from, to));
});
