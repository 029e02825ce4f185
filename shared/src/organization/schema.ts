import { z } from 'zod';
import { statuses } from '../batches/steps.ts';
import { email, id, line, recordBase, rev, time, timeZone } from '../protocol/scalars.ts';

const wipLimit = z.int().min(1).max(100_000);

/** The organization that every other record belongs to; its `id` equals its `org`. */
export const organization = z.object({
  ...recordBase,
  name: line(80),
  timeZone,
  /** How long an undo is offered and accepted after the command, seconds. */
  undoSeconds: z.int().min(5).max(3600),
  /** Completed batches leave the live set this many days after completion. */
  archiveAfterDays: z.int().min(1).max(365),
  /** How many batches a column of the board should hold at most, by status; an excess is shown, never refused. */
  wipLimits: z.partialRecord(z.enum(statuses), wipLimit).optional(),
  createdAt: time,
});
export type Organization = z.infer<typeof organization>;

/** First start only, by the `setup` system actor: the organization and its first admin, in one command. */
export const createOrganization = z.strictObject({
  id,
  name: line(80),
  timeZone,
  admin: z.strictObject({ id, name: line(80), email, passwordHash: z.string().max(400) }),
});
export type CreateOrganization = z.infer<typeof createOrganization>;

export const editOrganization = z.strictObject({
  id,
  rev,
  name: line(80).optional(),
  timeZone: timeZone.optional(),
  undoSeconds: z.int().min(5).max(3600).optional(),
  archiveAfterDays: z.int().min(1).max(365).optional(),
});
export type EditOrganization = z.infer<typeof editOrganization>;

/** The limit of one column of the board; null takes it off. */
export const setWipLimit = z.strictObject({ id, status: z.enum(statuses), limit: wipLimit.nullable() });
export type SetWipLimit = z.infer<typeof setWipLimit>;
