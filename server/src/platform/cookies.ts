/** The value of one cookie in a `Cookie` header, or undefined. The first one counts, as browsers send the nearest first. */
export function readCookie(header: string | undefined, name: string): string | undefined {
  if (header === undefined) return undefined;
  for (const pair of header.split(';')) {
    const at = pair.indexOf('=');
    if (at > 0 && pair.slice(0, at).trim() === name) return pair.slice(at + 1).trim();
  }
  return undefined;
}

/**
 * The name of the session cookie. Over https it carries the `__Host-` prefix, so that no other host under the same
 * domain can plant one.
 */
export function sessionCookieName(secure: boolean): string {
  return secure ? '__Host-opsboard' : 'opsboard';
}

/**
 * The `Set-Cookie` header for a session: for this host only, out of reach of scripts, and not sent along by other
 * sites' requests except for following a link.
 *
 * @param value the token, or an empty text to remove the cookie
 * @param maxAgeMs how long the browser keeps it, milliseconds
 */
export function sessionCookie(value: string, maxAgeMs: number, secure: boolean): string {
  return cookie(sessionCookieName(secure), value, maxAgeMs, secure);
}

/** The name of the cookie that a browser carries to the sign-in provider and back. */
export function providerCookieName(secure: boolean): string {
  return secure ? '__Host-opsboard-provider' : 'opsboard-provider';
}

/** A `Set-Cookie` header of ours, with the marks that {@link sessionCookie} has; an empty value removes the cookie. */
export function cookie(name: string, value: string, maxAgeMs: number, secure: boolean): string {
  const age = value === '' ? 0 : Math.max(0, Math.floor(maxAgeMs / 1000));
  return `${name}=${value}; Path=/; Max-Age=${age}; HttpOnly; SameSite=Lax${secure ? '; Secure' : ''}`;
}
