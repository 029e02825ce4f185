import type { Batch } from '@opsboard/shared/batches/schema';
import { expect, it } from 'vitest';
import { differenceOf, listed, lookUp } from './count.ts';

const parts = (...ids: string[]): Batch['parts'] => Object.fromEntries(ids.map((id) => [id, { addedAt: 0 }]));
const lost: Batch['parts'] = { 'P-9': { addedAt: 0, out: { how: 'lost', at: 1, by: 'desk', why: 'gone' } } };

const lists = new Map([
  ['one', { ...parts('P-10', 'P-2'), ...lost }],
  ['two', parts('P-3', 'P-2')],
]);

it('lists what must be there, as people number it', () => expect(listed(lists.get('one')!)).toEqual(['P-2', 'P-10']));

it.each([
  ['P-10', 'one', [], { is: 'ticked', batch: 'one' }],
  ['P-10', 'one', ['P-10'], { is: 'again', batch: 'one' }],
  ['P-3', 'one', [], { is: 'ticked', batch: 'two' }],
  ['P-2', 'two', [], { is: 'ticked', batch: 'two' }],
  ['P-9', 'one', [], { is: 'out', batch: 'one', how: 'lost' }],
  ['P-77', 'one', [], { is: 'stranger' }],
  ['constructor', 'one', [], { is: 'stranger' }],
])('%s with %s in hand and %j ticked', (part, inHand, ticked, seen) =>
  expect(lookUp(part, lists, inHand, new Set(ticked))).toEqual(seen),
);

it('names what is missing and what is too much; what another batch lists is neither', () => {
  const list = lists.get('one')!;
  expect(differenceOf(list, new Set(['P-2', 'P-10', 'P-3']), [])).toBeUndefined();
  expect(differenceOf(list, new Set(['P-2']), [])).toEqual({ expected: 2, counted: 1, missing: ['P-10'], extra: [] });
  expect(differenceOf(list, new Set(['P-2', 'P-10']), ['P-77'])).toEqual({
    expected: 2,
    counted: 3,
    missing: [],
    extra: ['P-77'],
  });
});
