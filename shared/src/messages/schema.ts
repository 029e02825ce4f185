import { z } from 'zod';
import { email, id, line, paragraphs, phone, recordBase, time } from '../protocol/scalars.ts';
import { channels, messageStates } from './words.ts';

const channel = z.enum(channels);
const state = z.enum(messageStates);

/** A message to a customer. `to`, `subject` and `text` are personal (see `kinds`). */
export const message = z.object({
  ...recordBase,
  batch: id,
  branch: id,
  channel,
  to: z.string(),
  subject: z.string().optional(),
  text: z.string(),
  state,
  /** How often it was claimed for sending. */
  attempts: z.int().min(0),
  /** Not to be tried again before. */
  nextAt: time.optional(),
  claimedAt: time.optional(),
  settledAt: time.optional(),
  /** Why it is not sent, in words for people. */
  why: z.string().optional(),
  createdAt: time,
  createdBy: id,
  archivedAt: time.optional(),
  /** Its address and text were erased. */
  erasedAt: time.optional(),
});
export type Message = z.infer<typeof message>;

/** What a batch says of the last message on a channel. */
export const delivery = z.object({
  message: id,
  state,
  at: time,
  why: z.string().optional(),
  nextAt: time.optional(),
});
export type Delivery = z.infer<typeof delivery>;

/** A message as a person hands it in. */
export const newMessage = z.discriminatedUnion('channel', [
  z.strictObject({ id, channel: z.literal('email'), to: email, subject: line(150), text: paragraphs(8_000) }),
  z.strictObject({ id, channel: z.literal('sms'), to: phone, text: paragraphs(600) }),
]);
export type NewMessage = z.infer<typeof newMessage>;

/** By the sender: from now on it is under way, and nobody else sends it. */
export const claimMessage = z.strictObject({ id });
export type ClaimMessage = z.infer<typeof claimMessage>;

/** By the sender: what became of an attempt. `queued` with `nextAt`: nothing was taken, it is tried again then. */
export const settleMessage = z.strictObject({
  id,
  attempt: z.int().min(1),
  state: z.enum(['sent', 'failed', 'unknown', 'queued']),
  why: line(300).optional(),
  nextAt: time.optional(),
});
export type SettleMessage = z.infer<typeof settleMessage>;

/** By a person, of one that failed or whose outcome is not known. */
export const sendMessageAgain = z.strictObject({ id });
export type SendMessageAgain = z.infer<typeof sendMessageAgain>;
