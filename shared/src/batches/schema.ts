import { z } from 'zod';
import { id, line, recordBase, rev, time } from '../protocol/scalars.ts';
import { notes, response } from './response-schema.ts';
import { partId } from './scalars.ts';
import { maxParts, statuses } from './steps.ts';

export const status = z.enum(statuses);

/** One step as it happened: when it was done, and by whom. */
const step = z.object({
  at: time,
  by: z.string(),
  count: z.int().optional(),
  /** It happened at a stop of this route. */ route: id.optional(),
});

/** How a part leaves a batch on the way: it will not come back. */
export const outcome = z.enum(['lost', 'scrapped']);

/** A part inside a batch; `out` once it is known that it will not come back with it. */
const part = z.object({
  addedAt: time,
  out: z.object({ how: outcome, at: time, by: z.string(), why: z.string() }).optional(),
});

/** Parts sent to a service center together. Times are milliseconds since the epoch. */
export const batch = z.object({
  ...recordBase,
  /** The human reference, as `B-2041`; the server gives it. */
  reference: z.string(),
  branch: id,
  customer: id,
  center: id,
  driver: id.optional(),
  /** The open route on which it is still to be picked up or handed over. */
  route: id.optional(),
  status,
  /** When the present status was reached. */
  since: time,
  /** The steps taken, by the status they led to. */
  steps: z.partialRecord(status, step),
  /** By part ID. Not part of what boards hold: read the batch to see them. */
  parts: z.record(z.string(), part),
  partCount: z.int().min(0),
  /** How many of them are lost or scrapped; absent: none. */
  outCount: z.int().min(1).optional(),
  /** Custody passed to a driver while it was sealed, before it departed. */
  handover: z.object({ at: time, by: z.string(), to: id }).optional(),
  /** The batch that its parts stayed behind from. */
  splitFrom: id.optional(),
  /** The expected return date. */
  dueAt: time,
  /** The first promise, which compliance counts; never moved once it has been made. */
  promisedAt: time,
  /** What its date is counted from, where that is not its creation and no person has set the date. */
  slaStart: z.enum(['sealing', 'departure']).optional(),
  /** That has not happened yet: the date is a guess, and no promise has been made. */
  provisional: z.literal(true).optional(),
  /** The expected return date whose breach was journalled: once per promised date. */
  breachOf: time.optional(),
  /** A breach that was on record and was none: what ended it was done in time, and told after. `of`: the date. */
  breachWithdrawn: z.object({ of: time, at: time }).optional(),
  /** What is being done, or was done, about a breach. */
  response: response.optional(),
  /** By id. Not part of what boards hold, as the parts. */
  notes: notes.optional(),
  noteCount: z.int().min(1).optional(),
  createdAt: time,
  createdBy: id,
  /** A draft that was given up. It is archived with it, and its parts are free. */
  cancelledAt: time.optional(),
  archivedAt: time.optional(),
  /** It is being deleted for good, and never changes again. */
  erasedAt: time.optional(),
});
export type Batch = z.infer<typeof batch>;
/** A batch as boards hold it: without its notes, and with its parts for its driver only. */
export type BatchInView = Omit<Batch, 'parts' | 'notes'> & Partial<Pick<Batch, 'parts'>>;

const parts = z.array(partId).max(maxParts);
/** A reason: free text, shown on the timeline. */
export const reason = line(300);

export const createBatch = z.strictObject({
  id,
  branch: id,
  customer: id,
  center: id,
  driver: id.optional(),
  parts,
  /** Left out: proposed from the customer's SLA; provisional where that is not counted from creation. */
  dueAt: time.optional(),
});
export type CreateBatch = z.infer<typeof createBatch>;

/** Only while it is a draft. */
export const editBatch = z.strictObject({
  id,
  rev,
  branch: id.optional(),
  customer: id.optional(),
  center: id.optional(),
});
export type EditBatch = z.infer<typeof editBatch>;

export const assignDriver = z.strictObject({ id, rev, driver: id.nullable() });
export type AssignDriver = z.infer<typeof assignDriver>;

export const moveDueDate = z.strictObject({ id, rev, dueAt: time, reason });
export type MoveDueDate = z.infer<typeof moveDueDate>;

export const changeParts = z.strictObject({ id, parts: parts.min(1) });
export type ChangeParts = z.infer<typeof changeParts>;
export const removeParts = z.strictObject({ id, parts: parts.min(1), reason: reason.optional() });
export type RemoveParts = z.infer<typeof removeParts>;

/** A wrong scan: `part` was listed, `instead` is what is really there. */
export const correctPart = z.strictObject({ id, part: partId, instead: partId, reason });
export type CorrectPart = z.infer<typeof correctPart>;
/** Parts that will not come back. */
export const settleParts = z.strictObject({ id, parts: parts.min(1), how: outcome, reason });
export type SettleParts = z.infer<typeof settleParts>;
/** Found again, or wrongly reported. */
export const restoreParts = z.strictObject({ id, parts: parts.min(1), reason });
export type RestoreParts = z.infer<typeof restoreParts>;
/** Parts that stay behind become a batch of their own, under the id `into`. */
export const splitBatch = z.strictObject({ id, into: id, parts: parts.min(1), reason });
export type SplitBatch = z.infer<typeof splitBatch>;

/** Steps need no `rev`: a second one from the same status is refused as `illegal_step`. */
export const countedStep = z.strictObject({ id, count: z.int().min(0).max(100_000) });
export type CountedStep = z.infer<typeof countedStep>;
/** `driver` left out: the driver the batch already has. */
export const drivenStep = z.strictObject({ id, driver: id.optional() });
export type DrivenStep = z.infer<typeof drivenStep>;
export const plainStep = z.strictObject({ id });
export type PlainStep = z.infer<typeof plainStep>;

/** Custody passes to a driver, who counts what they take; `driver` left out: the one the batch has. */
export const handOver = z.strictObject({ id, driver: id.optional(), count: z.int().min(0).max(100_000) });
export type HandOver = z.infer<typeof handOver>;
/** The last step was wrong: `from` is the status that it led to. */
export const takeBack = z.strictObject({ id, from: status, reason });
export type TakeBack = z.infer<typeof takeBack>;
/** Cancelling a draft, and reopening what was completed or cancelled. */
export const withReason = z.strictObject({ id, reason });
export type WithReason = z.infer<typeof withReason>;

/** By the clock: the breach of this promised date, once. */
export const markBreached = z.strictObject({ id, dueAt: time });
export type MarkBreached = z.infer<typeof markBreached>;
/** By the archive job: the batch leaves the live set. */
export const archiveBatch = z.strictObject({ id });
export type ArchiveBatch = z.infer<typeof archiveBatch>;
