import { describe, expect, it } from 'vitest';
import type { Decision, StateView } from '../protocol/decision.ts';
import type { ArgsOf, CommandName } from '../protocol/deciders.ts';
import { deciders } from '../protocol/deciders.ts';
import type { Link } from './link-schema.ts';
import { isLastAdmin } from './rules.ts';
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
const boss: Person = { ...person, id: 'boss', name: 'Boss', role: 'admin' };
delete boss.branches;
const guest: Person = { ...person, id: 'guest', invitedAt: 1 };
const link: Link = {
  id: 'link',
  org: 'org',
  rev: 1,
  purpose: 'invitation',
  person: 'guest',
  tokenHash: 't',
  createdAt: now - 9,
  expiresAt: now + 1,
};
const records: { [key: string]: object } = {
  'branch/north': { id: 'north' },
  'branch/south': { id: 'south' },
  'person/person': person,
  'person/gone': gone,
  'person/boss': boss,
  'person/guest': guest,
  'person/later': { ...guest, id: 'later', linksSince: now - 8 },
  'link/link': link,
  'link/used': { ...link, id: 'used', usedAt: 5 },
  'link/revoked': { ...link, id: 'revoked', revokedAt: 5 },
  'link/expired': { ...link, id: 'expired', expiresAt: now },
  'link/gone': { ...link, id: 'gone', person: 'gone' },
  'link/nobody': { ...link, id: 'nobody', person: 'none' },
  'link/before': { ...link, id: 'before', person: 'later' },
  'link/reset': { ...link, id: 'reset', purpose: 'password', person: 'person' },
  'link/sending': { ...link, id: 'sending', mail: { state: 'sending', at: 1 } },
  'session/session': session,
  'session/open': { ...session, id: 'open', expiresAt: now + 5 },
  'session/ended': { ...session, id: 'ended', endedAt: 5 },
  'session/other': { ...session, id: 'other', person: 'somebody' },
};
const state: StateView = {
  get: (kind, id) => records[`${kind}/${id}`] as never,
  all: (kind) =>
    Object.entries(records).flatMap(([key, record]) => (key.startsWith(`${kind}/`) ? [record] : [])) as never,
  openBatchOf: () => undefined,
  pointingAt: () => [],
  entriesOf: () => [],
};

function decide<N extends CommandName>(name: N, args: ArgsOf<N>): Decision {
  const principal = { type: 'person', org: 'org', id: 'me', role: 'admin' } as const;
  const rule = deciders[name] as (state: StateView, args: ArgsOf<N>, context: object) => Decision;
  return rule(state, args, { now, done: now, principal, nextReference: () => '' });
}

const linkFields = { purpose: 'password', person: 'person', tokenHash: 'h', expiresAt: now + 9 } as const;
const fresh = { id: 'new', ...linkFields, mail: false, replaces: [] };
const invited = {
  id: 'new',
  name: 'N',
  email: 'n@x.test',
  role: 'driver',
  link: { id: 'l', tokenHash: 'h', expiresAt: now + 9, mail: false },
} as const;
const use = (id: string) => ({ id, passwordHash: 'h', sessions: [] });

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
    [
      'deactivates; links made before open nothing any more',
      { id: 'person', rev: 3, active: false },
      { set: { inactiveAt: now, linksSince: now }, unset: [] },
    ],
    [
      'another address: a link that went to the old one opens nothing',
      { id: 'person', rev: 3, email: 'q@x.test' },
      { set: { email: 'q@x.test', linksSince: now }, unset: [] },
    ],
    ['the last admin stays active', { id: 'boss', rev: 3, active: false }, { code: 'last_admin' }],
    ['the last admin stays admin', { id: 'boss', rev: 3, role: 'manager' }, { code: 'last_admin' }],
    ['the last admin stays admin of all branches', { id: 'boss', rev: 3, branches: ['north'] }, { code: 'last_admin' }],
    ['the last admin may be renamed', { id: 'boss', rev: 3, name: 'B' }, { set: { name: 'B' }, unset: [] }],
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
    ['set', { id: 'person', passwordHash: 'h' }, { set: { passwordHash: 'h', linksSince: now } }],
    [
      'set for somebody who was invited: they can come now',
      { id: 'guest', passwordHash: 'h' },
      { set: { passwordHash: 'h', linksSince: now, joinedAt: now } },
    ],
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
  'session.renew': [
    ['run out', { id: 'session', expiresAt: now + 9 }, { code: 'nothing_to_change' }],
    ['ended', { id: 'ended', expiresAt: now + 9 }, { code: 'nothing_to_change' }],
    ['unknown', { id: 'none', expiresAt: now + 9 }, { code: 'nothing_to_change' }],
    ['open', { id: 'open', expiresAt: now + 9 }, { set: { expiresAt: now + 9, renewedAt: now } }],
    ['never shorter', { id: 'open', expiresAt: now + 5 }, { code: 'nothing_to_change' }],
  ],
  'person.invite': [
    ['exists', { ...invited, id: 'person' }, { code: 'already_exists' }],
    ['unknown branch', { ...invited, branches: ['none'] }, { code: 'unknown_reference', field: 'branches' }],
  ],
  'link.create': [
    ['made', fresh, { create: true, set: { ...linkFields, createdAt: now, createdBy: 'me' } }],
    [
      'made to be sent: on its way before anything goes out',
      { ...fresh, mail: true },
      { set: { ...linkFields, createdAt: now, createdBy: 'me', mail: { state: 'sending', at: now } } },
    ],
    ['unknown person', { ...fresh, person: 'none' }, { code: 'not_found' }],
    ['deactivated person', { ...fresh, person: 'gone' }, { code: 'inactive' }],
    [
      'an invitation for who has come already',
      { ...fresh, purpose: 'invitation', person: 'person' },
      { code: 'nothing_to_change' },
    ],
  ],
  'link.revoke': [
    ['withdrawn', { id: 'link' }, { set: { revokedAt: now } }],
    ['used', { id: 'used' }, { code: 'nothing_to_change' }],
    ['withdrawn already', { id: 'revoked' }, { code: 'nothing_to_change' }],
    ['unknown', { id: 'none' }, { code: 'not_found' }],
  ],
  'link.use': [
    ['used', use('used'), { code: 'link_void', details: { why: 'used' } }],
    ['withdrawn', use('revoked'), { code: 'link_void', details: { why: 'revoked' } }],
    ['run out', use('expired'), { code: 'link_void', details: { why: 'expired' } }],
    ['of somebody deactivated', use('gone'), { code: 'link_void', details: { why: 'revoked' } }],
    ['of nobody', use('nobody'), { code: 'link_void', details: { why: 'revoked' } }],
    ['made before the password changed', use('before'), { code: 'link_void', details: { why: 'revoked' } }],
    ['unknown', use('none'), { code: 'link_void', details: { why: 'unknown' } }],
  ],
  'link.settle': [
    ['sent', { id: 'sending', state: 'sent' }, { set: { mail: { state: 'sent', at: now } } }],
    [
      'failed, with the reason',
      { id: 'sending', state: 'failed', why: 'W' },
      { set: { mail: { state: 'failed', at: now, why: 'W' } } },
    ],
    ['was not sent', { id: 'link', state: 'sent' }, { code: 'nothing_to_change' }],
    ['unknown', { id: 'none', state: 'sent' }, { code: 'not_found' }],
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

const changesOf = (decision: Decision) => (decision.ok ? decision.changes : [decision.error]);

it('an invitation makes the person, without a password, and the link', () => {
  expect(changesOf(decide('person.invite', { ...invited, phone: undefined }))).toEqual([
    {
      kind: 'person',
      id: 'new',
      create: true,
      set: { name: 'N', email: 'n@x.test', role: 'driver', createdAt: now, invitedAt: now },
    },
    {
      kind: 'link',
      id: 'l',
      create: true,
      set: {
        purpose: 'invitation',
        person: 'new',
        tokenHash: 'h',
        expiresAt: now + 9,
        createdAt: now,
        createdBy: 'me',
      },
    },
  ]);
});

it('a new link takes the place of those of the same person that open something', () => {
  const replaces = ['link', 'used', 'revoked', 'reset', 'none'];
  const decision = decide('link.create', { ...fresh, purpose: 'invitation', person: 'guest', replaces });
  expect(changesOf(decision).slice(1)).toEqual([{ kind: 'link', id: 'link', set: { revokedAt: now } }]);
});

it('using a link sets the password, uses it up and ends the sessions of its person, all at once', () => {
  expect(
    changesOf(decide('link.use', { id: 'reset', passwordHash: 'h', sessions: ['session', 'ended', 'other'] })),
  ).toEqual([
    { kind: 'link', id: 'reset', set: { usedAt: now } },
    { kind: 'person', id: 'person', set: { passwordHash: 'h', linksSince: now } },
    { kind: 'session', id: 'session', set: { endedAt: now } },
  ]);
  expect(changesOf(decide('link.use', use('link')))[1]).toEqual({
    kind: 'person',
    id: 'guest',
    set: { passwordHash: 'h', linksSince: now, joinedAt: now },
  });
});

it.each([
  ['one who was invited and has not come', { invitedAt: 1 }],
  ['one who is deactivated', { inactiveAt: 1 }],
  ['one of some branches', { branches: ['north'] }],
  ['one who is archived', { archivedAt: 1 }],
])('%s does not stand in for the last admin', (_what, fields) => {
  const other: Person = { ...boss, id: 'other', ...fields };
  expect(isLastAdmin({ all: () => [boss, other, person] as never }, boss)).toBe(true);
  expect(isLastAdmin({ all: () => [boss, { ...boss, id: 'other' }] as never }, boss)).toBe(false);
  expect(isLastAdmin({ all: () => [boss, other] as never }, other)).toBe(false);
});
