import { describe, expect, it } from 'vitest';
import { countWords, daysFault } from './words.ts';

describe('what would be deleted, in words', () => {
  it.each([
    [{}, undefined],
    [{ batches: 0, links: 0 }, undefined],
    [{ batches: 1 }, '1 archived batch'],
    [{ links: 1, messages: 1200 }, '1,200 messages and 1 used link'],
    [{ batches: 2, messages: 3, files: 1 }, '2 archived batches, 3 messages, and 1 file that nothing names'],
  ])('%o', (counts, expected) => expect(countWords(counts)).toBe(expected));
});

describe('days', () => {
  it.each([
    ['archivedBatchesDays', null, true],
    ['archivedBatchesDays', 90, true],
    ['archivedBatchesDays', 89, false],
    ['sessionsDays', 7, true],
    ['sessionsDays', 7.5, false],
    ['messagesDays', 36_501, false],
  ] as const)('%s: %s', (name, days, fine) => expect(daysFault(name, days) === undefined).toBe(fine));
});
