import type { PlannedStop, Stop } from '@opsboard/shared/routes/schema';
import { describe, expect, it } from 'vitest';
import { moved, orderFault, stillToDrive, withoutBatches, withoutStop, withStops } from './plan.ts';

/** `a+1-2`: the stop `a` at the place of that name, where 1 is picked up and 2 handed over. */
function stop(text: string): PlannedStop {
  const [, id = '', work = ''] = /^([a-z]+)(.*)$/.exec(text) ?? [];
  const found = (sign: string): string[] =>
    [...work.matchAll(/([+-])(\d+)/g)].flatMap(([, its, batch]) => (its === sign && batch ? [batch] : []));
  return { id, place: { kind: 'center', id }, pickUp: found('+'), handOver: found('-') };
}
const plan = (text: string): PlannedStop[] => text.split(' ').filter(Boolean).map(stop);
const words = (stops: readonly PlannedStop[]): string =>
  stops
    .map(
      ({ place, pickUp, handOver }) =>
        place.id + pickUp.map((b) => `+${b}`).join('') + handOver.map((b) => `-${b}`).join(''),
    )
    .join(' ');

describe('stops still to be driven', () => {
  it('are those that nobody has been at', () => {
    const at = { at: 1, by: 'd' };
    const { id: _a, ...a } = stop('a+1');
    const { id: _b, ...b } = stop('b-1');
    const stops: { [id: string]: Stop } = {
      a: { ...a, arrived: at, departed: at },
      b: { ...b, note: 'Ring twice', plannedAt: 5 },
      c: { ...b, skipped: { ...at, why: 'closed' } },
    };
    expect(stillToDrive({ order: ['a', 'b', 'c'], stops })).toEqual([
      { id: 'b', ...b, note: 'Ring twice', plannedAt: 5 },
    ]);
  });
});

describe('an order', () => {
  it.each([
    ['a', 2, 'b c a'],
    ['c', 0, 'c a b'],
    ['b', 1, 'a b c'],
    ['x', 0, 'a b c'],
  ])('%s to %i', (id, to, order) => expect(words(moved(plan('a b c'), id, to))).toBe(order));

  it.each([
    ['a+1 b-1', undefined],
    ['b-1 a+1', 'B-1 is picked up first, and handed over then'],
    // In the car already: nothing to pick up.
    ['b-1 a+2 c-2', undefined],
    ['a+1-1', undefined],
  ])('%s: %s', (text, fault) => expect(orderFault(plan(text), (batch) => `B-${batch}`)).toBe(fault));
});

describe('taken out', () => {
  it.each([
    ['a+1+2 b-1 c-2', ['1'], 'a+2 c-2'],
    ['a+1 b-1 c', ['1'], 'c'],
    ['a+1 b-1', ['9'], 'a+1 b-1'],
  ])('of %s the batches %j', (text, batches, left) =>
    expect(words(withoutBatches(plan(text), new Set(batches)))).toBe(left),
  );

  it.each([
    ['a+1+2 b-1 c-2', 'a', ''],
    ['a+1+2 b-1 c-2', 'b', 'a+2 c-2'],
    // In the car already: its other stops know nothing of it.
    ['a+2 b-1 c-2', 'b', 'a+2 c-2'],
    ['a b', 'x', 'a b'],
  ])('of %s the stop %s', (text, id, left) => expect(words(withoutStop(plan(text), id))).toBe(left));
});

describe('put in', () => {
  /** Places on a line, a at 0, b at 1 … */
  type Placed = Pick<PlannedStop, 'place'>;
  const metres = (one: Placed, other: Placed): number =>
    Math.abs(one.place.id.charCodeAt(0) - other.place.id.charCodeAt(0));
  const nowhere = (): undefined => undefined;
  const newId = (): string => 'new';

  it.each([
    ['', 'a+1 b-1', 'a+1 b-1'],
    ['a+1 f-1', 'b+2 d-2', 'a+1 b+2 d-2 f-1'],
    // Driven to anyway.
    ['a+1 f-1', 'a+2 f-2', 'a+1+2 f-1-2'],
    // Its place is driven to before the pick-up only: it is driven to once more.
    ['a+1 f-1', 'e+2 a-2', 'a+1 e+2 f-1 a-2'],
  ])('%j and %j is %j', (now, added, then) =>
    expect(words(withStops(plan(now), plan(added), { metres, newId }))).toBe(then),
  );

  it('knows where the way begins', () => {
    const start = { place: { kind: 'branch' as const, id: 'c' } };
    expect(words(withStops(plan('d+1 f-1'), plan('b+2'), { metres, newId, start }))).toBe('b+2 d+1 f-1');
    expect(words(withStops(plan('d+1 f-1'), plan('g+2'), { metres, newId, start }))).toBe('d+1 f-1 g+2');
  });

  it('goes to the end where no place is known', () =>
    expect(words(withStops(plan('a+1 f-1'), plan('b+2 d-2'), { metres: nowhere, newId }))).toBe('a+1 f-1 b+2 d-2'));

  it('gives two stops at one place two ids', () => {
    const ids = withStops(plan('x+1'), [{ ...stop('b+2'), handOver: ['1'] }], { metres, newId }).map(({ id }) => id);
    expect(new Set(ids).size).toBe(ids.length);
  });
});
