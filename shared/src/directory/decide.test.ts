import { describe, expect, it } from 'vitest';
import type { DecideContext, Decision, StateView } from '../protocol/decision.ts';
import type { AnyRecord, Kind } from '../protocol/kinds.ts';
import { patched } from '../protocol/patch.ts';
import { directoryDeciders, mostMoved } from './decide.ts';
import { directoryKinds, directoryWords } from './kinds.ts';
import { pointsAt } from './references.ts';
import { standsFor } from './stands-for.ts';

const now = 1_760_000_000_000;
const base = { org: 'o', rev: 3, createdAt: 1 };
type Table = { [key: string]: object };

const records: Table = {
  'branch/north': { id: 'north', name: 'North' },
  'branch/south': { id: 'south', name: 'South' },
  'apiKey/k': { id: 'k', name: 'K', branches: ['north'], revokedAt: 2 },
  'branch/gone': { id: 'gone', name: 'Gone', archivedAt: 2 },
  'customer/a': { id: 'a', name: 'Anders', slaHours: 48, contactPhone: '1234' },
  'customer/b': { id: 'b', name: 'Anders Ltd', slaHours: 72 },
  'customer/idle': { id: 'idle', name: 'Idle', slaHours: 72 },
  'customer/old': { id: 'old', name: 'Old', slaHours: 72, archivedAt: 2, mergedInto: 'b' },
  'warehouse/w': { id: 'w', name: 'W', branch: 'north' },
  'warehouse/lost': { id: 'lost', name: 'Lost', branch: 'gone', archivedAt: 2 },
  'team/t': { id: 't', name: 'T', members: ['p'], branches: ['north', 'south'] },
  'team/u': { id: 'u', name: 'U', members: ['q', 'p'] },
  'person/p': { id: 'p', name: 'P', role: 'team_member', branches: ['north'] },
  'person/q': { id: 'q', name: 'Q', role: 'team_member', branches: ['north'], inactiveAt: 2 },
  'person/wall': { id: 'wall', name: 'Wall', role: 'display' },
  'batch/open': { id: 'open', branch: 'north', customer: 'a', center: 'c', status: 'at_center' },
  'batch/done': { id: 'done', branch: 'south', customer: 'a', center: 'c', status: 'completed' },
  'batch/past': { id: 'past', branch: 'north', customer: 'idle', center: 'c', status: 'completed', archivedAt: 2 },
  'template/t': { id: 't', branch: 'north', customer: 'b', center: 'c' },
  'part/x': { id: 'x', partId: 'P-1', label: 'L', customer: 'a' },
};

function stateOf(table: Table = records): StateView {
  const all = Object.entries(table).map(([key, record]) => [key, { id: '', ...base, ...record }] as const);
  const map = new Map<string, object>(all);
  return {
    get: (kind, id) => map.get(`${kind}/${id}`) as never,
    all: () => [],
    openBatchOf: () => undefined,
    entriesOf: () => [],
    pointingAt: (at, id) =>
      all.flatMap(([key, record]) => {
        const kind = key.split('/')[0] as Kind;
        return pointsAt(kind, record as AnyRecord, at, id) ? [{ kind, id: record.id }] : [];
      }),
  };
}

type Name = keyof typeof directoryDeciders;
const context = { now, done: now, principal: { type: 'system', org: 'o', id: 's' } } as unknown as DecideContext;
const decide = (name: Name, args: object, state = stateOf()): Decision =>
  (directoryDeciders[name] as (state: StateView, args: object, context: DecideContext) => Decision)(
    state,
    args,
    context,
  );
const codeOf = (name: Name, args: object, state?: StateView): string | undefined => {
  const decision = decide(name, args, state);
  return decision.ok ? undefined : decision.error.code;
};
const changesOf = (name: Name, args: object, state?: StateView) => {
  const decision = decide(name, args, state);
  if (!decision.ok) throw new Error(decision.error.message);
  return decision.changes;
};

describe('the directory', () => {
  it.each(directoryKinds)('%s: made, changed, archived, restored and merged by the same rules', (kind) => {
    const fields = {
      name: 'New',
      ...(kind === 'customer' ? { slaHours: 48 } : kind === 'team' ? { members: [] } : {}),
    };
    const table: Table = {};
    const apply = (name: string, args: object) => {
      for (const { kind: of, id, set, unset } of changesOf(`${kind}.${name}` as Name, args, stateOf(table))) {
        const before = table[`${of}/${id}`] ?? { id };
        table[`${of}/${id}`] = { ...patched(before, set, unset), rev: 3 };
      }
    };
    apply('create', { id: 'one', ...fields });
    expect(codeOf(`${kind}.create`, { id: 'one', ...fields }, stateOf(table))).toBe('already_exists');
    apply('edit', { id: 'one', rev: 3, name: 'Other' });
    expect(codeOf(`${kind}.edit`, { id: 'one', rev: 3, name: 'Other' }, stateOf(table))).toBe('nothing_to_change');
    expect(codeOf(`${kind}.edit`, { id: 'one', rev: 2, name: 'Third' }, stateOf(table))).toBe('rev_conflict');
    apply('archive', { id: 'one' });
    expect(table[`${kind}/one`]).toMatchObject({ name: 'Other', archivedAt: now });
    expect(codeOf(`${kind}.edit`, { id: 'one', rev: 3, name: 'Third' }, stateOf(table))).toBe('archived');
    expect(codeOf(`${kind}.archive`, { id: 'one' }, stateOf(table))).toBe('nothing_to_change');
    apply('restore', { id: 'one' });
    expect(table[`${kind}/one`]).not.toHaveProperty('archivedAt');
    expect(codeOf(`${kind}.restore`, { id: 'one' }, stateOf(table))).toBe('nothing_to_change');
    apply('create', { id: 'two', ...fields });
    apply('merge', { id: 'two', into: 'one', rev: 3 });
    expect(table[`${kind}/two`]).toMatchObject({ archivedAt: now, mergedInto: 'one' });
    apply('restore', { id: 'two' });
    expect(table[`${kind}/two`]).not.toHaveProperty('mergedInto');
    for (const verb of ['edit', 'archive', 'restore', 'merge'] as const)
      expect(codeOf(`${kind}.${verb}`, { id: 'nobody', rev: 1, into: 'one' }, stateOf(table))).toBe('not_found');
  });

  it('null takes an optional field off, and what is left out stays', () => {
    const [change] = changesOf('customer.edit', { id: 'a', rev: 3, contactPhone: null, slaHours: 24 });
    expect(change).toMatchObject({ set: { slaHours: 24 }, unset: ['contactPhone'] });
  });

  it('who is in a team and what a warehouse belongs to must be there', () => {
    expect(codeOf('team.create', { id: 'n', name: 'N', members: ['nobody'] })).toBe('unknown_reference');
    expect(codeOf('team.create', { id: 'n', name: 'N', members: ['q'] }), 'who left').toBe('unknown_reference');
    expect(codeOf('team.create', { id: 'n', name: 'N', members: ['wall'] }), 'a screen').toBe('unknown_reference');
    expect(codeOf('team.edit', { id: 'u', rev: 3, members: ['q'] }), 'who left stays a member').toBeUndefined();
    expect(codeOf('team.create', { id: 'n', name: 'N', members: [], branches: ['gone'] })).toBe('unknown_reference');
    expect(codeOf('warehouse.create', { id: 'n', name: 'N', branch: 'gone' })).toBe('unknown_reference');
    expect(codeOf('warehouse.edit', { id: 'w', rev: 3, branch: 'nowhere' })).toBe('unknown_reference');
    expect(changesOf('team.create', { id: 'n', name: 'N', members: ['p', 'p'] })[0]!.set['members']).toEqual(['p']);
  });

  it('is not archived while something open points at it; the refusal counts what and where', () => {
    const refused = decide('customer.archive', { id: 'a' });
    expect(refused).toMatchObject({ ok: false, error: { code: 'in_use', details: { uses: { batch: 1 } } } });
    expect(refused.ok ? '' : refused.error.message).toContain('Anders is still in use by 1 open batch.');
    const branch = decide('branch.archive', { id: 'north' });
    expect(branch).toMatchObject({
      error: { details: { uses: { batch: 1, template: 1, warehouse: 1, team: 1, person: 1 } } },
    });
    expect(codeOf('customer.archive', { id: 'idle' }), 'only history').toBeUndefined();
    const parts = { ...records, 'batch/open': { id: 'open', customer: 'b', status: 'draft' } };
    expect(codeOf('customer.archive', { id: 'a' }, stateOf(parts)), 'parts and what is over').toBeUndefined();
  });

  it('is not restored where what it points at is archived', () => {
    expect(codeOf('warehouse.restore', { id: 'lost' })).toBe('archived');
  });

  it('merging turns everything that is not archived, and nothing else', () => {
    const changes = changesOf('customer.merge', { id: 'a', into: 'b', rev: 3 });
    expect(changes.map(({ kind, id, set }) => [kind, id, set])).toEqual([
      ['batch', 'open', { customer: 'b' }],
      ['batch', 'done', { customer: 'b' }],
      ['part', 'x', { customer: 'b' }],
      ['customer', 'a', { archivedAt: now, mergedInto: 'b' }],
    ]);
    const branch = changesOf('branch.merge', { id: 'north', into: 'south', rev: 3 });
    expect(branch.map(({ kind, id, set }) => [kind, id, set])).toEqual([
      ['apiKey', 'k', { branches: ['south'] }],
      ['warehouse', 'w', { branch: 'south' }],
      ['team', 't', { branches: ['south'] }],
      ['person', 'p', { branches: ['south'] }],
      ['person', 'q', { branches: ['south'] }],
      ['batch', 'open', { branch: 'south' }],
      ['template', 't', { branch: 'south' }],
      ['branch', 'north', { archivedAt: now, mergedInto: 'south' }],
    ]);
    expect(changesOf('team.merge', { id: 'u', into: 't', rev: 3 })[0]).toMatchObject({
      id: 't',
      set: { members: ['p', 'q'] },
    });
  });

  it('refuses a merge with itself, with an archived one, on an old version, and of too much', () => {
    expect(codeOf('customer.merge', { id: 'a', into: 'a', rev: 3 })).toBe('bad_request');
    expect(codeOf('customer.merge', { id: 'a', into: 'old', rev: 3 })).toBe('unknown_reference');
    expect(codeOf('customer.merge', { id: 'a', into: 'nobody', rev: 3 })).toBe('unknown_reference');
    expect(codeOf('customer.merge', { id: 'old', into: 'a', rev: 3 })).toBe('archived');
    expect(codeOf('customer.merge', { id: 'a', into: 'b', rev: 2 })).toBe('rev_conflict');
    const many = { ...records };
    for (let i = 0; i <= mostMoved; i++) many[`batch/${i}`] = { id: String(i), customer: 'a', status: 'draft' };
    expect(codeOf('customer.merge', { id: 'a', into: 'b', rev: 3 }, stateOf(many))).toBe('too_large');
  });

  it('a client, which does not hold everything, waits for the server', () => {
    const client = { ...stateOf(), pointingAt: () => undefined };
    expect(codeOf('customer.archive', { id: 'idle' }, client)).toBe('unavailable');
    expect(codeOf('customer.merge', { id: 'a', into: 'b', rev: 3 }, client)).toBe('unavailable');
  });

  it('a record stands for itself, or for what it was merged into again and again', () => {
    const table = { ...records, 'customer/older': { id: 'older', name: 'Older', archivedAt: 1, mergedInto: 'old' } };
    expect(standsFor(stateOf(table), 'customer', 'older')).toBe('b');
    expect(standsFor(stateOf(table), 'customer', 'a')).toBe('a');
    const round = {
      'customer/a': { id: 'a', archivedAt: 1, mergedInto: 'b' },
      'customer/b': { id: 'b', archivedAt: 1, mergedInto: 'a' },
    };
    expect(['a', 'b']).toContain(standsFor(stateOf(round), 'customer', 'a'));
  });

  it('has a word for every kind', () => {
    expect(Object.keys(directoryWords).sort()).toEqual([...directoryKinds].sort());
  });
});
