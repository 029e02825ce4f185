import { expect, it } from 'vitest';
import { dueWork } from './sweep.ts';

const day = 86_400_000;
const now = 1_790_000_000_000;

const nothing = undefined;
it.each([
  ['open, not due', { status: 'at_center', dueAt: now }, nothing],
  ['open, overdue', { status: 'at_center', dueAt: now - 1 }, 'batch.markBreached'],
  ['a draft, overdue', { status: 'draft', dueAt: now - 1 }, 'batch.markBreached'],
  ['overdue, on record', { status: 'at_center', dueAt: now - 1, breachOf: now - 1 }, nothing],
  [
    'overdue again after the date was moved',
    { status: 'at_center', dueAt: now - 1, breachOf: now - 9 },
    'batch.markBreached',
  ],
  ['completed late', { status: 'completed', dueAt: now - 1, since: now }, nothing],
  ['completed three days ago', { status: 'completed', dueAt: now, since: now - 3 * day }, nothing],
  ['completed longer ago', { status: 'completed', dueAt: now, since: now - 3 * day - 1 }, 'batch.archive'],
])('%s', (_what, fields, name) => {
  const batch = { id: 'b', steps: {}, ...fields };
  const state = {
    org: 'o',
    get: () => ({ archiveAfterDays: 3 }),
    all: (kind: string) => (kind === 'batch' ? [batch] : []),
  };
  expect(dueWork(state as never, now).map((work) => work.name)).toEqual(name === nothing ? [] : [name]);
});

it.each([
  ['open', { expiresAt: now + 1 }, {}, nothing],
  ['run out', { expiresAt: now }, {}, 'session.end'],
  ['of somebody who was deactivated', { expiresAt: now + day }, { inactiveAt: now - day }, 'session.end'],
])('a session that is %s', (_what, session, person, name) => {
  const state = {
    org: 'o',
    get: (kind: string) => (kind === 'person' ? person : undefined),
    all: (kind: string) => (kind === 'session' ? [{ id: 's', person: 'p', ...session }] : []),
  };
  expect(dueWork(state as never, now).map((work) => work.name)).toEqual(name === nothing ? [] : [name]);
});
