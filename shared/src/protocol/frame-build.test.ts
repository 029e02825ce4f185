import { describe, expect, it } from 'vitest';
import type { Fields } from './entries.ts';
import { buildChanges } from './frame-build.ts';
import { audiences, branches, drivers, historyOf, idOf, org } from './history.fixture.ts';

const [admin, here] = [audiences[0]!, audiences[1]!];
const [ours, theirs] = branches;
const batch = idOf(10);

/** Entries on one batch of our branch; the first, which creates it, lies before the frame. */
const framed = (audience: typeof admin, ...steps: { set?: Fields; unset?: string[] }[]) => {
  const all = historyOf(
    [{ set: { box: {} } }, ...steps].map(({ set = {}, unset = [] }: { set?: Fields; unset?: string[] }) => ({
      kind: 'batch',
      id: batch,
      set,
      unset,
    })),
  );
  return buildChanges(audience, all.slice(1)).map((change) => {
    if ('gone' in change) return 'gone';
    return 'whole' in change
      ? { whole: change.whole, rev: change.rev }
      : { set: change.set, unset: change.unset, rev: change.rev };
  });
};

describe('[L4] changes of one record inside one frame', () => {
  it.each<[string, Parameters<typeof framed>, unknown]>([
    ['one patch as it is', [admin, { set: { 'box.deep': 1 } }], { set: { 'box.deep': 1 }, rev: 2 }],
    ['nothing but the new rev', [admin, { set: { 'parts.P1': { addedAt: 1 } } }], { set: {}, rev: 2 }],
    [
      'patches together, with the last value',
      [admin, { set: { dueAt: 1, status: 'sealed' } }, { set: { dueAt: 2 } }],
      { set: { dueAt: 2, status: 'sealed' }, rev: 3 },
    ],
    [
      'set, then taken away',
      [admin, { set: { driver: drivers[0] } }, { unset: ['driver'] }],
      { set: {}, unset: ['driver'], rev: 3 },
    ],
    [
      'a path below one that was set',
      [admin, { set: { steps: { draft: { at: 1 } } } }, { set: { 'steps.draft.at': 2 } }],
      { set: { steps: { draft: { at: 2 } } }, rev: 3 },
    ],
    [
      'a path above one that was set',
      [admin, { set: { 'steps.draft': { at: 1 } } }, { set: { steps: { sealed: { at: 3 } } } }],
      { set: { steps: { sealed: { at: 3 } } }, rev: 3 },
    ],
    [
      'a parent that was made and emptied on the way',
      [admin, { set: { 'extra.deep': 1 } }, { unset: ['extra.deep'] }],
      { set: { extra: {} }, rev: 3 },
    ],
    [
      'a parent that was made and emptied further down',
      [admin, { set: { 'box.a.b': 1 } }, { unset: ['box.a.b'] }],
      { set: { 'box.a': {} }, rev: 3 },
    ],
    ['left', [here, { set: { branch: theirs } }], 'gone'],
    [
      'left, with more before and after',
      [here, { set: { dueAt: 1 } }, { set: { branch: theirs } }, { set: { dueAt: 2 } }],
      'gone',
    ],
    [
      'left and came back',
      [here, { set: { branch: theirs } }, { set: { dueAt: 5, branch: ours } }],
      { whole: expect.objectContaining({ dueAt: 5, branch: ours }), rev: 3 },
    ],
    [
      'patched, left, came back, patched',
      [here, { set: { dueAt: 1 } }, { set: { branch: theirs } }, { set: { branch: ours } }, { set: { dueAt: 9 } }],
      { whole: expect.objectContaining({ dueAt: 9 }), rev: 5 },
    ],
    [
      'came and left: a client in between holds it',
      [here, { set: { branch: theirs } }, { set: { branch: ours } }, { set: { branch: theirs } }],
      'gone',
    ],
    ['archived', [admin, { set: { archivedAt: 3 } }], 'gone'],
  ])('%s', (_what, given, expected) => {
    expect(framed(...given)).toEqual([expected]);
  });

  it('is nothing for a record that was never in view', () => {
    const away = historyOf([
      { kind: 'batch', id: batch, set: { branch: theirs }, unset: [] },
      { kind: 'batch', id: batch, set: { dueAt: 4 }, unset: [] },
    ]);
    expect(buildChanges(here, away)).toEqual([]);
    expect(buildChanges({ org: idOf(99), role: 'admin' }, away)).toEqual([]);
    expect(org).not.toBe(idOf(99));
  });

  it('names the last cause, and touched personal fields by their value on the record', () => {
    const all = historyOf([
      { kind: 'person', id: drivers[0], set: {}, unset: [] },
      { kind: 'person', id: drivers[0], set: { name: 'Ann', email: 'ann@x.test' }, unset: [] },
      { kind: 'person', id: drivers[0], set: { passwordHash: 'secret-hash' }, unset: [] },
    ]);
    const change = (audience: typeof admin) => buildChanges(audience, all.slice(1))[0];
    expect(change(admin)).toMatchObject({ set: { name: 'Ann', email: 'ann@x.test' }, rev: 3, cause: { seq: 3 } });
    expect(change(here)).toMatchObject({ set: { name: 'Ann' }, rev: 3 });
    expect(JSON.stringify([change(admin), change(here)])).not.toContain('secret-hash');
    expect(JSON.stringify(change(here))).not.toContain('ann@x.test');
  });
});
