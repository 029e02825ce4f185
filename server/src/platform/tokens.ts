import { createHash, randomBytes } from 'node:crypto';

/** A secret of 32 random bytes, base64url: of a session, a one-time link, an API key. */
export const newToken = (): string => randomBytes(32).toString('base64url');

/** What {@link newToken} makes. */
export const tokenShape = /^[A-Za-z0-9_-]{43}$/;

/** SHA-256 in hex. A token has as much randomness as the hash, so that nothing slower is needed to keep it. */
export const sha256 = (text: string): string => createHash('sha256').update(text).digest('hex');
