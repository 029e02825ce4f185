import { expect, it } from 'vitest';
import { waitingOf, waitingWords } from './held.ts';

const rows = (ids: string) => [...ids].map((id) => ({ id }));

it.each([
  ['abc', 'abc', ''],
  ['abc', 'abcd', '1 new'],
  ['abc', 'dabec', '2 new'],
  ['abc', 'acb', 'Order changed'],
  ['abc', 'ab', 'Order changed'],
  ['abc', 'bad', '1 new, order changed'],
  ['', 'ab', '2 new'],
  ['ab', '', 'Order changed'],
])('%s shown, %s now: %j', (shown, now, words) => {
  expect(waitingWords(waitingOf(rows(shown), rows(now)))).toBe(words);
});
