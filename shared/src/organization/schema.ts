import { z } from 'zod';
import { statuses } from '../batches/steps.ts';
import { center } from '../directory/schema.ts';
import { email, id, line, recordBase, rev, time, timeZone } from '../protocol/scalars.ts';
import { proofNeeds, retentionLeast, slaStarts } from './settings.ts';

const wipLimit = z.int().min(1).max(100_000);
const productName = line(40);
/** As a service center's: minutes after local midnight by weekday; a missing day is closed. */
const hours = center.shape.hours.unwrap();
const slaStart = z.enum(slaStarts);
const atRiskPercent = z.int().min(1).max(99);
const undoSeconds = z.int().min(5).max(3600);
const archiveAfterDays = z.int().min(1).max(365);
const positionDays = z.int().min(0).max(90);
const proofNeed = z.enum(proofNeeds);
/** What a driver is asked for when something changes hands: the receiver's name, their signature, a photo. */
export const proof = z.strictObject({ receiver: proofNeed, signature: proofNeed, photo: proofNeed });
const days = (least: number) => z.int().min(least).max(36_500).optional();

/** After how many days what is over is deleted; what is absent is kept for good. */
export const retention = z.strictObject({
  archivedBatchesDays: days(retentionLeast.archivedBatchesDays),
  messagesDays: days(retentionLeast.messagesDays),
  accessDays: days(retentionLeast.accessDays),
  sessionsDays: days(retentionLeast.sessionsDays),
});
export type Retention = z.infer<typeof retention>;

/** The organization that every other record belongs to; its `id` equals its `org`. */
export const organization = z.object({
  ...recordBase,
  name: line(80),
  /** What the product is called here; absent: Opsboard. */
  productName: productName.optional(),
  /** The file that is shown beside it. */
  logo: id.optional(),
  timeZone,
  /** Working hours: those of service centers that have none of their own. */
  hours: hours.optional(),
  /** What the contracted hours of new batches are counted from; absent: creation. */
  slaStart: slaStart.optional(),
  /** A batch is at risk above this probability of breaching, percent; absent: 20. */
  atRiskPercent: atRiskPercent.optional(),
  /** How long an undo is offered and accepted after the command, seconds. */
  undoSeconds,
  /** Completed batches leave the live set this many days after completion. */
  archiveAfterDays,
  /** Absent: name and signature optional, no photo. */
  proof: proof.optional(),
  /** How long the ways that drivers took are kept, days: 0 not at all; absent: 7. */
  positionDays: positionDays.optional(),
  /** How many batches a column of the board should hold at most, by status; an excess is shown, never refused. */
  wipLimits: z.partialRecord(z.enum(statuses), wipLimit).optional(),
  retention: retention.optional(),
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

/** Fields that are left out stay as they are; `null` removes. */
export const editOrganization = z.strictObject({
  id,
  rev,
  name: line(80).optional(),
  productName: productName.nullable().optional(),
  logo: id.nullable().optional(),
  timeZone: timeZone.optional(),
  hours: hours.nullable().optional(),
  slaStart: slaStart.optional(),
  atRiskPercent: atRiskPercent.optional(),
  undoSeconds: undoSeconds.optional(),
  archiveAfterDays: archiveAfterDays.optional(),
  /** Replaced as a whole. */
  proof: proof.optional(),
  positionDays: positionDays.optional(),
  /** Replaced as a whole. */
  retention: retention.optional(),
});
export type EditOrganization = z.infer<typeof editOrganization>;

/** The limit of one column of the board; null takes it off. */
export const setWipLimit = z.strictObject({ id, status: z.enum(statuses), limit: wipLimit.nullable() });
export type SetWipLimit = z.infer<typeof setWipLimit>;
