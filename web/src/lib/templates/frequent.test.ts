import { expect, it } from 'vitest';
import { frequentOf } from './frequent.ts';

const made = (customer: string, center: string, createdAt: number, driver?: string) => ({
  customer,
  center,
  branch: 'north',
  createdAt,
  ...(driver ? { driver } : {}),
});

it('what came up at least three times, the most frequent first, whoever drove; the later one before its equal', () => {
  const batches = [
    ...[1, 2, 3].map((at) => made('acme', 'near', at)),
    ...[4, 5, 6].map((at) => made('birch', 'near', at, at === 4 ? 'bo' : undefined)),
    ...[1, 2, 3, 4].map((at) => made('acme', 'far', at)),
    ...[7, 8].map((at) => made('cedar', 'far', at)),
  ];
  expect(frequentOf(batches, 3).map(({ customer, center, times }) => [customer, center, times])).toEqual([
    ['acme', 'far', 4],
    ['birch', 'near', 3],
    ['acme', 'near', 3],
  ]);
  expect(frequentOf(batches, 1)).toEqual([{ customer: 'acme', center: 'far', branch: 'north', times: 4 }]);
  expect(frequentOf([], 3)).toEqual([]);
});
