import { describe, expect, it } from 'vitest';
import { planChanges, planChangeWords } from './changes.ts';
import type { Route, Stop } from './schema.ts';

const stop = (more: Partial<Stop> = {}): Stop => ({
  place: { kind: 'customer', id: 'c' },
  pickUp: [],
  handOver: [],
  ...more,
});
const plan = (stops: { [id: string]: Stop }, more: Partial<Route> = {}) => ({
  stops,
  order: Object.keys(stops),
  day: '2026-03-02',
  ...more,
});
const [a, b, c] = [stop(), stop(), stop()];
const arrived = stop({ arrived: { at: 1, by: 'd' } });

describe('what changed between two plans', () => {
  it.each<[string, ReturnType<typeof plan>, ReturnType<typeof plan>, object[]]>([
    ['nothing', plan({ a, b }), plan({ a, b }), []],
    ['a stop more', plan({ a }), plan({ a, b }), [{ what: 'added', stop: 'b' }]],
    ['a stop less', plan({ a, b }), plan({ a }), [{ what: 'dropped', stop: 'b' }]],
    ['one moved: the others stayed', plan({ a, b, c }), plan({ b, c, a }), [{ what: 'moved', stop: 'a' }]],
    [
      'work',
      plan({ a: stop({ pickUp: ['1'] }) }),
      plan({ a: stop({ pickUp: ['2'] }) }),
      [{ what: 'pick_up', stop: 'a', added: ['2'], dropped: ['1'] }],
    ],
    [
      'a time and a note',
      plan({ a }),
      plan({ a: stop({ to: 5, note: 'N' }) }),
      [
        { what: 'window', stop: 'a' },
        { what: 'note', stop: 'a' },
      ],
    ],
    [
      'another place',
      plan({ a }),
      plan({ a: stop({ place: { kind: 'branch', id: 'n' } }) }),
      [{ what: 'place', stop: 'a' }],
    ],
    [
      'the route itself',
      plan({ a }),
      plan({ a }, { startAt: 1, vehicle: 'V', day: '2026-03-03', driver: 'd' }),
      [{ what: 'departure' }, { what: 'vehicle' }, { what: 'day' }, { what: 'driver' }],
    ],
    ['what the driver did is no change', plan({ a, b }), plan({ a: arrived, b }), []],
    ['nor the order in which they went', plan({ a, b, c }), plan({ b: arrived, a, c }), []],
    ['nor what was left', plan({ a: arrived, b }), plan({ b }), []],
  ])('%s', (_what, before, after, expected) => {
    expect(planChanges(before, after)).toEqual(expected);
  });

  it('in words', () => {
    const names = { place: (id: string) => `Stop ${id}`, batch: (id: string) => `B-${id}` };
    expect(planChangeWords({ what: 'hand_over', stop: '2', added: ['7'], dropped: ['8'] }, names)).toBe(
      'Stop 2: Hand over B-7 as well. No longer hand over B-8',
    );
    expect(planChangeWords({ what: 'added', stop: '2' }, names)).toBe('Stop 2 was added');
  });
});
