import { createHash, randomBytes } from 'node:crypto';

/** `ops_` and 32 random bytes, base64url: the beginning lets people and scanners for leaked secrets tell what it is. */
const shape = /^ops_[A-Za-z0-9_-]{43}$/;

/** A new token, and what is kept of it. */
export function newToken(): { token: string; tokenHash: string; hint: string } {
  const token = `ops_${randomBytes(32).toString('base64url')}`;
  return { token, tokenHash: hashToken(token), hint: token.slice(-4) };
}

export const isToken = (text: string): boolean => shape.test(text);

/** SHA-256 in hex: a token has as much randomness as the hash, so that nothing slower is needed. */
export const hashToken = (token: string): string => createHash('sha256').update(token).digest('hex');

/** What an `Authorization: Bearer` header carries; undefined for every other header, or none. */
export function bearerOf(header: string | undefined): string | undefined {
  const found = /^bearer(?:\s+(.*))?$/i.exec(header?.trim() ?? '');
  return found ? (found[1] ?? '') : undefined;
}
