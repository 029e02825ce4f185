import { describe, expect, it } from 'vitest';
import type { Decision, StateView } from '../protocol/decision.ts';
import type { ArgsOf } from '../protocol/deciders.ts';
import { deciders } from '../protocol/deciders.ts';
import type { ApiKey } from './schema.ts';

const now = 1_760_000_000_000;
const key: ApiKey = {
  id: 'key',
  org: 'org',
  rev: 3,
  name: 'Sync',
  scopes: ['batches:read'],
  branches: ['north'],
  tokenHash: 't',
  hint: 'abcd',
  createdAt: 1,
  createdBy: 'me',
  expiresAt: now + 5,
};
const records: { [key: string]: object } = {
  'branch/north': { id: 'north' },
  'branch/south': { id: 'south' },
  'apiKey/key': key,
  'apiKey/gone': { ...key, id: 'gone', revokedAt: 5 },
};
const state: StateView = {
  get: (kind, id) => records[`${kind}/${id}`] as never,
  openBatchOf: () => undefined,
  all: () => [],
  entriesOf: () => [],
  pointingAt: () => [],
};
const hash = 'h'.repeat(64);

type KeyCommand = 'apiKey.create' | 'apiKey.edit' | 'apiKey.revoke';
function decide<N extends KeyCommand>(name: N, args: ArgsOf<N>): Decision {
  const principal = { type: 'person', org: 'org', id: 'me', role: 'admin' } as const;
  const rule = deciders[name] as (state: StateView, args: ArgsOf<N>, context: object) => Decision;
  return rule(state, args, { now, done: now, principal, nextReference: () => '' });
}

const made = { id: 'new', name: 'N', scopes: ['people:read'], tokenHash: hash, hint: 'wxyz' } as const;
const table: [string, () => Decision, object][] = [
  [
    'made, for all branches and for good',
    () => decide('apiKey.create', { ...made, scopes: ['people:read'], branches: undefined }),
    { set: { name: 'N', scopes: ['people:read'], tokenHash: hash, hint: 'wxyz', createdAt: now, createdBy: 'me' } },
  ],
  [
    'made, with an end',
    () => decide('apiKey.create', { ...made, scopes: ['people:read'], branches: ['north'], expiresAt: now + 1 }),
    { create: true, set: expect.objectContaining({ branches: ['north'], expiresAt: now + 1 }) },
  ],
  [
    'exists',
    () => decide('apiKey.create', { ...made, id: 'key', scopes: ['people:read'] }),
    { code: 'already_exists' },
  ],
  [
    'made for a branch that is not there',
    () => decide('apiKey.create', { ...made, scopes: ['people:read'], branches: ['north', 'none'] }),
    { code: 'unknown_reference', field: 'branches' },
  ],
  [
    'made with an end that has passed',
    () => decide('apiKey.create', { ...made, scopes: ['people:read'], expiresAt: now }),
    { code: 'date_not_ahead', field: 'expiresAt' },
  ],
  [
    'wider, for other branches',
    () => decide('apiKey.edit', { id: 'key', rev: 3, scopes: ['batches:write'], branches: ['south'] }),
    { set: { scopes: ['batches:write'], branches: ['south'] }, unset: [] },
  ],
  [
    'without limit and end',
    () => decide('apiKey.edit', { id: 'key', rev: 3, branches: null, expiresAt: null }),
    { set: {}, unset: ['branches', 'expiresAt'] },
  ],
  ['[C9] another rev', () => decide('apiKey.edit', { id: 'key', rev: 2, name: 'X' }), { code: 'rev_conflict' }],
  ['the same', () => decide('apiKey.edit', { id: 'key', rev: 3, name: 'Sync' }), { code: 'nothing_to_change' }],
  [
    'an edit to a branch that is not there',
    () => decide('apiKey.edit', { id: 'key', rev: 3, branches: ['none'] }),
    { code: 'unknown_reference', field: 'branches' },
  ],
  [
    'an end that has passed',
    () => decide('apiKey.edit', { id: 'key', rev: 3, expiresAt: now - 1 }),
    { code: 'date_not_ahead', field: 'expiresAt' },
  ],
  ['an edit of a revoked one', () => decide('apiKey.edit', { id: 'gone', rev: 3, name: 'X' }), { code: 'archived' }],
  ['an edit of none', () => decide('apiKey.edit', { id: 'none', rev: 3, name: 'X' }), { code: 'not_found' }],
  ['revoked', () => decide('apiKey.revoke', { id: 'key' }), { set: { revokedAt: now } }],
  ['revoked already', () => decide('apiKey.revoke', { id: 'gone' }), { code: 'nothing_to_change' }],
  ['none to revoke', () => decide('apiKey.revoke', { id: 'none' }), { code: 'not_found' }],
];

describe('API keys', () => {
  it.each(table)('%s', (_what, act, expected) => {
    const decision = act();
    if ('code' in expected) expect(decision).toMatchObject({ ok: false, error: expected });
    else {
      if (!decision.ok) throw new Error(decision.error.message);
      expect(decision.changes).toHaveLength(1);
      expect(decision.changes[0]).toMatchObject(expected);
      if ('set' in expected) expect(decision.changes[0]!.set).toEqual(expected.set);
    }
  });
});
