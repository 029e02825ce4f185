import { describe, expect, it } from 'vitest';
import { storyOf, type StoryContext, type Told } from './story.ts';

const context: StoryContext = {
  zone: 'Europe/Amsterdam',
  personName: (id) => ({ noor: 'Noor Haddad', jonas: 'Jonas Weir' })[id],
  batch: (id) =>
    id === 'b' ? { reference: 'B-2041', center: 'Halden Works', branch: 'Harbour', driver: 'jonas' } : undefined,
  recordName: () => 'Vantor Retail',
  routeReference: (id) => (id === 'r' ? 'R-31' : undefined),
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

  it.each<[string, Partial<Told>, string]>([
    [
      'route.pickUp',
      { set: { status: 'in_transit_to_center', 'steps.in_transit_to_center': { at: 1, by: 'jonas', count: 5 } } },
      'Jonas Weir picked up B-2041 for Halden Works, 5 parts counted',
    ],
    ['route.handOver', { set: { status: 'at_center' } }, 'Jonas Weir handed over B-2041 at Halden Works'],
    ['route.pickUp', { set: { status: 'in_transit_back' } }, 'Jonas Weir picked up B-2041 at Halden Works'],
    ['route.handOver', { set: { status: 'completed' } }, 'Jonas Weir brought B-2041 home to Harbour'],
    ['route.plan', { set: { route: 'r', driver: 'jonas' } }, 'Jonas Weir put B-2041 on a route'],
    ['route.skip', { unset: ['route', 'driver'] }, 'Jonas Weir took B-2041 off its route'],
    ['route.assign', { set: { driver: 'jonas' } }, 'Jonas Weir gave B-2041 to another driver, with its route'],
    ['route.start', { kind: 'route', id: 'r' }, 'Jonas Weir started R-31'],
    ['route.depart', { kind: 'route', id: 'r', set: { status: 'finished' } }, 'Jonas Weir finished R-31'],
    ['route.assign', { kind: 'route', id: 'r', unset: ['driver'] }, 'Jonas Weir took R-31 off its driver'],
    ['route.report', { kind: 'route', id: 'x' }, 'Jonas Weir reported a problem on a route'],
  ])('%s on a route, %j', (verb, more, words) => expect(told(verb, 'jonas', more)).toBe(words));

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

  const out = { how: 'scrapped', at: 1, by: 'noor', why: 'Burnt' };
  it.each<[string, Partial<Told>, string]>([
    ['batch.handOver', { set: { handover: { at: 1, by: 'noor', to: 'jonas' } } }, 'handed B-2041 over to Jonas Weir'],
    [
      'batch.takeBack',
      { set: { status: 'sealed', since: 1 }, unset: ['steps.in_transit_to_center'], why: 'Wrong batch' },
      'took B-2041 back to Sealed: Wrong batch',
    ],
    ['batch.cancel', { set: { cancelledAt: 1 }, why: 'Entered twice' }, 'cancelled B-2041 (Entered twice)'],
    ['batch.reopen', { unset: ['cancelledAt', 'archivedAt'] }, 'reopened B-2041 as a draft'],
    [
      'batch.correctPart',
      { set: { 'parts.P-2': { addedAt: 1 } }, unset: ['parts.P-1'], why: 'Two labels' },
      'corrected a wrong scan in B-2041 P-2 instead of P-1: Two labels',
    ],
    [
      'batch.settleParts',
      { set: { 'parts.P-1.out': out, outCount: 1 }, why: 'Burnt' },
      'reported P-1 scrapped in B-2041 (Burnt)',
    ],
    [
      'batch.restoreParts',
      { set: {}, unset: ['parts.P-1.out', 'parts.P-2.out', 'outCount'], why: 'In the van' },
      'found 2 parts again in B-2041 (In the van)',
    ],
    [
      'batch.split',
      { set: { partCount: 9 }, unset: ['parts.P-1', 'parts.P-2', 'parts.P-3'], why: 'Spare missing' },
      'left 3 parts behind from B-2041 (Spare missing)',
    ],
    [
      'batch.split',
      { set: { splitFrom: 'x', partCount: 3 } },
      'made B-2041 of 3 parts that stayed behind from another batch',
    ],
    ['batch.settleParts', {}, 'reported parts lost or scrapped in B-2041'],
    ['batch.edit', { set: { customer: 'c' } }, 'changed B-2041 to customer Vantor Retail'],
  ])('tells of %s %#', (verb, more, words) => expect(told(verb, 'noor', more)).toBe(`Noor Haddad ${words}`));

  it('keeps the reason apart for a timeline that gives it a line of its own', () => {
    const story = storyOf(
      { actor: { type: 'person', id: 'noor' }, verb: 'batch.cancel', kind: 'batch', id: 'b', why: 'Entered twice' },
      context,
    );
    expect(story).toMatchObject({ bare: '', why: 'Entered twice', verb: 'batch.cancel' });
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
