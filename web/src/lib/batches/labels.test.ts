import { expect, it } from 'vitest';
import { firstLabel, labelsTake, partLabelsAddress } from './labels.ts';

it.each([
  ['a4', undefined, 1],
  ['a4', 0, 1],
  ['a4', 7.9, 7],
  ['a4', 25, 24],
  ['letter', 31, 30],
  ['roll', 5, 1],
] as const)('on %s, %s is label %i', (size, from, first) => {
  expect(firstLabel(size, from)).toBe(first);
});

it.each([
  ['a4', 1, 1, '1 label on 1 sheet of 24'],
  ['a4', 24, 2, '24 labels on 2 sheets of 24'],
  ['letter', 60, 1, '60 labels on 2 sheets of 30'],
  ['roll', 3, 1, '3 labels of 57 × 32 mm, for a label printer'],
] as const)('on %s, %i from place %i: %s', (size, count, first, words) => {
  expect(labelsTake(size, count, first).replace(/\u00a0/g, ' ')).toBe(words);
});

it('addresses name the parts, the size and the place', () => {
  expect(partLabelsAddress(['P-1', 'A/2'], 'a4', 1)).toBe('/api/parts/labels.pdf?parts=P-1,A%2F2&size=a4');
  expect(partLabelsAddress(['P-1'], 'letter', 3)).toBe('/api/parts/labels.pdf?parts=P-1&size=letter&from=3');
});
