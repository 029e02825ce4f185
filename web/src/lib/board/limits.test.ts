import { expect, it } from 'vitest';
import { limitWords, oneMoreWords, shortLimitWords } from './limits.ts';

it.each([
  [20, 19, 'limit 20', 'up to 20', ''],
  [20, 20, 'limit 20', 'up to 20', ', 1 over the limit'],
  [20, 22, 'limit 20, 2 over', '2 over 20', ', 3 over the limit'],
  [1_950, 2_133, 'limit 1950, 183 over', '183 over', ', 184 over the limit'],
])('a limit of %d with %d in the column', (limit, total, words, short, more) => {
  expect([limitWords(limit, total), shortLimitWords(limit, total), oneMoreWords(limit, total)]).toEqual([
    words,
    short,
    more,
  ]);
});

it('nothing is said of one more where there is no limit', () => expect(oneMoreWords(undefined, 99)).toBe(''));
