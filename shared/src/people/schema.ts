import { z } from 'zod';
import { email, id, line, phone, recordBase, rev, time } from '../protocol/scalars.ts';
import { roles } from './roles.ts';

export const role = z.enum(roles);

/** Branches by id; absent or undefined means all branches. An empty list sees none. */
export const branches = z.array(id).max(200);

/**
 * A person who may sign in. `passwordHash` and `linksSince` are secret, name, email and phone are personal (see `kinds`).
 */
/** An account at a sign-in provider: who issued it, and the provider's own name for whose it is. */
export const external = z.object({ issuer: z.string().max(500), subject: z.string().max(255) });

/** A person who may sign in. What is secret and what is personal of it, `kinds` says. */
export const person = z.object({
  ...recordBase,
  name: line(80),
  email,
  phone: phone.optional(),
  role,
  branches: branches.optional(),
  passwordHash: z.string().optional(),
  /** Invited by link; until `joinedAt` they have no password, and cannot sign in. */
  invitedAt: time.optional(),
  joinedAt: time.optional(),
  /** One-time links made before this moment open nothing any more: the password or the address has changed since. */
  linksSince: time.optional(),
  /** The second factor: the secret of its codes, sealed by the server, and since when it is asked for. */
  totp: z.object({ secret: z.string(), since: time }).optional(),
  /** Whether a second factor is set up; absent means that it is not. */
  secondFactor: z.boolean().optional(),
  /** SHA-256 of each recovery code that is left. */
  recoveryHashes: z.array(z.string()).optional(),
  /** Who they are at the sign-in provider: personal, and one person's only. */
  external: external.optional(),
  /** Deactivated since; ends every session. */
  inactiveAt: time.optional(),
  createdAt: time,
  archivedAt: time.optional(),
  /** Name, address and sign-in were erased; what they did stays, under their id. */
  erasedAt: time.optional(),
});
export type Person = z.infer<typeof person>;
/** A person without what is secret: the shape of answers. */
export const personShown = person.omit({
  passwordHash: true,
  linksSince: true,
  totp: true,
  recoveryHashes: true,
});

/** A signed-in device. The cookie holds a random token; here is its SHA-256. */
export const session = z.object({
  ...recordBase,
  person: id,
  tokenHash: z.string(),
  /** The browser's own description of itself, shortened. */
  device: z.string().max(200).optional(),
  createdAt: time,
  expiresAt: time,
  /** When use last moved its end (drivers' sessions only). */
  renewedAt: time.optional(),
  endedAt: time.optional(),
});
export type Session = z.infer<typeof session>;

export const createPerson = z.strictObject({
  id,
  name: line(80),
  email,
  phone: phone.optional(),
  role,
  branches: branches.optional(),
  passwordHash: z.string().max(400).optional(),
});
export type CreatePerson = z.infer<typeof createPerson>;

/** `branches: null` lifts the limit; `active: false` deactivates. */
export const editPerson = z.strictObject({
  id,
  rev,
  name: line(80).optional(),
  email: email.optional(),
  phone: phone.nullable().optional(),
  role: role.optional(),
  branches: branches.nullable().optional(),
  active: z.boolean().optional(),
});
export type EditPerson = z.infer<typeof editPerson>;

/** A person's own name and phone. */
export const editProfile = z.strictObject({ id, rev, name: line(80).optional(), phone: phone.nullable().optional() });
export type EditProfile = z.infer<typeof editProfile>;

/** The hash was made at ingress, which also checked the present password.. */
export const setPassword = z.strictObject({ id, passwordHash: z.string().max(400) });
export type SetPassword = z.infer<typeof setPassword>;

/** Written by ingress after a successful sign-in, as the `sign-in` system actor. */
export const startSession = z.strictObject({
  id,
  person: id,
  tokenHash: z.string().length(64),
  device: z.string().max(200).optional(),
  expiresAt: time,
});
export type StartSession = z.infer<typeof startSession>;

export const endSession = z.strictObject({ id });
export type EndSession = z.infer<typeof endSession>;
/** Ends the named sessions of one person (ingress lists them): "sign out everywhere". */
export const endSessions = z.strictObject({ person: id, sessions: z.array(id).min(1).max(500) });
export type EndSessions = z.infer<typeof endSessions>;

/** By the server, when somebody whose sessions are renewed by use has used one: at most once a day. */
export const renewSession = z.strictObject({ id, expiresAt: time });
export type RenewSession = z.infer<typeof renewSession>;
