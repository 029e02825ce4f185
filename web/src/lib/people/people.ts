import { roleWords, type Role } from '@opsboard/shared/people/roles';
import { standingOf, type Standing } from '@opsboard/shared/people/rules';
import type { Person } from '@opsboard/shared/people/schema';

/** A person as an admin's page holds them. */
export type PersonShown = Pick<
  Person,
  | 'id'
  | 'rev'
  | 'name'
  | 'role'
  | 'phone'
  | 'branches'
  | 'inactiveAt'
  | 'invitedAt'
  | 'joinedAt'
  | 'archivedAt'
  | 'erasedAt'
  | 'secondFactor'
> & { email?: string };

export const standingWords: { readonly [S in Standing]: string } = {
  invited: 'Invited',
  active: 'Active',
  inactive: 'Inactive',
};

/** What a role may do, in one sentence: shown where it is chosen. */
export const roleHints: { readonly [R in Role]: string } = {
  admin: 'Does everything, and looks after people, directory and settings.',
  operations_manager: 'Leads the room: batches, dates, customers and service centers.',
  team_member: 'Works on batches and answers breaches.',
  driver: 'Sees only what they drive, on a phone; stays signed in.',
  manager: 'Reads everything and changes nothing but notes.',
  display: 'A screen on a wall: shows the board and may do nothing.',
};

/** Which people the list shows. */
export type PeopleFilter = { words: string; role: Role | ''; standing: Standing | '' };

/** The people that fit, those who can sign in or will first, then by name. */
export function found(people: Iterable<PersonShown>, { words, role, standing }: PeopleFilter): PersonShown[] {
  const wanted = words.toLowerCase().split(/\s+/).filter(Boolean);
  return [...people]
    .filter((person) => {
      // Erased for good: nobody is there to be looked after.
      if (person.archivedAt !== undefined || person.erasedAt !== undefined) return false;
      if (role !== '' && person.role !== role) return false;
      if (standing !== '' && standingOf(person) !== standing) return false;
      const text = [person.name, person.email, person.phone, roleWords[person.role]].join(' ').toLowerCase();
      return wanted.every((word) => text.includes(word));
    })
    .sort((a, b) => Number(gone(a)) - Number(gone(b)) || a.name.localeCompare(b.name));
}
const gone = (person: PersonShown): boolean => standingOf(person) === 'inactive';

/** What is filled in about a person. `branches` null: all of them. */
export type PersonDraft = {
  name: string;
  email: string;
  phone: string;
  role: Role;
  branches: readonly string[] | null;
};

export const emptyDraft: PersonDraft = { name: '', email: '', phone: '', role: 'team_member', branches: null };

export const draftOf = (person: PersonShown): PersonDraft => ({
  name: person.name,
  email: person.email ?? '',
  phone: person.phone ?? '',
  role: person.role,
  branches: person.branches ?? null,
});

type Field = keyof PersonDraft;
const fields = ['name', 'email', 'phone', 'role', 'branches'] as const satisfies readonly Field[];
const same = (a: unknown, b: unknown): boolean =>
  Array.isArray(a) && Array.isArray(b) ? a.length === b.length && a.every((one) => b.includes(one)) : a === b;

/** The fields that are not as they were. */
export const changedFields = (base: PersonDraft, mine: PersonDraft): Field[] =>
  fields.filter((field) => !same(base[field], mine[field]));

/**
 * Somebody else changed the person while a form was open: what is untouched here follows, what was changed on both sides
 * to something different is left as it is here, and named.
 */
export function followed(
  base: PersonDraft,
  mine: PersonDraft,
  now: PersonDraft,
): { draft: PersonDraft; conflicts: Field[] } {
  const touched = changedFields(base, mine);
  const draft = { ...now, ...Object.fromEntries(touched.map((field) => [field, mine[field]])) } as PersonDraft;
  const conflicts = touched.filter((field) => !same(base[field], now[field]) && !same(mine[field], now[field]));
  return { draft, conflicts };
}

/** The args of an edit: only what was changed. */
export function editOfDraft(base: PersonDraft, mine: PersonDraft) {
  const edit: { name?: string; email?: string; phone?: string | null; role?: Role; branches?: string[] | null } = {};
  for (const field of changedFields(base, mine)) {
    if (field === 'branches') edit.branches = mine.branches === null ? null : [...mine.branches];
    else if (field === 'phone') edit.phone = mine.phone.trim() === '' ? null : mine.phone.trim();
    else if (field === 'role') edit.role = mine.role;
    else edit[field] = mine[field].trim();
  }
  return edit;
}
