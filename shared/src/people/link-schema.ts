import { z } from 'zod';
import { email, id, line, phone, recordBase, time } from '../protocol/scalars.ts';
import { linkPurposes, mailStates } from './links.ts';
import { branches, role } from './schema.ts';

const tokenHash = z.string().length(64);

/** What became of the e-mail that took a link to its person. */
export const linkMail = z.object({
  state: z.enum(mailStates),
  at: time,
  /** Why it did not arrive, or may not have: a sentence for people. */
  why: z.string().optional(),
});
export type LinkMail = z.infer<typeof linkMail>;

/**
 * A one-time way in: whoever brings its token may choose a password for the person, once. The token is 32 random bytes
 * and kept nowhere; here is its SHA-256 (secret).
 */
export const link = z.object({
  ...recordBase,
  purpose: z.enum(linkPurposes),
  person: id,
  tokenHash: z.string(),
  createdAt: time,
  /** Absent: the person asked for it themselves. */
  createdBy: id.optional(),
  expiresAt: time,
  usedAt: time.optional(),
  revokedAt: time.optional(),
  /** Absent: it was not sent by e-mail. */
  mail: linkMail.optional(),
});
export type Link = z.infer<typeof link>;

/** `mail`: it goes out by e-mail, from the process that makes it: nobody else has the token. */
const newLink = { tokenHash, expiresAt: time, mail: z.boolean() };

/** A person without a password, and the link by which they come. */
export const invitePerson = z.strictObject({
  id,
  name: line(80),
  email,
  phone: phone.optional(),
  role,
  branches: branches.optional(),
  link: z.strictObject({ id, ...newLink }),
});
export type InvitePerson = z.infer<typeof invitePerson>;

/** `replaces`: earlier links of the person that open nothing from now on. */
export const createLink = z.strictObject({
  id,
  purpose: z.enum(linkPurposes),
  person: id,
  ...newLink,
  replaces: z.array(id).max(100),
});
export type CreateLink = z.infer<typeof createLink>;

export const revokeLink = z.strictObject({ id });
export type RevokeLink = z.infer<typeof revokeLink>;

/** By ingress, which has compared the token: sets the password, and ends the person's sessions (ingress lists them). */
export const useLink = z.strictObject({ id, passwordHash: z.string().max(400), sessions: z.array(id).max(500) });
export type UseLink = z.infer<typeof useLink>;

/** By the process that sent a link: what became of it. */
export const settleLink = z.strictObject({
  id,
  state: z.enum(['sent', 'failed', 'unknown']),
  why: line(300).optional(),
});
export type SettleLink = z.infer<typeof settleLink>;
