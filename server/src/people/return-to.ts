/** Where people go after signing in unless they wanted to go somewhere else. */
const home = '/operations';

/**
 * A page of this board to go to after signing in; anything else would be a way to lead people astray.
 *
 * @returns a path that a browser reads as one of this origin, whatever was asked for
 */
export function returnTo(asked: string | undefined): string {
  // eslint-disable-next-line no-control-regex -- browsers drop them, and then another address stands there
  if (asked === undefined || asked.length > 1_000 || /[\u0000-\u001f\u007f\\]/.test(asked)) return home;
  if (!/^\/(?!\/)/.test(asked) || !URL.canParse(asked, 'http://board.invalid')) return home;
  const { origin, pathname, search } = new URL(asked, 'http://board.invalid');
  if (origin !== 'http://board.invalid' || pathname.startsWith('//')) return home;
  const no = ['/api', '/sign-in', '/setup', '/join', '/reset'];
  if (no.some((prefix) => pathname === prefix || pathname.startsWith(`${prefix}/`))) {
    // The one page that only says that the window can be closed.
    if (pathname !== '/sign-in/done') return home;
  }
  return pathname + search;
}
