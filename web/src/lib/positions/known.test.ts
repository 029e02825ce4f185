import { expect, it } from 'vitest';
import type { DriverPosition } from '@opsboard/shared/positions/schema';
import type { Position } from './known.ts';
import { takeNews } from './known.ts';

const at = (driver: string, time: number, more: Partial<{ route: string; heading: number | null }> = {}) =>
  [driver, more.route ?? 'r', 4.9, 52.37, time, more.heading ?? null, null] as DriverPosition;

it('all: everybody, and nobody else', () => {
  const known = new Map<string, Position>();
  expect(takeNews(known, { now: 9, all: true, drivers: [at('a', 1), at('b', 2, { heading: 90 })] })).toEqual({
    moved: ['a', 'b'],
    gone: [],
  });
  expect(known.get('a')).toEqual({ route: 'r', at: 1, point: [4.9, 52.37] });
  expect(known.get('b')).toMatchObject({ heading: 90 });
  expect(takeNews(known, { now: 9, all: true, drivers: [at('b', 2), at('c', 3)] })).toEqual({
    moved: ['c'],
    gone: ['a'],
  });
  expect([...known.keys()]).toEqual(['b', 'c']);
});

it('who moved, and who is gone', () => {
  const known = new Map<string, Position>();
  takeNews(known, { now: 9, all: true, drivers: [at('a', 1), at('b', 2)] });
  const heard = takeNews(known, { now: 9, drivers: [at('b', 5), at('c', 5)], gone: ['a', 'nobody'] });
  expect(heard).toEqual({ moved: ['b', 'c'], gone: ['a'] });
  expect([...known].map(([driver, { at }]) => [driver, at])).toEqual([
    ['b', 5],
    ['c', 5],
  ]);
});

it('a driver who begins another route has moved', () => {
  const known = new Map<string, Position>();
  takeNews(known, { now: 9, all: true, drivers: [at('a', 1)] });
  expect(takeNews(known, { now: 9, drivers: [at('a', 1, { route: 's' })] }).moved).toEqual(['a']);
  expect(known.get('a')!.route).toBe('s');
});
