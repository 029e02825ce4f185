import { describe, expect, it } from 'vitest';
import type { PersonDraft, PersonShown } from './people.ts';
import { changedFields, draftOf, editOfDraft, followed, found } from './people.ts';

const person = (name: string, more: Partial<PersonShown> = {}): PersonShown => ({
  id: name,
  rev: 1,
  name,
  role: 'team_member',
  email: `${name.toLowerCase()}@x.test`,
  ...more,
});
const people = [
  person('Zoe', { role: 'driver', phone: '+49 30 55' }),
  person('Ada', { inactiveAt: 5 }),
  person('Bo', { invitedAt: 5 }),
  person('Cy', { invitedAt: 5, joinedAt: 6 }),
  person('Gone', { archivedAt: 5 }),
  person('Erased person', { inactiveAt: 5, erasedAt: 6 }),
];
const names = (filter: Partial<Parameters<typeof found>[1]>) =>
  found(people, { words: '', role: '', standing: '', ...filter }).map(({ name }) => name);

describe('the list', () => {
  it.each([
    ['everybody, those who are out last', {}, ['Bo', 'Cy', 'Zoe', 'Ada']],
    ['by name', { words: 'zO' }, ['Zoe']],
    ['by e-mail', { words: 'cy@x' }, ['Cy']],
    ['by phone', { words: '55' }, ['Zoe']],
    ['by role in words', { words: 'team member c' }, ['Cy']],
    ['all words must fit', { words: 'zoe team' }, []],
    ['by role', { role: 'driver' }, ['Zoe']],
    ['invited', { standing: 'invited' }, ['Bo']],
    ['active', { standing: 'active' }, ['Cy', 'Zoe']],
    ['inactive', { standing: 'inactive' }, ['Ada']],
  ] as const)('%s', (_what, filter, expected) => expect(names(filter)).toEqual(expected));
});

describe('a form beside changes of others', () => {
  const base: PersonDraft = { name: 'A', email: 'a@x.test', phone: '', role: 'driver', branches: ['n', 's'] };

  it.each([
    ['untouched follows', base, { ...base, role: 'manager' }, { ...base, role: 'manager' }, []],
    ['other fields', { ...base, name: 'B' }, { ...base, phone: '1234' }, { ...base, name: 'B', phone: '1234' }, []],
    ['the same field', { ...base, name: 'B' }, { ...base, name: 'C' }, { ...base, name: 'B' }, ['name']],
    ['the same field, alike', { ...base, name: 'B' }, { ...base, name: 'B' }, { ...base, name: 'B' }, []],
    ['branches in another order', base, { ...base, branches: ['s', 'n'] }, { ...base, branches: ['s', 'n'] }, []],
    [
      'branches of both',
      { ...base, branches: null },
      { ...base, branches: ['n'] },
      { ...base, branches: null },
      ['branches'],
    ],
  ] as [string, PersonDraft, PersonDraft, PersonDraft, string[]][])('%s', (_what, mine, now, draft, conflicts) => {
    expect(followed(base, mine, now)).toEqual({ draft, conflicts });
  });

  it('sends only what was changed, and removes what was emptied', () => {
    expect(changedFields(base, { ...base, branches: ['s', 'n'] })).toEqual([]);
    const was = draftOf(person('Zoe', { phone: '1234', branches: ['n'] }));
    expect(editOfDraft(was, { ...was, phone: ' ', branches: null, email: ' q@x.test ' })).toEqual({
      phone: null,
      branches: null,
      email: 'q@x.test',
    });
    expect(editOfDraft(base, { ...base, role: 'admin', branches: ['n'] })).toEqual({ role: 'admin', branches: ['n'] });
  });
});
