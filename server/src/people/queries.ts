import type { Person } from '@opsboard/shared/people/schema';
import { mayOn } from '../dispatch/authorize.ts';
import type { OrgState } from '../journal/org-state.ts';
import type { SignedIn } from './sessions.ts';

/** The person whom the asker may look after, or undefined. */
export function readPerson(state: Pick<OrgState, 'get'>, who: SignedIn, id: string): Person | undefined {
  const person = state.get('person', id);
  return person && mayOn(state, who, 'people.manage', 'person', person) ? person : undefined;
}
