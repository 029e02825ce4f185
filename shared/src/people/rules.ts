import type { StateView } from '../protocol/decision.ts';
import type { Person } from './schema.ts';

/** The state of a person towards the board. Somebody who was invited and has not come yet cannot sign in. */
export type Standing = 'invited' | 'active' | 'inactive';

export function standingOf(person: Pick<Person, 'inactiveAt' | 'invitedAt' | 'joinedAt'>): Standing {
  if (person.inactiveAt !== undefined) return 'inactive';
  return person.invitedAt !== undefined && person.joinedAt === undefined ? 'invited' : 'active';
}

/** Whether somebody can sign in and look after everybody: an admin with all branches. */
export function leads(
  person: Pick<Person, 'role' | 'branches' | 'inactiveAt' | 'invitedAt' | 'joinedAt' | 'archivedAt'>,
): boolean {
  return (
    person.role === 'admin' &&
    person.branches === undefined &&
    person.archivedAt === undefined &&
    standingOf(person) === 'active'
  );
}

/** Whether nobody is left to look after the organization once this person does not. */
export function isLastAdmin(state: Pick<StateView, 'all'>, person: Person): boolean {
  if (!leads(person)) return false;
  for (const other of state.all('person')) if (other.id !== person.id && leads(other)) return false;
  return true;
}
