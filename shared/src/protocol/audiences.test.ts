import { describe, expect, it } from 'vitest';
import type { Batch } from '../batches/schema.ts';
import type { ApiKey } from '../keys/schema.ts';
import { pointsAt } from '../directory/references.ts';
import type { Branch, Center, Customer, Team, Vendor, Warehouse } from '../directory/schema.ts';
import type { Message } from '../messages/schema.ts';
import type { Organization } from '../organization/schema.ts';
import { roles } from '../people/roles.ts';
import type { Part } from '../parts/schema.ts';
import type { Link } from '../people/link-schema.ts';
import type { Person, Session } from '../people/schema.ts';
import type { Route } from '../routes/schema.ts';
import type { Template } from '../templates/schema.ts';
import type { SavedView } from '../views/schema.ts';
import type { Audience, Mapped } from './audiences.ts';
import { audienceKey, audienceOf, mapEntry, viewOf, viewOfAny } from './audiences.ts';
import type { RecordChange, StateView } from './decision.ts';
import type { ArgsOf, CommandName } from './deciders.ts';
import { deciders } from './deciders.ts';
import type { Entry, Fields } from './entries.ts';
import type { AnyRecord, Kind, Records } from './kinds.ts';
import { allKinds, kinds } from './kinds.ts';
import { patched, sameValue, valueAt } from './patch.ts';

const org = 'org';
const now = 1_760_000_000_000;
const base = { org, rev: 1, createdAt: now };

/** A record of every kind with every field it can have. */
const full: { [K in Kind]: Required<Records[K]> } = {
  organization: {
    ...base,
    id: org,
    name: 'O',
    productName: 'P',
    logo: 'file',
    timeZone: 'UTC',
    hours: { mon: [0, 1] },
    slaStart: 'sealing',
    atRiskPercent: 30,
    proof: { receiver: 'required', signature: 'optional', photo: 'off' },
    positionDays: 7,
    undoSeconds: 60,
    archiveAfterDays: 3,
    wipLimits: { draft: 5 },
    retention: { messagesDays: 30 },
  } satisfies Required<Organization>,
  branch: {
    ...base,
    id: 'north',
    name: 'N',
    address: 'A',
    phone: '1234',
    position: [1, 2],
    timeZone: 'UTC',
    archivedAt: now,
    mergedInto: 'south',
  } satisfies Required<Branch>,
  warehouse: {
    ...base,
    id: 'warehouse',
    name: 'W',
    branch: 'north',
    address: 'A',
    position: [1, 2],
    timeZone: 'UTC',
    archivedAt: now,
    mergedInto: 'other',
  } satisfies Required<Warehouse>,
  vendor: {
    ...base,
    id: 'vendor',
    name: 'V',
    contactEmail: 'v@x.test',
    contactPhone: '1234',
    address: 'A',
    archivedAt: now,
    mergedInto: 'other',
  } satisfies Required<Vendor>,
  customer: {
    ...base,
    id: 'customer',
    name: 'C',
    slaHours: 48,
    contactEmail: 'c@x.test',
    contactPhone: '1234',
    address: 'A',
    position: [1, 2],
    language: 'en',
    timeZone: 'UTC',
    archivedAt: now,
    contactsErasedAt: now,
    mergedInto: 'other',
  } satisfies Required<Customer>,
  center: {
    ...base,
    id: 'center',
    name: 'S',
    phone: '1234',
    address: 'A',
    position: [1, 2],
    hours: { mon: [0, 1] },
    holidays: [{ date: '2026-12-25', name: 'H' }],
    timeZone: 'UTC',
    archivedAt: now,
    mergedInto: 'other',
  } satisfies Required<Center>,
  team: {
    ...base,
    id: 'team',
    name: 'T',
    members: ['person'],
    branches: ['north'],
    archivedAt: now,
    mergedInto: 'other',
  } satisfies Required<Team>,
  person: {
    ...base,
    id: 'person',
    name: 'P',
    email: 'p@x.test',
    phone: '1234',
    role: 'driver',
    branches: ['north'],
    passwordHash: 'secret',
    invitedAt: now,
    joinedAt: now,
    linksSince: now,
    totp: { secret: 'secret', since: now },
    secondFactor: true,
    recoveryHashes: ['secret'],
    external: { issuer: 'I', subject: 'S' },
    inactiveAt: now,
    archivedAt: now,
    erasedAt: now,
  } satisfies Required<Person>,
  session: {
    id: 'session',
    org,
    rev: 1,
    person: 'person',
    tokenHash: 'secret',
    device: 'D',
    createdAt: now,
    expiresAt: now,
    renewedAt: now,
    endedAt: now,
  } satisfies Required<Session>,
  link: {
    ...base,
    id: 'link',
    purpose: 'password',
    person: 'person',
    tokenHash: 'secret',
    createdBy: 'person',
    expiresAt: now,
    usedAt: now,
    revokedAt: now,
    mail: { state: 'sent', at: now, why: 'W' },
  } satisfies Required<Link>,
  batch: {
    ...base,
    id: 'batch',
    reference: 'B-2001',
    branch: 'north',
    customer: 'customer',
    center: 'center',
    driver: 'person',
    route: 'route',
    status: 'draft',
    since: now,
    steps: { draft: { at: now, by: 'person' } },
    parts: { P1: { addedAt: now } },
    partCount: 1,
    outCount: 1,
    handover: { at: now, by: 'person', to: 'person' },
    splitFrom: 'other',
    dueAt: now,
    promisedAt: now,
    slaStart: 'sealing',
    provisional: true,
    breachOf: now,
    breachWithdrawn: { of: now, at: now },
    response: { breachOf: now, openedAt: now, called: { at: now, by: 'person', note: 'N' } },
    notes: { note: { at: now, by: 'person', text: 'N' } },
    noteCount: 1,
    createdBy: 'person',
    cancelledAt: now,
    archivedAt: now,
    erasedAt: now,
  } satisfies Required<Batch>,
  route: {
    ...base,
    id: 'route',
    reference: 'R-1',
    branch: 'north',
    day: '2026-03-02',
    status: 'planned',
    driver: 'person',
    formerDrivers: ['other'],
    vehicle: 'V',
    startAt: now,
    stops: { stop: { place: { kind: 'center', id: 'center' }, pickUp: ['batch'], handOver: [] } },
    order: ['stop'],
    plan: 1,
    edited: 1,
    acknowledged: { plan: 1, at: now },
    problems: { problem: { at: now, by: 'person', reason: 'road' } },
    places: { stop: { name: 'S', phone: '1234' } },
    receivers: { 'stop/batch': 'R' },
    startedAt: now,
    finishedAt: now,
    cancelledAt: now,
    createdBy: 'person',
    archivedAt: now,
    erasedAt: now,
  } satisfies Required<Route>,
  template: {
    ...base,
    id: 'template',
    name: 'T',
    branch: 'north',
    customer: 'customer',
    center: 'center',
    driver: 'person',
    createdBy: 'person',
    archivedAt: now,
  } satisfies Required<Template>,
  savedView: {
    ...base,
    id: 'view',
    name: 'V',
    page: 'board',
    query: 'sla=breached',
    createdBy: 'person',
    archivedAt: now,
  } satisfies Required<SavedView>,
  message: {
    ...base,
    id: 'message',
    batch: 'batch',
    branch: 'north',
    channel: 'email',
    to: 'c@x.test',
    subject: 'S',
    text: 'T',
    state: 'queued',
    attempts: 1,
    nextAt: now,
    claimedAt: now,
    settledAt: now,
    why: 'W',
    createdBy: 'person',
    archivedAt: now,
    erasedAt: now,
  } satisfies Required<Message>,
  part: {
    ...base,
    id: 'part',
    partId: 'P1',
    label: 'L',
    customer: 'customer',
    archivedAt: now,
  } satisfies Required<Part>,
  apiKey: {
    ...base,
    id: 'key',
    name: 'K',
    scopes: ['batches:read'],
    branches: ['north'],
    tokenHash: 'secret',
    hint: 'abcd',
    createdBy: 'person',
    expiresAt: now,
    revokedAt: now,
    archivedAt: now,
  } satisfies Required<ApiKey>,
};

/**
 * Who sees a field, written by hand: a letter for each role that does, of a record in their view. A admin, O operations
 * manager, T team member, D driver, M manager, W wall.
 */
const fields: { [K in Kind]: { [field: string]: string } } = {
  organization: {
    id: 'AOTDMW',
    org: 'AOTDMW',
    rev: 'AOTDMW',
    name: 'AOTDMW',
    timeZone: 'AOTDMW',
    undoSeconds: 'AOTDMW',
    archiveAfterDays: 'AOTDMW',
    wipLimits: 'AOTDMW',
    productName: 'AOTDMW',
    logo: 'AOTDMW',
    hours: 'AOTDMW',
    slaStart: 'AOTDMW',
    atRiskPercent: 'AOTDMW',
    proof: 'AOTDMW',
    positionDays: 'AOTDMW',
    retention: 'AOTDMW',
    createdAt: 'AOTDMW',
  },
  branch: {
    id: 'AOTDMW',
    org: 'AOTDMW',
    rev: 'AOTDMW',
    name: 'AOTDMW',
    address: 'AOTMW',
    phone: 'AOTMW',
    position: 'AOTMW',
    timeZone: 'AOTMW',
    createdAt: 'AOTDMW',
    archivedAt: 'AOTDMW',
    mergedInto: 'AOTDMW',
  },
  warehouse: {
    id: 'AOTDMW',
    org: 'AOTDMW',
    rev: 'AOTDMW',
    name: 'AOTDMW',
    branch: 'AOTDMW',
    address: 'AOTDMW',
    position: 'AOTDMW',
    timeZone: 'AOTDMW',
    createdAt: 'AOTDMW',
    archivedAt: 'AOTDMW',
    mergedInto: 'AOTDMW',
  },
  vendor: {
    id: 'AOTDMW',
    org: 'AOTDMW',
    rev: 'AOTDMW',
    name: 'AOTDMW',
    contactEmail: 'AOTM',
    contactPhone: 'AOTM',
    address: 'AOTDMW',
    createdAt: 'AOTDMW',
    archivedAt: 'AOTDMW',
    mergedInto: 'AOTDMW',
  },
  customer: {
    id: 'AOTDMW',
    org: 'AOTDMW',
    rev: 'AOTDMW',
    name: 'AOTDMW',
    slaHours: 'AOTMW',
    contactEmail: 'AOTM',
    contactPhone: 'AOTM',
    address: 'AOTM',
    position: 'AOTM',
    language: 'AOTMW',
    timeZone: 'AOTMW',
    createdAt: 'AOTDMW',
    archivedAt: 'AOTDMW',
    contactsErasedAt: 'AOTMW',
    mergedInto: 'AOTDMW',
  },
  center: {
    id: 'AOTDMW',
    org: 'AOTDMW',
    rev: 'AOTDMW',
    name: 'AOTDMW',
    phone: 'AOTMW',
    address: 'AOTMW',
    position: 'AOTMW',
    hours: 'AOTMW',
    holidays: 'AOTMW',
    timeZone: 'AOTMW',
    createdAt: 'AOTDMW',
    archivedAt: 'AOTDMW',
    mergedInto: 'AOTDMW',
  },
  team: {
    id: 'AOTMW',
    org: 'AOTMW',
    rev: 'AOTMW',
    name: 'AOTMW',
    members: 'AOTMW',
    branches: 'AOTMW',
    createdAt: 'AOTMW',
    archivedAt: 'AOTMW',
    mergedInto: 'AOTMW',
  },
  person: {
    id: 'AOTDMW',
    org: 'AOTDMW',
    rev: 'AOTDMW',
    name: 'AOTDMW',
    email: 'A',
    phone: 'AOTDM',
    role: 'AOTDMW',
    branches: 'A',
    passwordHash: '',
    invitedAt: 'A',
    joinedAt: 'A',
    linksSince: '',
    totp: '',
    secondFactor: 'A',
    recoveryHashes: '',
    external: 'A',
    inactiveAt: 'AOTDMW',
    createdAt: 'AOTDMW',
    archivedAt: 'AOTDMW',
    erasedAt: 'AOTDMW',
  },
  session: {
    id: '',
    org: '',
    rev: '',
    person: '',
    tokenHash: '',
    device: '',
    createdAt: '',
    expiresAt: '',
    renewedAt: '',
    endedAt: '',
  },
  link: {
    id: '',
    org: '',
    rev: '',
    purpose: '',
    person: '',
    tokenHash: '',
    createdAt: '',
    createdBy: '',
    expiresAt: '',
    usedAt: '',
    revokedAt: '',
    mail: '',
  },
  batch: {
    id: 'AOTDMW',
    org: 'AOTDMW',
    rev: 'AOTDMW',
    reference: 'AOTDMW',
    branch: 'AOTDMW',
    customer: 'AOTDMW',
    center: 'AOTDMW',
    driver: 'AOTDMW',
    route: 'AOTDMW',
    status: 'AOTDMW',
    since: 'AOTDMW',
    steps: 'AOTDMW',
    parts: 'D',
    partCount: 'AOTDMW',
    outCount: 'AOTDMW',
    handover: 'AOTDMW',
    splitFrom: 'AOTDMW',
    dueAt: 'AOTDMW',
    promisedAt: 'AOTDMW',
    slaStart: 'AOTDMW',
    provisional: 'AOTDMW',
    breachOf: 'AOTDMW',
    breachWithdrawn: 'AOTDMW',
    response: 'AOTMW',
    notes: '',
    noteCount: 'AOTDMW',
    createdAt: 'AOTDMW',
    createdBy: 'AOTDMW',
    cancelledAt: 'AOTDMW',
    archivedAt: 'AOTDMW',
    erasedAt: 'AOTDMW',
  },
  route: {
    id: 'AOTDMW',
    org: 'AOTDMW',
    rev: 'AOTDMW',
    reference: 'AOTDMW',
    branch: 'AOTDMW',
    day: 'AOTDMW',
    status: 'AOTDMW',
    driver: 'AOTDMW',
    formerDrivers: 'AOTDMW',
    vehicle: 'AOTDMW',
    startAt: 'AOTDMW',
    stops: 'AOTDMW',
    order: 'AOTDMW',
    plan: 'AOTDMW',
    edited: 'AOTDMW',
    acknowledged: 'AOTDMW',
    problems: 'AOTDMW',
    places: 'AOTDM',
    receivers: 'AOTDM',
    startedAt: 'AOTDMW',
    finishedAt: 'AOTDMW',
    cancelledAt: 'AOTDMW',
    createdAt: 'AOTDMW',
    createdBy: 'AOTDMW',
    archivedAt: 'AOTDMW',
    erasedAt: 'AOTDMW',
  },
  template: {
    id: 'AOTM',
    org: 'AOTM',
    rev: 'AOTM',
    name: 'AOTM',
    branch: 'AOTM',
    customer: 'AOTM',
    center: 'AOTM',
    driver: 'AOTM',
    createdAt: 'AOTM',
    createdBy: 'AOTM',
    archivedAt: 'AOTM',
  },
  savedView: {
    id: 'AOTM',
    org: 'AOTM',
    rev: 'AOTM',
    name: 'AOTM',
    page: 'AOTM',
    query: 'AOTM',
    createdAt: 'AOTM',
    createdBy: 'AOTM',
    archivedAt: 'AOTM',
  },
  message: {
    id: 'AOTM',
    org: 'AOTM',
    rev: 'AOTM',
    batch: 'AOTM',
    branch: 'AOTM',
    channel: 'AOTM',
    to: 'AOTM',
    subject: 'AOTM',
    text: 'AOTM',
    state: 'AOTM',
    attempts: 'AOTM',
    nextAt: 'AOTM',
    claimedAt: 'AOTM',
    settledAt: 'AOTM',
    why: 'AOTM',
    createdAt: 'AOTM',
    createdBy: 'AOTM',
    archivedAt: 'AOTM',
    erasedAt: 'AOTM',
  },
  part: {
    id: 'AOTM',
    org: 'AOTM',
    rev: 'AOTM',
    partId: 'AOTM',
    label: 'AOTM',
    customer: 'AOTM',
    archivedAt: 'AOTM',
    createdAt: 'AOTM',
  },
  apiKey: {
    id: 'AOTMW',
    org: 'AOTMW',
    rev: 'AOTMW',
    name: 'AOTMW',
    scopes: 'A',
    branches: 'A',
    tokenHash: '',
    hint: 'A',
    createdAt: 'A',
    createdBy: 'A',
    expiresAt: 'A',
    revokedAt: 'A',
    archivedAt: 'AOTMW',
  },
};
const letters = {
  admin: 'A',
  operations_manager: 'O',
  team_member: 'T',
  driver: 'D',
  manager: 'M',
  display: 'W',
} as const;
const audience = (role: (typeof roles)[number], more: Partial<Audience> = {}): Audience => ({
  org,
  role,
  ...(role === 'driver' ? { person: 'person' } : {}),
  ...more,
});

describe('fields', () => {
  it('the table names every kind and every field', () => {
    expect(Object.keys(fields).sort()).toEqual([...allKinds].sort());
    for (const kind of allKinds) expect(Object.keys(fields[kind]).sort(), kind).toEqual(Object.keys(full[kind]).sort());
  });

  it.each(allKinds.flatMap((kind) => roles.map((role) => ({ kind, role }))))('[L5] $role, $kind', ({ kind, role }) => {
    const expected = Object.keys(fields[kind]).filter((field) => fields[kind][field]!.includes(letters[role]));
    const seen = viewOfAny(audience(role), kind, full[kind]);
    expect(Object.keys(seen ?? {}).sort()).toEqual(expected.sort());
    for (const field of expected) expect(seen![field]).toEqual((full[kind] as unknown as Fields)[field]);
    for (const secret of kinds[kind].secret) expect(seen ?? {}, 'a secret').not.toHaveProperty(secret);
  });
});

/** Records that an audience may or may not see, with who does: the rest of who sees what. */
const north = audience('team_member', { branches: ['north'] });
const nowhere = audience('manager', { branches: [] });
const admin = audience('admin');
const me = audience('driver');
const live = <K extends Kind>(kind: K, more: Partial<Records[K]> = {}): Records[K] => {
  const { archivedAt: _archivedAt, ...rest } = full[kind] as Fields;
  return { ...rest, ...more } as unknown as Records[K];
};

describe('records', () => {
  it.each<[string, Audience, Kind, AnyRecord, boolean]>([
    ['a batch of the branch', north, 'batch', live('batch'), true],
    ['a batch of another branch', north, 'batch', live('batch', { branch: 'south' }), false],
    ['any batch, limited to no branch', nowhere, 'batch', live('batch'), false],
    ['any batch, unlimited', admin, 'batch', live('batch', { branch: 'south' }), true],
    ['a driver’s own batch', me, 'batch', live('batch'), true],
    [
      'a driver’s own batch of another branch',
      audience('driver', { branches: ['south'] }),
      'batch',
      live('batch'),
      true,
    ],
    ['another driver’s batch', me, 'batch', live('batch', { driver: 'other' }), false],
    ['a batch without a driver', me, 'batch', { ...live('batch'), driver: undefined } as unknown as Batch, false],
    ['a route of the branch', north, 'route', live('route'), true],
    ['a route of another branch', north, 'route', live('route', { branch: 'south' }), false],
    ['a driver’s own route', me, 'route', live('route'), true],
    ['a driver’s own route that was cancelled', me, 'route', live('route', { status: 'cancelled' }), false],
    ['another driver’s route', me, 'route', live('route', { driver: 'other' }), false],
    [
      'a route that was the driver’s',
      me,
      'route',
      live('route', { driver: 'other', formerDrivers: ['person'] }),
      false,
    ],
    ['a route without a driver', me, 'route', { ...live('route'), driver: undefined } as unknown as Route, false],
    ['an archived route, live', admin, 'route', full.route, false],
    ['the branch itself', north, 'branch', live('branch'), true],
    ['another branch', north, 'branch', live('branch', { id: 'south' }), false],
    ['a colleague of the branch', north, 'person', live('person'), true],
    [
      'a colleague of all branches',
      north,
      'person',
      { ...live('person'), branches: undefined } as unknown as Person,
      true,
    ],
    ['a colleague of another branch', north, 'person', live('person', { branches: ['south'] }), false],
    ['a colleague, to a driver', me, 'person', live('person', { id: 'other' }), false],
    ['oneself, to a driver', me, 'person', live('person'), true],
    ['a template of the branch', north, 'template', live('template'), true],
    ['a template of another branch', north, 'template', live('template', { branch: 'south' }), false],
    ['a template, to a driver', me, 'template', live('template'), false],
    ['a saved view, to a driver', me, 'savedView', live('savedView'), false],
    ['a part on record, live', admin, 'part', full.part, false],
    ['a customer, limited to a branch', north, 'customer', live('customer'), true],
    ['a key of the branch', north, 'apiKey', live('apiKey'), true],
    ['a key of another branch', north, 'apiKey', live('apiKey', { branches: ['south'] }), false],
    ['a key, to a driver', me, 'apiKey', live('apiKey'), false],
    ['another organization’s key', admin, 'apiKey', live('apiKey', { org: 'another' }), false],
    ['an archived customer, live: old batches name it', admin, 'customer', full.customer, true],
    ['an archived branch, live', north, 'branch', full.branch, true],
    ['an archived template, live', admin, 'template', full.template, false],
    ['a warehouse of the branch', north, 'warehouse', live('warehouse'), true],
    ['a warehouse of another branch', north, 'warehouse', live('warehouse', { branch: 'south' }), false],
    [
      'a warehouse of no branch, limited to no branch',
      nowhere,
      'warehouse',
      { ...live('warehouse'), branch: undefined } as unknown as Warehouse,
      true,
    ],
    ['a team of the branch', north, 'team', live('team'), true],
    ['a team of another branch', north, 'team', live('team', { branches: ['south'] }), false],
    ['a team of all branches', north, 'team', { ...live('team'), branches: undefined } as unknown as Team, true],
    ['a team, to a driver', me, 'team', live('team'), false],
    ['a session, to an admin', admin, 'session', live('session'), false],
    ['a link, to an admin', admin, 'link', live('link'), false],
    ['an archived batch, live', admin, 'batch', full.batch, false],
    ['another organization’s batch', admin, 'batch', live('batch', { org: 'another' }), false],
    ['another organization’s branch', admin, 'branch', live('branch', { org: 'another' }), false],
    ['another organization’s organization', admin, 'organization', live('organization', { org: 'another' }), false],
  ])('[L5] %s', (_what, who, kind, record, expected) => {
    expect(viewOf(who, kind, record as never) !== undefined).toBe(expected);
  });

  it('a key sees what an operations manager of its branches sees, whatever it is for', () => {
    const key = { type: 'key', org, id: 'k', scopes: ['people:read'] } as const;
    expect(audienceOf(key)).toEqual({ org, role: 'operations_manager' });
    expect(audienceOf({ ...key, branches: ['b', 'a'] })).toEqual({
      org,
      role: 'operations_manager',
      branches: ['a', 'b'],
    });
  });

  it('audiences are equal exactly when they see the same', () => {
    const person = { type: 'person', org, id: 'a', role: 'team_member', branches: ['b', 'a'] } as const;
    const key = (more: object) => audienceKey(audienceOf({ ...person, ...more }));
    expect(key({ id: 'other', branches: ['a', 'b'] })).toBe(key({}));
    expect(key({ branches: [] })).not.toBe(key({ branches: undefined }));
    const different = [
      {},
      { role: 'admin' },
      { branches: ['a'] },
      { branches: [] },
      { org: 'another' },
      { role: 'driver' },
      { role: 'driver', id: 'c' },
    ];
    expect(new Set(different.map(key)).size).toBe(different.length);
  });
});

/** What a client that held `was` holds after it got `mapped`. */
function received(was: Fields | undefined, mapped: Mapped | undefined): Fields | undefined {
  if (!mapped) return was;
  if ('gone' in mapped) return undefined;
  if ('whole' in mapped) return { ...mapped.whole, rev: mapped.rev };
  if (!was) throw new Error('a patch for what was not held');
  return patched(was, { ...mapped.set, rev: mapped.rev }, mapped.unset);
}

/** The entry of a change, as the lane makes it, and the record after it. */
function entryOf(
  before: AnyRecord | undefined,
  change: RecordChange,
): { entry: Pick<Entry, 'set' | 'unset' | 'touched' | 'rev'> & { kind: Kind }; after: AnyRecord } {
  const { personal, secret } = kinds[change.kind];
  const rev = (before?.rev ?? 0) + 1;
  const hidden = (path: string) => [...personal, ...secret].includes(path.split('.')[0]!);
  const all = [...Object.keys(change.set), ...(change.unset ?? [])];
  return {
    entry: {
      kind: change.kind,
      rev,
      set: Object.fromEntries(Object.entries(change.set).filter(([path]) => !hidden(path))),
      unset: (change.unset ?? []).filter((path) => !hidden(path)),
      touched: [...new Set(all.filter(hidden).map((path) => path.split('.')[0]!))],
    },
    after: patched((before ?? { id: change.id, org }) as AnyRecord, { ...change.set, rev } as Fields, change.unset),
  };
}

type Step<N extends CommandName = CommandName> = { [M in N]: [M, ArgsOf<M>] }[N];
const person = 'person';
const b = 'batch';

/** One after another, on one state: every verb at least once. */
const verbs: Step[] = [
  [
    'organization.create',
    {
      id: org,
      name: 'O',
      timeZone: 'UTC',
      admin: { id: 'boss', name: 'B', email: 'b@x.test', passwordHash: 'secret' },
    },
  ],
  ['organization.edit', { id: org, rev: 1, name: 'O2' }],
  ['branch.create', { id: 'north', name: 'N' }],
  ['branch.create', { id: 'south', name: 'S' }],
  ['branch.edit', { id: 'north', rev: 1, name: 'N2' }],
  ['customer.create', { id: 'customer', name: 'C', slaHours: 48, contactEmail: 'c@x.test' }],
  ['customer.edit', { id: 'customer', rev: 1, contactEmail: 'd@x.test', slaHours: 72 }],
  ['center.create', { id: 'center', name: 'S' }],
  ['center.edit', { id: 'center', rev: 1, phone: '1234' }],
  ['person.create', { id: person, name: 'P', email: 'p@x.test', role: 'driver', branches: ['north'] }],
  ['person.create', { id: 'other', name: 'Q', email: 'q@x.test', role: 'driver' }],
  ['person.edit', { id: person, rev: 1, phone: '555', branches: ['south'] }],
  ['person.edit', { id: person, rev: 2, branches: null, email: 'new@x.test' }],
  ['person.edit', { id: person, rev: 3, branches: ['north'] }],
  ['person.editProfile', { id: person, rev: 4, name: 'P2', phone: null }],
  ['warehouse.create', { id: 'warehouse', name: 'W', branch: 'north' }],
  ['warehouse.edit', { id: 'warehouse', rev: 1, branch: 'south', address: 'A' }],
  ['warehouse.edit', { id: 'warehouse', rev: 2, branch: null }],
  ['warehouse.create', { id: 'warehouse2', name: 'W2', branch: 'south' }],
  ['warehouse.merge', { id: 'warehouse2', into: 'warehouse', rev: 1 }],
  ['warehouse.archive', { id: 'warehouse' }],
  ['warehouse.restore', { id: 'warehouse' }],
  ['vendor.create', { id: 'vendor', name: 'V', contactEmail: 'v@x.test' }],
  ['vendor.edit', { id: 'vendor', rev: 1, contactPhone: '1234', contactEmail: null }],
  ['vendor.create', { id: 'vendor2', name: 'V' }],
  ['vendor.merge', { id: 'vendor2', into: 'vendor', rev: 1 }],
  ['vendor.archive', { id: 'vendor' }],
  ['vendor.restore', { id: 'vendor' }],
  ['team.create', { id: 'team', name: 'T', members: [person], branches: ['north'] }],
  ['team.edit', { id: 'team', rev: 1, branches: ['south'] }],
  ['team.create', { id: 'team2', name: 'T2', members: ['other'] }],
  ['team.merge', { id: 'team2', into: 'team', rev: 1 }],
  ['team.archive', { id: 'team' }],
  ['team.restore', { id: 'team' }],
  ['person.setPassword', { id: person, passwordHash: 'secret' }],
  ['person.enrolSecondFactor', { id: 'other', totp: { secret: 'secret' }, recoveryHashes: ['secret', 'secret2'] }],
  ['person.spendRecoveryCode', { id: 'other', recoveryHashes: ['secret2'] }],
  ['person.renewRecoveryCodes', { id: 'other', recoveryHashes: ['secret', 'secret3'] }],
  ['person.dropSecondFactor', { id: 'other' }],
  ['person.enrolSecondFactor', { id: 'other', totp: { secret: 'secret' }, recoveryHashes: ['secret'] }],
  ['person.removeSecondFactor', { id: 'other', why: 'W' }],
  ['person.followProvider', { id: 'other', external: { issuer: 'I', subject: 'S' }, role: 'driver' }],
  ['session.start', { id: 'session', person, tokenHash: 'secret', device: 'D', expiresAt: now + 1 }],
  ['session.start', { id: 'session2', person, tokenHash: 'secret', device: 'D', expiresAt: now + 1 }],
  ['session.renew', { id: 'session', expiresAt: now + 2 }],
  ['session.end', { id: 'session' }],
  ['session.endAll', { person, sessions: ['session2'] }],
  [
    'person.invite',
    {
      id: 'guest',
      name: 'G',
      email: 'g@x.test',
      role: 'manager',
      link: { id: 'link', tokenHash: 'secret', expiresAt: now + 1, mail: true },
    },
  ],
  ['link.settle', { id: 'link', state: 'failed', why: 'W' }],
  [
    'link.create',
    {
      id: 'link2',
      purpose: 'invitation',
      person: 'guest',
      tokenHash: 'secret',
      expiresAt: now + 1,
      mail: false,
      replaces: ['link'],
    },
  ],
  [
    'link.create',
    {
      id: 'link3',
      purpose: 'invitation',
      person: 'guest',
      tokenHash: 'secret',
      expiresAt: now + 1,
      mail: false,
      replaces: [],
    },
  ],
  ['link.revoke', { id: 'link3' }],
  ['link.use', { id: 'link2', passwordHash: 'secret', sessions: [] }],
  ['batch.create', { id: b, branch: 'north', customer: 'customer', center: 'center', parts: ['P1'] }],
  ['batch.edit', { id: b, rev: 1, branch: 'south' }],
  ['batch.edit', { id: b, rev: 2, branch: 'north' }],
  ['batch.assignDriver', { id: b, rev: 3, driver: person }],
  ['batch.assignDriver', { id: b, rev: 4, driver: 'other' }],
  ['batch.assignDriver', { id: b, rev: 5, driver: null }],
  ['batch.moveDueDate', { id: b, rev: 6, dueAt: now + 1000, reason: 'R' }],
  ['batch.addParts', { id: b, parts: ['P2', 'P3'] }],
  ['batch.removeParts', { id: b, parts: ['P3'] }],
  ['batch.addParts', { id: b, parts: ['P3', 'P4'] }],
  ['batch.seal', { id: b, count: 4 }],
  ['batch.handOver', { id: b, driver: person, count: 4 }],
  ['batch.takeBack', { id: b, from: 'sealed', reason: 'R' }],
  ['batch.seal', { id: b, count: 4 }],
  ['batch.correctPart', { id: b, part: 'P4', instead: 'P5', reason: 'R' }],
  ['batch.settleParts', { id: b, parts: ['P5'], how: 'lost', reason: 'R' }],
  ['batch.restoreParts', { id: b, parts: ['P5'], reason: 'R' }],
  ['batch.split', { id: b, into: 'batch2', parts: ['P3', 'P5'], reason: 'R' }],
  ['batch.depart', { id: b, driver: person }],
  ['batch.arrive', { id: b }],
  ['batch.markBreached', { id: b, dueAt: now + 1000 }],
  ['batch.logCall', { id: b, note: 'N' }],
  [
    'batch.notifyCustomer',
    {
      id: b,
      messages: [
        { id: 'message', channel: 'email', to: 'secret@x.test', subject: 'secret', text: 'secret' },
        { id: 'message2', channel: 'sms', to: 'secret', text: 'secret' },
      ],
    },
  ],
  ['message.claim', { id: 'message' }],
  ['message.settle', { id: 'message', attempt: 1, state: 'queued', why: 'W', nextAt: now }],
  ['message.claim', { id: 'message' }],
  ['message.settle', { id: 'message', attempt: 2, state: 'unknown', why: 'W' }],
  ['message.sendAgain', { id: 'message' }],
  ['message.claim', { id: 'message' }],
  ['message.settle', { id: 'message', attempt: 3, state: 'sent' }],
  ['batch.addNote', { id: b, note: { id: 'note', text: 'secret' }, reason: true }],
  ['batch.departBack', { id: b, driver: 'other' }],
  ['undo', { commandId: 'the last one' }],
  ['batch.departBack', { id: b }],
  ['batch.complete', { id: b, count: 2 }],
  ['batch.reopen', { id: b, reason: 'R' }],
  ['batch.complete', { id: b, count: 2 }],
  ['batch.archive', { id: b }],
  ['batch.reopen', { id: b, reason: 'R' }],
  ['batch.create', { id: 'batch3', branch: 'south', customer: 'customer', center: 'center', parts: [] }],
  ['batch.cancel', { id: 'batch3', reason: 'R' }],
  ['batch.reopen', { id: 'batch3', reason: 'R' }],
  ['batch.create', { id: 'batch6', branch: 'north', customer: 'customer', center: 'center', parts: ['P6', 'P7'] }],
  ['batch.seal', { id: 'batch6', count: 2 }],
  [
    'route.create',
    {
      id: 'route',
      branch: 'north',
      day: '2026-03-02',
      driver: 'other',
      stops: [
        { id: 'stop1', place: { kind: 'branch', id: 'north' }, pickUp: ['batch6'], handOver: [] },
        { id: 'stop2', place: { kind: 'center', id: 'center' }, pickUp: [], handOver: ['batch6'] },
      ],
    },
  ],
  ['route.edit', { id: 'route', rev: 1, vehicle: 'V', startAt: now }],
  ['route.assign', { id: 'route', plan: 1, driver: person }],
  [
    'route.plan',
    {
      id: 'route',
      plan: 2,
      stops: [
        { id: 'stop1', place: { kind: 'branch', id: 'north' }, pickUp: ['batch6'], handOver: [] },
        { id: 'stop3', place: { kind: 'customer', id: 'customer' }, pickUp: [], handOver: [] },
        { id: 'stop2', place: { kind: 'center', id: 'center' }, pickUp: [], handOver: ['batch6'] },
      ],
    },
  ],
  ['route.acknowledge', { id: 'route', plan: 3 }],
  ['route.start', { id: 'route' }],
  ['route.arrive', { id: 'route', stop: 'stop1' }],
  ['route.pickUp', { id: 'route', stop: 'stop1', batch: 'batch6', count: 2, scanned: ['P6', 'P7'] }],
  ['route.depart', { id: 'route', stop: 'stop1' }],
  ['route.skip', { id: 'route', stop: 'stop3', reason: 'R' }],
  ['route.report', { id: 'route', problem: 'problem', reason: 'road', text: 'T' }],
  ['route.resolve', { id: 'route', problem: 'problem' }],
  ['route.handOver', { id: 'route', stop: 'stop2', batch: 'batch6', count: 1, reason: 'R', receiver: 'W' }],
  ['route.depart', { id: 'route', stop: 'stop2' }],
  ['route.archive', { id: 'route' }],
  [
    'route.create',
    {
      id: 'route2',
      branch: 'north',
      day: '2026-03-02',
      driver: person,
      stops: [{ id: 'stop4', place: { kind: 'branch', id: 'north' }, pickUp: [], handOver: [] }],
    },
  ],
  ['route.start', { id: 'route2' }],
  ['route.arrive', { id: 'route2', stop: 'stop4' }],
  ['route.finish', { id: 'route2' }],
  [
    'route.create',
    {
      id: 'route3',
      branch: 'north',
      day: '2026-03-02',
      driver: person,
      stops: [{ id: 'stop5', place: { kind: 'center', id: 'center' }, pickUp: ['batch6'], handOver: [] }],
    },
  ],
  ['route.cancel', { id: 'route3', reason: 'R' }],
  ['organization.setWipLimit', { id: org, status: 'sealed', limit: 3 }],
  ['template.create', { id: 'template', name: 'T', branch: 'north', customer: 'customer', center: 'center' }],
  ['template.edit', { id: 'template', rev: 1, branch: 'south', driver: 'other' }],
  ['template.archive', { id: 'template' }],
  ['savedView.create', { id: 'view', name: 'V', page: 'board', query: 'sla=breached' }],
  ['savedView.edit', { id: 'view', rev: 1, name: 'W' }],
  ['savedView.archive', { id: 'view' }],
  ['part.create', { id: 'part', partId: 'P1', label: 'L' }],
  ['part.edit', { id: 'part', rev: 1, customer: 'customer' }],
  ['part.archive', { id: 'part' }],
  ['part.restore', { id: 'part' }],
  ['apiKey.create', { id: 'key', name: 'K', scopes: ['batches:read'], tokenHash: 'secret', hint: 'abcd' }],
  ['apiKey.edit', { id: 'key', rev: 1, scopes: ['people:read'], branches: ['south'] }],
  ['apiKey.edit', { id: 'key', rev: 2, name: 'K2', branches: ['north'], expiresAt: now + 9 }],
  ['apiKey.revoke', { id: 'key' }],
  [
    'import',
    {
      commands: [
        { name: 'customer.create', args: { id: 'customer2', name: 'C2', slaHours: 24 } },
        {
          name: 'batch.create',
          args: { id: 'batch4', branch: 'north', customer: 'customer2', center: 'center', parts: ['P9'] },
        },
      ],
    },
  ],
  ['organization.edit', { id: org, rev: 3, slaStart: 'sealing', retention: { archivedBatchesDays: 0 } }],
  ['batch.create', { id: 'batch5', branch: 'north', customer: 'customer', center: 'center', parts: ['P8'] }],
  ['batch.seal', { id: 'batch5', count: 1 }],
  ['batch.cancel', { id: 'batch3', reason: 'R' }],
  ['batch.erase', { id: 'batch3' }],
  ['route.erase', { id: 'route', because: 'retention' }],
  ['message.erase', { id: 'message', because: 'contacts' }],
  ['message.erase', { id: 'message2', because: 'contacts' }],
  ['customer.eraseContacts', { id: 'customer', rev: 2 }],
  ['vendor.eraseContacts', { id: 'vendor', rev: 4 }],
  ['person.edit', { id: person, rev: 6, active: false }],
  ['person.erase', { id: person, rev: 7 }],
  ['customer.create', { id: 'customer3', name: 'C', slaHours: 24 }],
  ['customer.archive', { id: 'customer3' }],
  ['customer.restore', { id: 'customer3' }],
  ['customer.merge', { id: 'customer', into: 'customer3', rev: 3 }],
  ['center.create', { id: 'center2', name: 'S' }],
  ['center.archive', { id: 'center2' }],
  ['center.restore', { id: 'center2' }],
  ['center.merge', { id: 'center', into: 'center2', rev: 2 }],
  ['branch.create', { id: 'west', name: 'W' }],
  ['branch.archive', { id: 'west' }],
  ['branch.restore', { id: 'west' }],
  // Batches, a template, people and a team come out of the view of whoever is limited to the north.
  ['branch.merge', { id: 'north', into: 'west', rev: 2 }],
];

const everybody: Audience[] = [
  ...roles.map((role) => audience(role)),
  ...roles
    .filter((role) => role !== 'driver')
    .flatMap((role) => [audience(role, { branches: ['north'] }), audience(role, { branches: ['south'] })]),
  audience('driver', { person: 'other' }),
  nowhere,
  { org: 'another', role: 'admin' },
];

describe('changes', () => {
  /** Every entry that the verbs make, with the records around it. */
  const history = (() => {
    const records = new Map<string, AnyRecord>();
    let last: Entry[] = [];
    const state: StateView = {
      get: (kind, id) => records.get(`${kind}/${id}`) as never,
      all: (kind) => [...records].flatMap(([key, record]) => (key.startsWith(`${kind}/`) ? [record] : [])) as never,
      openBatchOf: () => undefined,
      pointingAt: (at, id) =>
        [...records].flatMap(([key, record]) => {
          const kind = key.split('/')[0] as Kind;
          return pointsAt(kind, record, at, id) ? [{ kind, id: record.id }] : [];
        }),
      entriesOf: () => last,
    };
    return verbs.flatMap(([verb, args], i) => {
      const at = now + (verb === 'batch.markBreached' ? 5000 : 0);
      const decide = deciders[verb] as (
        state: StateView,
        args: unknown,
        context: unknown,
      ) => ReturnType<typeof deciders.undo>;
      const decision = decide(state, args, {
        now: at,
        done: at,
        principal: { type: 'person', org, id: person, role: 'admin' },
        nextReference: () => 'B-2001',
      });
      if (!decision.ok) throw new Error(`${verb} (${i}): ${decision.error.message}`);
      const before = last;
      last = [];
      return decision.changes.map((change) => {
        const record = records.get(`${change.kind}/${change.id}`);
        const { entry, after } = entryOf(record, change);
        records.set(`${change.kind}/${change.id}`, after);
        const was = Object.fromEntries(
          [...Object.keys(entry.set), ...entry.unset].flatMap((path) => {
            const value = record && valueAt(record, path);
            return value === undefined ? [] : [[path, value]];
          }),
        );
        last.push({
          ...entry,
          v: 1,
          org,
          seq: i,
          at,
          done: at,
          actor: { type: 'person', id: person },
          commandId: 'c',
          verb,
          id: change.id,
          was,
        });
        void before;
        return { verb, entry, before: record, after };
      });
    });
  })();

  it('the verbs are all verbs', () => {
    expect(new Set(history.map(({ verb }) => verb))).toEqual(new Set(Object.keys(deciders)));
  });

  it.each(everybody.map((who) => [audienceKey(who), who] as const))(
    '[L3] [L4] [L5] %s gets of every verb exactly what it sees',
    (_key, who) => {
      for (const { verb, entry, before, after } of history) {
        const was = viewOf(who, entry.kind, before as never);
        const is = viewOf(who, entry.kind, after as never);
        const mapped = mapEntry(who, entry as never, before as never, after as never);
        expect(sameValue(received(was, mapped), is), `${verb}: ${JSON.stringify(mapped)}`).toBe(true);
        if (is) expect((received(was, mapped) as { rev: number }).rev, `${verb}: the new rev`).toBe(entry.rev);
        if (!was && !is) expect(mapped, `${verb}: not a word`).toBeUndefined();
        // Nothing in it that is not in the view afterwards: not the value, nor the name of a field.
        if (mapped && 'set' in mapped) {
          for (const path of Object.keys(mapped.set))
            expect(is, `${verb} tells ${path}`).toHaveProperty([path.split('.')[0]!]);
          for (const path of mapped.unset) {
            expect(Object.hasOwn(was!, path.split('.')[0]!), `${verb} tells of ${path}`).toBe(true);
          }
        }
        expect(JSON.stringify(mapped ?? {}), verb).not.toContain('secret');
        // Applied twice is applied once.
        if (mapped && 'set' in mapped) expect(sameValue(received(received(was, mapped), mapped), is)).toBe(true);
      }
    },
  );
});
