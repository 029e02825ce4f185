import { describe, expect, it } from 'vitest';
import { arrivals, lateAfter, roadTime, timeAtStop, wasLateBy } from './arrival.ts';
import type { Route, Stop } from './schema.ts';

const now = Date.UTC(2026, 2, 2, 9);
const minute = 60_000;
const by = (at: number) => ({ at, by: 'driver' });
const at = (km: number): [number, number] => [10, 50 + km / 111.195];
const stop = (more: Partial<Stop> = {}): Stop => ({
  place: { kind: 'customer', id: 'c' },
  pickUp: [],
  handOver: [],
  ...more,
});
const routeOf = (stops: { [id: string]: Stop }, more: Partial<Route> = {}) => ({
  status: 'under_way' as const,
  startedAt: now,
  stops,
  order: Object.keys(stops),
  places: Object.fromEntries(Object.keys(stops).map((id, i) => [id, { name: id, position: at(10 * (i + 1)) }])),
  ...more,
});
/** 10 km × 1.35 at 30 km/h: 27 minutes. */
const tenKm = 27 * minute;
const inMinutes = (route: Parameters<typeof arrivals>[0], given: Parameters<typeof arrivals>[1]) =>
  Object.fromEntries(
    [...arrivals(route, given)].map(([id, { expected }]) => [id, Math.round((expected - now) / minute)]),
  );

describe('expected arrivals', () => {
  it('ten kilometres as the crow flies take 27 minutes', () => {
    expect(Math.abs(roadTime(at(0), at(10)) - tenKm)).toBeLessThan(1000);
    expect(roadTime(undefined, at(10))).toBe(0);
  });

  it.each([
    [
      'planned, from the branch at the departure',
      routeOf({ a: stop(), b: stop() }, { status: 'planned', startedAt: undefined, startAt: now + 10 * minute }),
      {},
      { a: 37, b: 72 },
    ],
    [
      'planned, and its departure has passed',
      routeOf({ a: stop() }, { status: 'planned', startedAt: undefined, startAt: now - 60 * minute }),
      {},
      { a: 27 },
    ],
    ['under way, from where the driver is', routeOf({ a: stop(), b: stop() }), { position: at(5) }, { a: 14, b: 49 }],
    ['under way without a position, from the start', routeOf({ a: stop() }), {}, { a: 27 }],
    ['nobody arrives in the past', routeOf({ a: stop() }, { startedAt: now - 300 * minute }), {}, { a: 0 }],
    [
      'at a stop: the next one from there, after the time that a stop takes',
      routeOf({ a: stop({ arrived: by(now - 3 * minute) }), b: stop() }),
      { position: at(10) },
      { a: -3, b: 32 },
    ],
    [
      'at a stop for long: the next one from now',
      routeOf({ a: stop({ arrived: by(now - 30 * minute) }), b: stop() }),
      {},
      { a: -30, b: 27 },
    ],
    [
      'from the last stop, when it was left',
      routeOf(
        { a: stop({ arrived: by(now - 20 * minute), departed: by(now - 7 * minute) }), b: stop() },
        { startedAt: now - 60 * minute },
      ),
      {},
      { b: 20 },
    ],
    [
      'a stop that was left out was not driven to',
      routeOf({ a: stop({ skipped: { ...by(now), why: 'W' } }), b: stop() }),
      {},
      { b: 54 },
    ],
    ['waits for a window', routeOf({ a: stop({ from: now + 60 * minute }), b: stop() }), {}, { a: 27, b: 95 }],
    ['a place that is not known costs no road', routeOf({ a: stop(), b: stop() }, { places: {} }), {}, { a: 0, b: 8 }],
  ] as const)('%s', (_what, route, given, expected) => {
    expect(inMinutes(route as never, { start: at(0), now, ...given })).toEqual(expected);
  });

  it('a route that is over expects nothing', () => {
    expect(arrivals({ ...routeOf({ a: stop() }), status: 'cancelled' }, { now }).size).toBe(0);
  });

  it.each([
    ['after its window', stop({ to: now + 20 * minute }), 7],
    ['inside its window', stop({ to: now + 28 * minute }), 0],
    ['after its planned time and some', stop({ plannedAt: now }), 27 - lateAfter / minute],
    ['nothing planned', stop(), 0],
  ])('is late before it is: %s', (_what, one, minutes) => {
    const { lateBy } = arrivals(routeOf({ a: one }), { start: at(0), now }).get('a')!;
    expect(Math.round(lateBy / minute)).toBe(minutes);
  });

  it('was late', () => {
    expect(wasLateBy(stop({ to: now, arrived: by(now + minute) }))).toBe(minute);
    expect(wasLateBy(stop({ to: now }))).toBe(0);
    expect(timeAtStop).toBe(8 * minute);
  });
});
