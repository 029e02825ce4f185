import type { Scope } from '../keys/scopes.ts';
import type { Role } from '../people/roles.ts';

/** Who did it, as written in entries and receipts. `key` is another system's API key; `system` names the part that acted: `clock`, `setup`, `archive`. */
export type Actor = { type: 'person'; id: string } | { type: 'key'; id: string } | { type: 'system'; id: string };

/**
 * Who is asking, resolved at ingress from the session or the API key and, inside the lane, again from the person's or
 * the key's record as it is then. `branches` absent means all branches.
 */
export type Principal =
  | { type: 'person'; org: string; id: string; role: Role; branches?: readonly string[]; session?: string }
  | { type: 'key'; org: string; id: string; scopes: readonly Scope[]; branches?: readonly string[] }
  | { type: 'system'; org: string; id: string };

/** The part of a principal that is kept in the journal. */
export function actorOf(principal: Principal): Actor {
  return { type: principal.type, id: principal.id };
}

/** One text per actor, equal for equal actors. */
export function actorKey(actor: Actor): string {
  return `${actor.type}:${actor.id}`;
}
