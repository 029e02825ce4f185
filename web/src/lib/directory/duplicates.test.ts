import { expect, test } from 'vitest';
import { likelyDuplicates, nameKey } from './duplicates.ts';

test.each([
  ['Vantor Retail', 'vantor  retail'],
  ['Vantor Retail', 'Retail, Vantor'],
  ['Vantor Retail GmbH', 'Vantor Retail'],
  ['Café Zoë', 'CAFE ZOE'],
  ['Novák s.r.o.', 'Novak'],
  ['Smith & Sons Ltd.', 'Smith and Sons'],
  ['Müller', 'Mu\u0308ller'],
])('%s and %s are likely the same', (a, b) => {
  expect(nameKey(a)).toBe(nameKey(b));
});

test.each([
  ['Vantor Retail', 'Vantor Repair'],
  ['Dock 4', 'Dock 5'],
  ['The Company', 'The Group'],
  ['東京', '大阪'],
])('%s and %s are not', (a, b) => {
  expect(nameKey(a)).not.toBe(nameKey(b));
});

test('groups hold two and more, in the order of names', () => {
  const named = ['B Ltd', 'C', 'b', 'A', 'a inc', '!!!', '???'].map((name, i) => ({ id: String(i), name }));
  expect(likelyDuplicates(named).map((group) => group.map(({ name }) => name))).toEqual([
    ['A', 'a inc'],
    ['b', 'B Ltd'],
  ]);
});
