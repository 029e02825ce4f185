import { describe, expect, it } from 'vitest';
import { storyOf, type StoryContext, type Told } from './story.ts';

const context: StoryContext = {
  zone: 'Europe/Amsterdam',
  personName: (id) => ({ noor: 'Noor Haddad', jonas: 'Jonas Weir' })[id],
  batch: (id) =>
    id === 'b' ? { reference: 'B-2041', center: 'Halden Works', branch: 'Harbour', driver: 'jonas' } : undefined,
  recordName: () => 'Vantor Retail',
};
const told = (verb: string, by: string, more: Partial<Told> = {}): string => {
  const { who, did, what, rest } = storyOf(
    { actor: { type: 'person', id: by }, verb, kind: 'batch', id: 'b', ...more },
    context,
  );
  return `${who} ${did} ${what} ${rest}`.trim();
};

describe('what happened, in words', () => {
  it.each([
    ['batch.create', 'noor', 'Noor Haddad created B-2041 at Harbour'],
    ['batch.depart', 'noor', 'Noor Haddad sent B-2041 to Halden Works with Jonas Weir'],
    ['batch.depart', 'jonas', 'Jonas Weir took B-2041 to Halden Works'],
    ['batch.arrive', 'noor', 'Noor Haddad checked B-2041 in at Halden Works'],
    ['batch.arrive', 'jonas', 'Jonas Weir delivered B-2041 to Halden Works'],
    ['batch.departBack', 'noor', 'Noor Haddad sent B-2041 back from Halden Works with Jonas Weir'],
    ['batch.departBack', 'jonas', 'Jonas Weir fetched B-2041 from Halden Works'],
    ['batch.complete', 'jonas', 'Jonas Weir completed B-2041 at Harbour'],
    ['something.new', 'noor', 'Noor Haddad changed B-2041'],
  ])('%s by %s', (verb, by, words) => expect(told(verb, by)).toBe(words));

  it('tells counts, dates and reasons where the entry has them', () => {
    expect(told('batch.seal', 'noor', { set: { 'steps.sealed': { at: 1, by: 'noor', count: 12 } } })).toBe(
      'Noor Haddad sealed B-2041 with 12 parts counted',
    );
    expect(
      told('batch.moveDueDate', 'noor', { set: { dueAt: Date.UTC(2026, 9, 15, 16, 30) }, why: 'Waiting for a spare' }),
    ).toBe('Noor Haddad moved the date of B-2041 to Thu 15 Oct, 18:30: Waiting for a spare');
    expect(told('batch.removeParts', 'noor', { unset: ['parts.P-1', 'parts.P-2'] })).toBe(
      'Noor Haddad took 2 parts out of B-2041',
    );
  });

  it('names the clock where no person acted', () => {
    const story = storyOf(
      { actor: { type: 'system', id: 'clock' }, verb: 'batch.markBreached', kind: 'batch', id: 'b' },
      context,
    );
    expect(story).toMatchObject({ who: 'Clock', byPerson: false, breached: true });
  });

  it('tells of batches that are not in view without inventing a name', () => {
    expect(told('batch.seal', 'gone', { id: 'x' })).toBe('Somebody sealed a batch');
  });
});
