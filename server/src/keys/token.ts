import { newToken, sha256, tokenShape } from '../platform/tokens.ts';

/** The beginning of every key: people, and scanners for leaked secrets, tell by it what it is. */
const mark = 'ops_';

/** A new key, what is kept of it, and the signs by which people know it again. */
export function newKey(): { token: string; tokenHash: string; hint: string } {
  const token = mark + newToken();
  return { token, tokenHash: sha256(token), hint: token.slice(-4) };
}

export const isKey = (text: string): boolean => text.startsWith(mark) && tokenShape.test(text.slice(mark.length));

/** What an `Authorization: Bearer` header carries; undefined for every other header, or none. */
export function bearerOf(header: string | undefined): string | undefined {
  const found = /^bearer(?:\s+(.*))?$/i.exec(header?.trim() ?? '');
  return found ? (found[1] ?? '') : undefined;
}
