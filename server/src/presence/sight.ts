import type { PersonColour, PersonHere, Place } from '@opsboard/shared/presence/schema';
import type { Person } from '@opsboard/shared/people/schema';
import { audienceOf, seesAny } from '@opsboard/shared/protocol/audiences';
import type { Audience } from '@opsboard/shared/protocol/audiences';
import { mayUse } from '@opsboard/shared/protocol/rights';
import type { OrgState } from '../journal/org-state.ts';
import type { Said } from './said.ts';
import { placeKey } from './said.ts';

/** Where one is who looks at what others must not know of. */
const somewhere: Place = { page: 'batches' };

/**
 * What an audience is told of a person ([P4]): nothing, unless it sees the person; and no batch that either of the two
 * does not see, by the records as they are now. Batches outside the live set are told of to nobody.
 */
export function sightOf(
  audience: Audience,
  state: Pick<OrgState, 'get'>,
  person: Person | undefined,
  said: Said | undefined,
  colour: PersonColour,
): PersonHere | undefined {
  if (!said || !person || person.inactiveAt !== undefined || !seesAny(audience, 'person', person)) return undefined;
  const { id, org, role, branches } = person;
  const principal = { type: 'person' as const, id, org, role, ...(branches ? { branches } : {}) };
  if (!mayUse(principal, 'presence.share')) return undefined;
  const theirs = audienceOf(principal);
  const seen = (name: string) => {
    const batch = state.get('batch', name);
    return batch && seesAny(audience, 'batch', batch) && seesAny(theirs, 'batch', batch) ? batch : undefined;
  };
  const at = new Map<string, Place>();
  for (const { place } of said.at) {
    const told = 'page' in place || seen(place.batch) ? place : somewhere;
    if (!at.has(placeKey(told))) at.set(placeKey(told), told);
  }
  const held = said.moving && seen(said.moving.batch);
  // Who may take no step has no card in hand, whatever their tab says.
  const moving = held && mayUse(principal, 'batch.depart', { branch: held.branch, owner: held.driver });
  return { person: id, colour, at: [...at.values()], ...(moving ? { moving: held.id } : {}) };
}

/**
 * The colours of an organization's people. Everybody who may be seen counts, in the order in which they came, so that the
 * same person has the same colour on every screen, and a team of six has six.
 */
export function coloursOf(people: Iterable<Person>): Map<string, PersonColour> {
  const ids: string[] = [];
  for (const person of people) if (person.role !== 'driver' && person.role !== 'display') ids.push(person.id);
  // Ids begin with the time at which they were made.
  ids.sort();
  return new Map(ids.map((id, i) => [id, ((i % 6) + 1) as PersonColour]));
}
