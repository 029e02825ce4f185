import { expect, it } from 'vitest';
import { noFilter } from '@opsboard/shared/batches/filter';
import { addressWith } from './address.ts';

const url = (query: string) => new URL(`http://board.test/operations/batches${query}`);

it.each([
  ['?status=draft&sort=-dueAt', { filter: { ...noFilter, q: 'x y' } }, '?sort=-dueAt&q=x+y'],
  ['?status=draft&lanes=driver', { filter: noFilter }, '?lanes=driver'],
  ['?status=draft&sort=-dueAt', { own: { sort: 'parts' } }, '?status=draft&sort=parts'],
  ['?status=draft&status=sealed&sort=-dueAt', { own: { sort: undefined } }, '?status=draft&status=sealed'],
  ['?sort=-dueAt', { own: { sort: undefined } }, ''],
])('%s with %j', (from, change, to) => {
  expect(addressWith(url(from), change)).toBe(`/operations/batches${to}`);
});
