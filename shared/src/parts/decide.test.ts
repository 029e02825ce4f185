import { describe, expect, it } from 'vitest';
import type { DecideContext, Decision, StateView } from '../protocol/decision.ts';
import type { ArgsOf } from '../protocol/deciders.ts';
import { deciders } from '../protocol/deciders.ts';

const now = 1_760_000_000_000;
const base = { org: 'org', rev: 3, label: 'Card reader', createdAt: 1 };
const records: { [key: string]: object } = {
  'customer/a': { id: 'a', name: 'A', archivedAt: 2, mergedInto: 'b' },
  'customer/b': { id: 'b', name: 'B' },
  'customer/closed': { id: 'closed', name: 'Closed', archivedAt: 2 },
  'part/free': { ...base, id: 'free', partId: 'P-1' },
  'part/held': { ...base, id: 'held', partId: 'P-2' },
  'part/old': { ...base, id: 'old', partId: 'P-3', archivedAt: 2 },
  'part/old-held': { ...base, id: 'old-held', partId: 'P-4', archivedAt: 2 },
  'part/old-merged': { ...base, id: 'old-merged', partId: 'P-5', customer: 'a', archivedAt: 2 },
  'part/old-closed': { ...base, id: 'old-closed', partId: 'P-6', customer: 'closed', archivedAt: 2 },
};
const state: StateView = {
  get: (kind, id) => records[`${kind}/${id}`] as never,
  all: () => [],
  openBatchOf: (part) => (part === 'P-2' || part === 'P-4' ? { id: 'batch', reference: 'B-2001' } : undefined),
  entriesOf: () => [],
  pointingAt: () => [],
};
const context: DecideContext = {
  now,
  done: now,
  principal: { type: 'person', org: 'org', id: 'me', role: 'team_member' },
  nextReference: () => 'B-2002',
};
type Name = 'part.archive' | 'part.restore' | 'part.edit';
const decide = <N extends Name>(name: N, args: ArgsOf<N>): Decision =>
  (deciders[name] as (state: StateView, args: ArgsOf<N>, at: DecideContext) => Decision)(state, args, context);
const changed = (id: string, set: object, unset?: string[]) => ({
  ok: true,
  changes: [{ kind: 'part', id, set, ...(unset ? { unset } : {}) }],
});

describe('taking parts out of use, and back', () => {
  it.each<[string, Name, string, string, string?]>([
    ['archive what is not there', 'part.archive', 'none', 'not_found'],
    ['archive what is archived', 'part.archive', 'old', 'nothing_to_change', 'P-3'],
    ['archive what an open batch holds', 'part.archive', 'held', 'part_in_open_batch', 'P-2 is in B-2001'],
    ['archive again what an open batch holds', 'part.archive', 'old-held', 'nothing_to_change', 'P-4'],
    ['restore what is not there', 'part.restore', 'none', 'not_found'],
    ['restore what is in use', 'part.restore', 'free', 'nothing_to_change', 'P-1'],
  ])('refuses to %s', (_what, name, id, code, words = '') => {
    const decision = decide(name, { id } as never);
    expect(decision).toMatchObject({ ok: false, error: { code, message: expect.stringContaining(words) } });
  });

  it('names the batch, so that whoever may not see it is told less', () => {
    expect(decide('part.archive', { id: 'held' })).toMatchObject({
      error: { details: { part: 'P-2', batch: 'batch', reference: 'B-2001' } },
    });
  });

  it('archives what no open batch holds', () => {
    expect(decide('part.archive', { id: 'free' })).toEqual(changed('free', { archivedAt: now }));
  });

  it.each<[string, string, object]>([
    ['one that nothing is known of but its label', 'old', {}],
    ['one that a batch took meanwhile', 'old-held', {}],
    ['one whose customer was merged meanwhile, to the customer of today', 'old-merged', { customer: 'b' }],
    ['one whose customer is archived, which is its customer still', 'old-closed', {}],
  ])('restores %s', (_what, id, set) => {
    expect(decide('part.restore', { id })).toEqual(changed(id, set, ['archivedAt']));
  });

  it('what is archived is not edited', () => {
    expect(decide('part.edit', { id: 'old', rev: 3, label: 'Other' })).toMatchObject({ error: { code: 'archived' } });
    expect(decide('part.edit', { id: 'free', rev: 3, label: 'Other' })).toMatchObject({ ok: true });
  });
});
