import { z } from 'zod';
import { id, line, recordBase, rev, time } from '../protocol/scalars.ts';
import { scopes } from './scopes.ts';

const scopeList = z.array(z.enum(scopes)).min(1, 'must name at least one').max(scopes.length);
/** Branches by id; absent means all branches. */
const branches = z.array(id).min(1, 'must name at least one, or be left out').max(200);
const name = line(60);

/**
 * A key by which another system speaks with the board. The token itself is kept nowhere: `tokenHash` (secret) is its
 * SHA-256, `hint` its last four characters. Where it was last used is not on the record: that is no change of anything.
 */
export const apiKey = z.object({
  ...recordBase,
  name,
  scopes: scopeList,
  branches: branches.optional(),
  tokenHash: z.string(),
  hint: z.string(),
  createdAt: time,
  createdBy: id,
  /** Refused from then on. */
  expiresAt: time.optional(),
  revokedAt: time.optional(),
  archivedAt: time.optional(),
});
export type ApiKey = z.infer<typeof apiKey>;

/** Composed at ingress, which makes the token. */
export const createKey = z.strictObject({
  id,
  name,
  scopes: scopeList,
  branches: branches.optional(),
  expiresAt: time.optional(),
  tokenHash: z.string().length(64),
  hint: z.string().length(4),
});
export type CreateKey = z.infer<typeof createKey>;

/** `null` lifts the limit to branches, or lets the key last. */
export const editKey = z.strictObject({
  id,
  rev,
  name: name.optional(),
  scopes: scopeList.optional(),
  branches: branches.nullable().optional(),
  expiresAt: time.nullable().optional(),
});
export type EditKey = z.infer<typeof editKey>;

export const revokeKey = z.strictObject({ id });
export type RevokeKey = z.infer<typeof revokeKey>;
