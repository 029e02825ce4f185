import type { Route, Stop } from '@opsboard/shared/routes/schema';
import { describe, expect, it } from 'vitest';
import { currentStop, driversDay, jobsOf, nextStep, undoneAt } from './progress.ts';

const today = '2026-10-15';
const at = { at: 1_000, by: 'driver' };
const handled = { what: 'pick_up' as const, ...at, count: 2 };

const stop = (more: Partial<Stop> = {}): Stop => ({
  place: { kind: 'branch', id: 'north' },
  pickUp: [],
  handOver: [],
  ...more,
});

const route = (more: Partial<Route> = {}, stops: { [id: string]: Stop } = { a: stop(), b: stop() }): Route => ({
  id: 'r',
  org: 'o',
  rev: 1,
  reference: 'R-1',
  branch: 'north',
  day: today,
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

describe('the next thing to do', () => {
  const two = (first: Partial<Stop>, second: Partial<Stop> = {}) => ({ a: stop(first), b: stop(second) });
  it.each([
    ['a route of today is started', route({ status: 'planned' }), { do: 'start' }],
    ['one that was left over is started', route({ status: 'planned', day: '2026-10-14' }), { do: 'start' }],
    ['one of tomorrow waits', route({ status: 'planned', day: '2026-10-16' }), { do: 'nothing' }],
    ['one without stops waits', route({ status: 'planned' }, {}), { do: 'nothing' }],
    ['the first stop is driven to', route(), { do: 'arrive', stop: 'a' }],
    [
      'what is planned at a stop is done there, what leaves the vehicle first',
      route({}, two({ arrived: at, pickUp: ['p'], handOver: ['h'] })),
      {
        do: 'handle',
        stop: 'a',
        jobs: [
          { stop: 'a', batch: 'h', what: 'hand_over' },
          { stop: 'a', batch: 'p', what: 'pick_up' },
        ],
      },
    ],
    [
      'what was taken back is to be done again',
      route({}, two({ arrived: at, pickUp: ['p'], done: { p: { ...handled, takenBack: { ...at, why: 'wrong' } } } })),
      { do: 'handle', stop: 'a', jobs: [{ stop: 'a', batch: 'p', what: 'pick_up' }] },
    ],
    [
      'a stop where all is done is left',
      route({}, two({ arrived: at, pickUp: ['p'], done: { p: handled } })),
      { do: 'depart', stop: 'a', last: false },
    ],
    ['a stop without batches is left', route({}, two({ arrived: at })), { do: 'depart', stop: 'a', last: false }],
    ['the next stop is driven to', route({}, two({ arrived: at, departed: at })), { do: 'arrive', stop: 'b' }],
    [
      'leaving the last stop is the end',
      route({}, two({ arrived: at, departed: at }, { arrived: at })),
      { do: 'depart', stop: 'b', last: true },
    ],
    [
      'so it is where the one behind it was skipped',
      route({}, two({ arrived: at }, { skipped: { ...at, why: 'closed' } })),
      { do: 'depart', stop: 'a', last: true },
    ],
    [
      'nothing is left but to finish',
      route({}, two({ skipped: { ...at, why: 'closed' } }, { skipped: { ...at, why: 'closed' } })),
      { do: 'finish' },
    ],
    [
      'a stop reached out of order is the present one',
      route({}, two({}, { arrived: at })),
      { do: 'depart', stop: 'b', last: false },
    ],
    ['a finished route is over', route({ status: 'finished' }), { do: 'nothing' }],
    ['a cancelled one as well', route({ status: 'cancelled' }), { do: 'nothing' }],
  ])('%s', (_what, given, next) => expect(nextStep(given, today)).toEqual(next));
});

it('follows the order, not the order of the stops’ ids', () => {
  const given = { ...route(), order: ['b', 'a'] };
  expect(currentStop(given)?.id).toBe('b');
});

it('knows what is left at a stop', () => {
  const there = stop({ arrived: at, pickUp: ['p', 'q'], done: { p: handled } });
  expect(jobsOf('a', there).map(({ batch }) => batch)).toEqual(['p', 'q']);
  expect(undoneAt('a', there).map(({ batch }) => batch)).toEqual(['q']);
  expect(undoneAt('a', { ...there, departed: at })).toEqual([]);
});

describe('a driver’s day', () => {
  const named = (id: string, more: Partial<Route>): Route => route({ id, ...more });
  const ids = (routes: Iterable<Route>) => {
    const { current, today: rest, later } = driversDay(routes, 'driver', today);
    return { current: current?.id, today: rest.map(({ id }) => id), later: later.map(({ id }) => id) };
  };
  it.each([
    ['none', [], { current: undefined, today: [], later: [] }],
    [
      'the one under way comes first, whatever its day and time',
      [named('early', { status: 'planned', startAt: 1 }), named('on', { day: '2026-10-14', startAt: 9 })],
      { current: 'on', today: ['early'], later: [] },
    ],
    [
      'else the first that is still to be driven',
      [
        named('done', { status: 'finished', startAt: 1 }),
        named('late', { status: 'planned', startAt: 9 }),
        named('next', { status: 'planned', startAt: 5 }),
      ],
      { current: 'next', today: ['done', 'late'], later: [] },
    ],
    [
      'else the last one finished today',
      [named('one', { status: 'finished', startAt: 1 }), named('two', { status: 'finished', startAt: 2 })],
      { current: 'two', today: ['one'], later: [] },
    ],
    [
      'tomorrow is told apart; what was finished before today is not told',
      [
        named('old', { status: 'finished', day: '2026-10-14' }),
        named('tomorrow', { status: 'planned', day: '2026-10-16' }),
        named('left over', { status: 'planned', day: '2026-10-14' }),
      ],
      { current: 'left over', today: [], later: ['tomorrow'] },
    ],
    [
      'others’, cancelled and archived ones are not there',
      [
        named('theirs', { driver: 'somebody' }),
        named('cancelled', { status: 'cancelled' }),
        named('archived', { status: 'finished', archivedAt: 1 }),
      ],
      { current: undefined, today: [], later: [] },
    ],
  ])('%s', (_what, routes, expected) => expect(ids(routes)).toEqual(expected));
});
