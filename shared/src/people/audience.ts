import type { Audience, View } from '../protocol/view.ts';
import type { Person } from './schema.ts';

/** Whether two branch limits meet; no limit meets everything. */
function meet(a: readonly string[] | undefined, b: readonly string[] | undefined): boolean {
  return a === undefined || b === undefined || a.some((id) => b.includes(id));
}

/** What of a person is for admins only. */
const admins = ['email', 'branches', 'invitedAt', 'joinedAt', 'secondFactor', 'external'] as const;

/**
 * Colleagues who share a branch see each other's name and role. Addresses, branch limits, when somebody was
 * invited and how they sign in are the admin's; a driver sees themselves only.
 */
export const personView: View<'person'> = {
  sees: (audience: Audience, person: Person) =>
    audience.role === 'driver' ? person.id === audience.person : meet(audience.branches, person.branches),
  hides: (audience) => (audience.role === 'admin' ? [] : audience.role === 'display' ? ['phone', ...admins] : admins),
};
