import type { WireError } from '@opsboard/shared/protocol/errors';
import { wireError } from '@opsboard/shared/protocol/errors';
import type { Records } from '@opsboard/shared/protocol/kinds';
import { sameValue } from '@opsboard/shared/protocol/patch';
import type { Applied } from '../journal/org-state.ts';

/** Whom an entry shuts out as they are, and what they are told. */
export type Cut =
  { person: string; error: WireError } | { session: string; error: WireError } | { key: string; error: WireError };

/** The id of the person, session or key that is shut out. */
export const cutOwner = (cut: Cut): string => ('person' in cut ? cut.person : 'session' in cut ? cut.session : cut.key);

/** For clients whose rights are now others: connect again at once, and begin with a snapshot. */
export const rightsChanged = (): WireError =>
  wireError('unavailable', 'What you may see or do was changed. The board is loaded again.');

/** For clients whose sign-in has ended. */
export const signedOut = (): WireError => wireError('not_signed_in', 'You were signed out. Sign in again to go on.');

/** For clients of a process that ends: connect again, to another one. */
export const goingDown = (): WireError =>
  wireError('unavailable', 'The server is being restarted. The board connects again by itself.');

/** Whom this entry shuts out, or undefined. */
export function cutOf({ entry, before, after }: Applied): Cut | undefined {
  if (entry.kind === 'session') {
    return Object.hasOwn(entry.set, 'endedAt') ? { session: entry.id, error: signedOut() } : undefined;
  }
  if (entry.kind === 'apiKey') {
    const [was, is] = [before as Records['apiKey'] | undefined, after as Records['apiKey'] | undefined];
    const out = !is || is.revokedAt !== undefined || is.archivedAt !== undefined;
    if (out) return { key: entry.id, error: signedOut() };
    const same = !was || (sameValue(was.scopes, is.scopes) && sameValue(was.branches, is.branches));
    return same ? undefined : { key: entry.id, error: rightsChanged() };
  }
  if (entry.kind !== 'person' || !before) return undefined;
  const [was, is] = [before as Records['person'], after as Records['person'] | undefined];
  const out = !is || is.inactiveAt !== undefined || is.archivedAt !== undefined;
  if (out) return { person: entry.id, error: signedOut() };
  const same = was.role === is.role && sameValue(was.branches, is.branches);
  return same ? undefined : { person: entry.id, error: rightsChanged() };
}
