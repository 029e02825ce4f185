import { describe, expect, it } from 'vitest';
import type { Decision, StateView } from '../protocol/decision.ts';
import type { ArgsOf, CommandName } from '../protocol/deciders.ts';
import { deciders } from '../protocol/deciders.ts';
import type { Person, Session } from './schema.ts';

const now = 1_760_000_000_000;
const person: Person = {
  id: 'person',
  org: 'org',
  rev: 3,
  name: 'P',
  email: 'p@x.test',
  phone: '1234',
  role: 'driver',
  branches: ['north'],
  createdAt: 1,
};
const gone: Person = { ...person, id: 'gone', inactiveAt: 5 };
const session: Session = {
  id: 'session',
  org: 'org',
  rev: 1,
  person: 'person',
  tokenHash: 't',
  createdAt: 1,
  expiresAt: 2,
};
const records: { [key: string]: object } = {
  'branch/north': { id: 'north' },
  'branch/south': { id: 'south' },
  'person/person': person,
  'person/gone': gone,
  'session/session': session,
  'session/ended': { ...session, id: 'ended', endedAt: 5 },
  'session/other': { ...session, id: 'other', person: 'somebody' },
};
const state: StateView = {
  get: (kind, id) => records[`${kind}/${id}`] as never,
  openBatchOf: () => undefined,
  entriesOf: () => [],
};

function decide<N extends CommandName>(name: N, args: ArgsOf<N>): Decision {
  const principal = { type: 'person', org: 'org', id: 'me', role: 'admin' } as const;
  const rule = deciders[name] as (state: StateView, args: ArgsOf<N>, context: object) => Decision;
  return rule(state, args, { now, done: now, principal, nextReference: () => '' });
}

const table: { [N in CommandName]?: [string, ArgsOf<N>, object][] } = {
  'person.create': [
    [
      'made, without what is undefined',
      { id: 'new', name: 'N', email: 'n@x.test', role: 'driver', phone: undefined },
      { set: { name: 'N', email: 'n@x.test', role: 'driver', createdAt: now } },
    ],
    ['exists', { id: 'person', name: 'N', email: 'n@x.test', role: 'driver' }, { code: 'already_exists' }],
    [
      'unknown branch',
      { id: 'new', name: 'N', email: 'n@x.test', role: 'driver', branches: ['north', 'none'] },
      { code: 'unknown_reference', field: 'branches' },
    ],
  ],
  'person.edit': [
    [
      'role and branches',
      { id: 'person', rev: 3, role: 'team_member', branches: ['south'] },
      { set: { role: 'team_member', branches: ['south'] }, unset: [] },
    ],
    ['lifts the limit', { id: 'person', rev: 3, branches: null }, { set: {}, unset: ['branches'] }],
    ['deactivates', { id: 'person', rev: 3, active: false }, { set: { inactiveAt: now }, unset: [] }],
    ['is inactive already', { id: 'gone', rev: 3, active: false }, { code: 'nothing_to_change' }],
    ['activates again', { id: 'gone', rev: 3, active: true }, { set: {}, unset: ['inactiveAt'] }],
    ['the same', { id: 'person', rev: 3, role: 'driver', branches: ['north'] }, { code: 'nothing_to_change' }],
    ['[C9] another rev', { id: 'person', rev: 2, role: 'admin' }, { code: 'rev_conflict' }],
    ['unknown', { id: 'none', rev: 1 }, { code: 'not_found' }],
    ['unknown branch', { id: 'person', rev: 3, branches: ['none'] }, { code: 'unknown_reference', field: 'branches' }],
  ],
  'person.editProfile': [
    ['name, and no phone', { id: 'person', rev: 3, name: 'Q', phone: null }, { set: { name: 'Q' }, unset: ['phone'] }],
    ['[C9] another rev', { id: 'person', rev: 4, name: 'Q' }, { code: 'rev_conflict' }],
    ['the same', { id: 'person', rev: 3, name: 'P' }, { code: 'nothing_to_change' }],
    ['unknown', { id: 'none', rev: 1 }, { code: 'not_found' }],
  ],
  'person.setPassword': [
    ['set', { id: 'person', passwordHash: 'h' }, { set: { passwordHash: 'h' } }],
    ['unknown', { id: 'none', passwordHash: 'h' }, { code: 'not_found' }],
  ],
  'session.start': [
    [
      'begun',
      { id: 'new', person: 'person', tokenHash: 'h', expiresAt: 9 },
      { create: true, set: { person: 'person', tokenHash: 'h', expiresAt: 9, createdAt: now } },
    ],
    ['deactivated', { id: 'new', person: 'gone', tokenHash: 'h', expiresAt: 9 }, { code: 'not_found' }],
    ['unknown', { id: 'new', person: 'none', tokenHash: 'h', expiresAt: 9 }, { code: 'not_found' }],
  ],
  'session.end': [
    ['ended', { id: 'session' }, { set: { endedAt: now } }],
    ['ended already', { id: 'ended' }, { code: 'nothing_to_change' }],
    ['unknown', { id: 'none' }, { code: 'not_found' }],
  ],
  'session.endAll': [
    [
      'theirs, and no one else’s',
      { person: 'person', sessions: ['session', 'ended', 'other', 'none'] },
      { id: 'session', set: { endedAt: now } },
    ],
    ['none open', { person: 'person', sessions: ['ended', 'other'] }, { code: 'nothing_to_change' }],
  ],
};

describe('people and sessions', () => {
  type Row = [string, unknown, object];
  const rows = Object.entries(table).flatMap(([name, cases]) =>
    (cases as Row[]).map((row): [CommandName, ...Row] => [name as CommandName, ...row]),
  );
  it.each(rows)('%s: %s', (name, _what, args, expected) => {
    const decision = decide(name, args as never);
    if ('code' in expected) {
      expect(decision).toMatchObject({ ok: false, error: expected });
    } else {
      if (!decision.ok) throw new Error(decision.error.message);
      expect(decision.changes).toHaveLength(1);
      expect(decision.changes[0]).toMatchObject(expected);
      if ('set' in expected) expect(decision.changes[0]!.set).toEqual(expected.set);
    }
  });
});
