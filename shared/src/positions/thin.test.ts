import { describe, expect, it } from 'vitest';
import type { Fix } from './schema.ts';
import { fix, positionReport } from './schema.ts';
import { saysMore, thinned } from './thin.ts';

const begin = 1_790_000_000_000;
/** A fix so many seconds after the beginning, so many metres east of it. */
const fixAt = (seconds: number, metres: number, more: Partial<Fix> = {}): Fix => ({
  at: begin + seconds * 1_000,
  point: [4.9 + metres / 67_900, 52.37],
  ...more,
});

it.each<[string, Fix | undefined, Fix, boolean]>([
  ['the first one', undefined, fixAt(0, 0), true],
  ['the first one, if it is too coarse', undefined, fixAt(0, 0, { accuracy: 501 }), false],
  ['a second later at the same place', fixAt(0, 0), fixAt(1, 0), false],
  ['24 metres on', fixAt(0, 0), fixAt(3, 24), false],
  ['26 metres on', fixAt(0, 0), fixAt(3, 26), true],
  ['15 seconds later at the same place', fixAt(0, 0), fixAt(15, 0), true],
  ['just before that', fixAt(0, 0), fixAt(14.999, 0), false],
  ['40 metres on, known to 60 metres: it may be standing', fixAt(0, 0), fixAt(3, 40, { accuracy: 60 }), false],
  ['as much, when the last one was the coarse one', fixAt(0, 0, { accuracy: 60 }), fixAt(3, 40), false],
  ['70 metres on, known to 60 metres', fixAt(0, 0), fixAt(3, 70, { accuracy: 60 }), true],
  ['the same again', fixAt(0, 0), fixAt(0, 0), false],
  ['an older one that comes late', fixAt(30, 0), fixAt(3, 400), false],
])('%s', (_what, last, next, expected) => expect(saysMore(last, next)).toBe(expected));

it('a phone that stands says so every 15 seconds, one that drives every 25 metres', () => {
  const stands = Array.from({ length: 121 }, (_, second) => fixAt(second, second % 3));
  expect(thinned(stands).map(({ at }) => (at - begin) / 1_000)).toEqual([0, 15, 30, 45, 60, 75, 90, 105, 120]);
  const drives = Array.from({ length: 121 }, (_, second) => fixAt(second, second * 10));
  expect(thinned(drives)).toHaveLength(41);
});

describe('what a phone may send', () => {
  const good = fixAt(0, 0, { heading: 359.9, speed: 13.4, accuracy: 8 });
  it('takes what a phone knows', () => expect(fix.parse(good)).toEqual(good));
  it.each<[string, object]>([
    ['a longitude of 181', { point: [181, 52] }],
    ['a latitude of −91', { point: [4, -91] }],
    ['NaN', { point: [Number.NaN, 52] }],
    ['infinity', { point: [4, Number.POSITIVE_INFINITY] }],
    ['nothing for a number', { point: [null, 52] }],
    ['text for a number', { point: ['4', 52] }],
    ['three numbers', { point: [4, 52, 7] }],
    ['a time in seconds', { at: 1_790_000_000 }],
    ['half a millisecond', { at: begin + 0.5 }],
    ['a heading of 361', { heading: 361 }],
    ['speed backwards', { speed: -1 }],
    ['a word more', { battery: 0.3 }],
  ])('not %s', (_what, wrong) => expect(fix.safeParse({ ...good, ...wrong }).success).toBe(false));

  const route = '01990000-0000-7000-8000-000000000001';
  it.each([0, 601])('not %i points at once', (count) => {
    const points = Array.from({ length: count }, (_, i) => fixAt(i, i));
    expect(positionReport.safeParse({ route, points }).success).toBe(false);
  });
  it('600 points at once', () => {
    const points = Array.from({ length: 600 }, (_, i) => fixAt(i, i));
    expect(positionReport.safeParse({ route, points }).success).toBe(true);
  });
});
