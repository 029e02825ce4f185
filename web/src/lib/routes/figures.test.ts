import type { Problem, Route, Stop } from '@opsboard/shared/routes/schema';
import { describe, expect, it } from 'vitest';
import { isUnseen, mismatchesOf, openProblems, placeOnRoute } from './figures.ts';
import { flagsOf } from './flags.ts';
import { timesOf, withTimes } from './times.ts';

const at = { at: 10, by: 'driver' };
const stop = (more: Partial<Stop> = {}): Stop => ({
  place: { kind: 'center', id: 'center' },
  pickUp: [],
  handOver: [],
  ...more,
});
const problem = (more: Partial<Problem> = {}): Problem => ({ at: 5, by: 'driver', reason: 'closed', ...more });
const route = (stops: { [id: string]: Stop }, more: Partial<Route> = {}): Route => ({
  id: 'route',
  org: 'org',
  rev: 1,
  reference: 'R-1',
  branch: 'branch',
  day: '2026-10-15',
  status: 'under_way',
  driver: 'driver',
  stops,
  order: Object.keys(stops),
  plan: 1,
  edited: 1,
  createdAt: 0,
  createdBy: 'desk',
  ...more,
});
const home = stop({ pickUp: ['1', '2'], arrived: at, departed: at, done: done('1') });
function done(batch: string, more: object = {}): NonNullable<Stop['done']> {
  return { [batch]: { what: 'pick_up', ...at, count: 3, ...more } };
}

describe('a driver has not seen', () => {
  it.each([
    ['a plan that was never confirmed', {}, true],
    ['a change after what was confirmed', { plan: 3, acknowledged: { plan: 2, at: 1 } }, true],
    ['nothing, once all is confirmed', { plan: 3, acknowledged: { plan: 3, at: 1 } }, false],
    ['nothing of a route that is over', { status: 'finished' }, false],
    ['nothing of a route without driver', { driver: undefined }, false],
  ] as [string, Partial<Route>, boolean][])('%s', (_, more, unseen) =>
    expect(isUnseen(route({ a: stop() }, more))).toBe(unseen),
  );
});

describe('problems', () => {
  it('are open until a desk settles them, the oldest first', () =>
    expect(
      openProblems(
        route({}, { problems: { a: problem({ at: 9 }), b: problem(), c: problem({ at: 1, resolved: at }) } }),
      ).map(({ id }) => id),
    ).toEqual(['b', 'a']));
});

describe('what was not as expected', () => {
  it.each([
    [{}, 0],
    [{ expected: 4 }, 1],
    [{ missing: ['P-1'] }, 1],
    [{ extra: ['P-1'] }, 1],
    [{ missing: [], extra: [] }, 0],
  ])('%j', (more, count) => expect(mismatchesOf(route({ a: stop({ done: done('1', more) }) }))).toHaveLength(count));
});

describe('where a batch is on its route', () => {
  const stops = { a: home, b: stop({ handOver: ['1'] }), c: stop({ handOver: ['2'] }) };
  it.each([
    ['1', { stop: 'b', number: 2, what: 'hand_over', done: false }],
    // Left behind where it should have been picked up: the next thing is still ahead of it.
    ['2', { stop: 'c', number: 3, what: 'hand_over', done: false }],
    ['9', undefined],
  ])('%s', (batch, where) => expect(placeOnRoute(route(stops), batch)).toEqual(where));
  it('is the last stop, when all is done', () =>
    expect(placeOnRoute(route({ a: home, b: stop({ handOver: ['1'], departed: at }) }), '1')).toMatchObject({
      stop: 'b',
      done: true,
    }));
});

describe('flags on the board', () => {
  const flags = (one: Route): object => Object.fromEntries(flagsOf([one]));
  it('a problem of a stop is one of what still waits there', () =>
    expect(
      flags(route({ a: stop({ pickUp: ['1', '2'], done: done('1') }) }, { problems: { p: problem({ stop: 'a' }) } })),
    ).toEqual({ 2: { of: 'problem', at: 5, words: 'Problem on R-1: Closed' } }));
  it('a problem of a batch is its own, also on a route that is over', () =>
    expect(flags(route({}, { status: 'finished', problems: { p: problem({ batch: '7' }) } }))).toHaveProperty('7'));
  it('what is settled is none', () =>
    expect(flags(route({}, { problems: { p: problem({ batch: '7', resolved: at }) } }))).toEqual({}));
  it('a count that differed is one, unless it was taken back', () => {
    expect(flags(route({ a: stop({ done: done('1', { expected: 4 }) }) }))).toEqual({
      1: { of: 'count', at: 10, words: 'Not as expected on R-1' },
    });
    expect(flags(route({ a: stop({ done: done('1', { expected: 4, takenBack: { ...at, why: 'wrong' } }) }) }))).toEqual(
      {},
    );
  });
  it('a problem is said before a count', () =>
    expect(
      flags(
        route({ a: stop({ done: done('1', { expected: 4 }) }) }, { problems: { p: problem({ batch: '1', at: 1 }) } }),
      ),
    ).toMatchObject({ 1: { of: 'problem' } }));
});

describe('expected times', () => {
  const minute = 60_000;
  const start = 1_000 * minute;
  const ahead = route({ a: stop({ plannedAt: start }), b: stop({ to: start + minute }) }, { startedAt: start });
  it('of stops that are ahead only, with those late among them', () => {
    const times = timesOf(ahead, { now: start });
    expect([...times.stops.keys()]).toEqual(['a', 'b']);
    // Eight minutes at the first, and the second closes after one.
    expect(times.late).toBe(1);
    expect(times.end).toBe(times.stops.get('b')?.expected);
  });
  it('are none of a route that is over', () =>
    expect(timesOf({ ...ahead, status: 'finished' }, { now: start }).stops.size).toBe(0));
  it('become the planned ones of another order, by the way between the places', () => {
    const places: { [id: string]: [number, number] } = { x: [4.9, 52.37], y: [5, 52.37] };
    const planned = withTimes(
      { status: 'planned', order: [], stops: {}, startAt: start },
      [
        { id: 'a', place: { kind: 'center', id: 'y' }, pickUp: [], handOver: [] },
        { id: 'b', place: { kind: 'center', id: 'x' }, pickUp: [], handOver: [] },
      ],
      { now: 0, start: places['x'] },
      ({ id }) => places[id],
    );
    const [first = 0, second = 0] = planned.map(({ plannedAt }) => plannedAt);
    expect(first).toBeGreaterThan(start + 10 * minute);
    // As far back, and the time at the first; by whole minutes.
    expect(Math.abs(second - first - (first - start + 8 * minute))).toBeLessThanOrEqual(minute);
    expect([first % minute, second % minute]).toEqual([0, 0]);
  });
});
