import { describe, expect, it } from 'vitest';
import type { PersonHere, Place } from '@opsboard/shared/presence/schema';
import { afterNews, byBatch, placeOf } from './news.ts';
import { callNames, hereWords } from './words.ts';

const batch = '01a1fc04-0050-7b57-85d8-0c1f1400180d';
const one = (person: string, ...at: Place[]): PersonHere => ({ person, colour: 1, at });

describe('who is here', () => {
  it('[P2] everybody first, then what changed', () => {
    const first = afterNews(new Map([['old', one('old')]]), { all: true, here: [one('a'), one('b')] });
    expect([...first.keys()]).toEqual(['a', 'b']);
    const next = afterNews(first, { here: [one('b', { page: 'board' }), one('c')], gone: ['a'] });
    expect([...next.values()]).toEqual([one('b', { page: 'board' }), one('c')]);
    expect([...first.keys()]).toEqual(['a', 'b']);
  });

  it('by batch, whatever else they look at', () => {
    const [a, b, c] = [one('a', { page: 'board' }, { batch }), one('b', { batch }), one('c', { page: 'board' })];
    expect([...byBatch([a, b, c])]).toEqual([[batch, [a, b]]]);
  });
});

describe('places', () => {
  it.each<[string, Place | null]>([
    ['/operations', { page: 'dashboard' }],
    ['/operations/', { page: 'dashboard' }],
    ['/operations/board', { page: 'board' }],
    ['/operations/batches', { page: 'batches' }],
    [`/operations/batches/${batch}`, { batch }],
    ['/operations/batches/B-2041', null],
    ['/operations/routes', null],
    ['/settings/people', null],
    ['/wall', null],
    ['/', null],
  ])('%s', (path, place) => expect(placeOf(path)).toEqual(place));
});

describe('words', () => {
  it.each<[string[], string]>([
    [['Noor Haddad'], 'Noor is here'],
    [['Noor Haddad', 'Kai Lund'], 'Noor and Kai are here'],
    [['Noor Haddad', 'Kai Lund', 'Ravi Rao'], 'Noor, Kai and Ravi are here'],
    [['Noor Haddad', 'Kai Lund', 'Ravi Rao', 'Owen Pryce'], 'Noor, Kai and 2 others are here'],
    [['Kai Lund', 'Kai Berg'], 'Kai Lund and Kai Berg are here'],
  ])('%j: %s', (names, words) => expect(hereWords(names)).toBe(words));

  it('a full name where the first is not enough', () => {
    expect(callNames(['Kai Lund', 'Noor Haddad', 'Kai Berg'])).toEqual(['Kai Lund', 'Noor', 'Kai Berg']);
  });
});
