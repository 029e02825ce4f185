import type { WireError } from '../protocol/errors.ts';
import { wireError } from '../protocol/errors.ts';
import type { Link } from './link-schema.ts';
import type { Person } from './schema.ts';

/** What a one-time link is for: a first password, or a new one. */
export const linkPurposes = ['invitation', 'password'] as const;
export type LinkPurpose = (typeof linkPurposes)[number];

/** How long a link opens something, milliseconds. */
export const linkLifetime: { readonly [P in LinkPurpose]: number } = {
  invitation: 7 * 86_400_000,
  password: 3_600_000,
};

/** The page that a link leads to; the token follows as the fragment, which no server, proxy or log gets to see. */
export const linkPage: { readonly [P in LinkPurpose]: string } = { invitation: '/join', password: '/reset' };

/**
 * `sending`: on its way. `sent`: the mail server has taken it. `failed`: it was not taken. `unknown`: it may or may not
 * have been taken; only a person sends another one.
 */
export const mailStates = ['sending', 'sent', 'failed', 'unknown'] as const;
export type MailState = (typeof mailStates)[number];

/** Why a link opens nothing. */
export type VoidLink = 'unknown' | 'used' | 'expired' | 'revoked';

const words: { readonly [W in VoidLink]: string } = {
  unknown: 'This link is not known here. Check that all of it was copied, or ask your admin for a new one.',
  used: 'This link has been used. Sign in with the password you chose, or ask your admin for a new link.',
  expired: 'This link has run out. Ask your admin for a new one.',
  revoked: 'This link does not open anything any more: a newer one took its place, or it was withdrawn.',
};

/** The refusal of a link that opens nothing; `details.why` says it to programs. */
export const voidLink = (why: VoidLink): WireError => wireError('link_void', words[why], { details: { why } });

/** Why a link opens nothing at a time, or undefined while it opens. */
export function faultOfLink(link: Link, person: Person | undefined, now: number): VoidLink | undefined {
  if (link.usedAt !== undefined) return 'used';
  if (link.revokedAt !== undefined) return 'revoked';
  if (link.expiresAt <= now) return 'expired';
  if (!person || person.inactiveAt !== undefined || person.archivedAt !== undefined) return 'revoked';
  return link.createdAt < (person.linksSince ?? 0) ? 'revoked' : undefined;
}
