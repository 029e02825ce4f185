import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Place } from '@opsboard/shared/presence/schema';
import type { Said } from './said.ts';
import { mergeSaid, saidOf } from './said.ts';

const board: Place = { page: 'board' };
const [one, two, three] = ['one', 'two', 'three'].map((batch): Place => ({ batch }));
const at = (place: Place | undefined, since: number, moving?: string): Said =>
  saidOf({ place: place!, ...(moving ? { moving } : {}) }, since)!;

const places = fc.constantFrom<Place>(board, { page: 'batches' }, { page: 'dashboard' }, one!, two!, three!);
const word = fc
  .record({ place: places, since: fc.nat(5), moving: fc.option(fc.constantFrom('one', 'two'), { nil: undefined }) })
  .map(({ place, since, moving }) => at(place, since, moving));

describe('[P3] one person out of many tabs', () => {
  it('a tab that is nowhere says nothing of its person', () => {
    expect(saidOf({ place: null, moving: 'one' }, 1)).toBeUndefined();
    expect(mergeSaid([])).toBeUndefined();
  });

  it('tabs at one place count once, and the latest place comes first', () => {
    const said = mergeSaid([at(board, 1), at(one, 2), at(board, 3)]);
    expect(said?.at.map(({ place }) => place)).toEqual([board, one]);
  });

  it('three places at most: the one from long ago is not told', () => {
    const said = mergeSaid([at(board, 1), at(one, 2), at(two, 3), at(three, 4)]);
    expect(said?.at.map(({ place }) => place)).toEqual([three, two, one]);
  });

  it('the card taken last is the one in hand, also where its tab is not the latest', () => {
    const said = mergeSaid([at(board, 5), at(one, 2, 'one'), at(two, 3, 'two')]);
    expect(said?.moving?.batch).toBe('two');
  });

  it('it makes no difference in which order words come, or which were merged before', () => {
    fc.assert(
      fc.property(
        fc.array(word, { minLength: 1, maxLength: 6 }),
        fc.array(word, { minLength: 1, maxLength: 6 }),
        (a, b) => {
          const whole = mergeSaid([...a, ...b]);
          expect(mergeSaid([mergeSaid(b)!, mergeSaid(a)!])).toEqual(whole);
          expect(mergeSaid([...b, ...a].toReversed())).toEqual(whole);
          expect(mergeSaid([whole!, whole!])).toEqual(whole);
        },
      ),
    );
  });
});
