import { allKinds } from '@opsboard/shared/protocol/kinds';
import { describe, expect, it } from 'vitest';
import { kindWords, pageOf, queryFrom, queryText, verbWords } from './filter.ts';

describe('the address of the access log', () => {
  it('is what the server takes, and comes back as it was', () => {
    const text = 'who=person%3A1&what=read&kind=batch&record=B-2041&from=2026-10-01&to=2026-10-15';
    expect(queryText(queryFrom(new URLSearchParams(text)))).toBe(text);
    expect(queryText(queryFrom(new URLSearchParams('what=eaten&page=3')))).toBe('');
  });
});

describe('words', () => {
  it('has one for every kind that is there', () => {
    for (const kind of allKinds) expect(kindWords, kind).toHaveProperty(kind);
  });
  it.each([
    ['batch.assignDriver', 'assign driver'],
    ['batch.seal', 'seal'],
    ['undo', 'undo'],
  ])('%s: %s', (verb, words) => expect(verbWords(verb)).toBe(words));
  it('opens what has a page', () => {
    expect(pageOf('batch', 'x')).toBe('/operations/batches/x');
    expect(pageOf('customer', 'x')).toBeUndefined();
    expect(pageOf('batch', undefined)).toBeUndefined();
  });
});
