import type { Role } from '@opsboard/shared/people/roles';
import type { SessionState } from './session.svelte.ts';

/** Where a window ends that was opened only to sign in: it says so, and closes. */
export const signedInPage = '/sign-in/done';

/** Where somebody begins. */
const homeOf = (role: Role | undefined): string => (role === 'driver' ? '/drive' : '/operations');

/** Whether a page is for somebody: a driver has the phone's pages, and none of the desk's. */
const isFor = (role: Role | undefined, path: string): boolean => role !== 'driver' || /^\/drive(?:[/?#]|$)/.test(path);

/** A path of this site to go to after signing in; anything else would be a way to lead people astray. */
function safe(to: string | null, role: Role | undefined): string {
  if (to === signedInPage) return to;
  return to !== null &&
    /^\/(?![/\\])/.test(to) &&
    !to.startsWith('/sign-in') &&
    !to.startsWith('/setup') &&
    isFor(role, to)
    ? to
    : homeOf(role);
}

/** Pages for whoever has no password (any more): they need no sign-in, and one changes nothing about them. */
const open: readonly string[] = ['/join', '/reset', '/forgotten'];

/**
 * Where a page has to send its reader, or undefined when they are right here. An expired session keeps its page: it
 * signs in in place.
 *
 * @param role of who is signed in
 */
export function entryTo(
  state: SessionState,
  url: { pathname: string; search: string; searchParams: Pick<URLSearchParams, 'get'> },
  role?: Role,
): string | undefined {
  const at = url.pathname;
  if (open.includes(at) && state !== 'setup') return undefined;
  switch (state) {
    case 'unknown':
    case 'expired':
      return undefined;
    case 'setup':
      return at === '/setup' ? undefined : '/setup';
    case 'signed_out':
      if (at === '/sign-in') return undefined;
      return at === '/' || at === '/setup' ? '/sign-in' : `/sign-in?to=${encodeURIComponent(at + url.search)}`;
    case 'signed_in':
      if (at === '/sign-in') return safe(url.searchParams.get('to'), role);
      if (at === signedInPage) return undefined;
      return at === '/' || at === '/setup' || !isFor(role, at) ? homeOf(role) : undefined;
  }
}
