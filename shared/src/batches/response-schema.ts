import { z } from 'zod';
import { delivery, newMessage } from '../messages/schema.ts';
import { id, line, paragraphs, time } from '../protocol/scalars.ts';

const done = { at: time, by: z.string() };

/** What was done about a breach: a fact for each of the four steps. It is open until all four are there. */
export const response = z.object({
  /** The expected return date whose breach it answers; the latest one while it stays open. */
  breachOf: time,
  openedAt: time,
  called: z.object({ ...done, note: z.string() }).optional(),
  dated: z.object(done).optional(),
  /** A person's word that they told the customer themselves, and how. */
  told: z.object({ ...done, how: z.string() }).optional(),
  /** The last message on each channel. Named by channel, so that ten thousand boards hold two columns and not a list. */
  email: delivery.optional(),
  sms: delivery.optional(),
  /** The note in which the reason was logged. */
  logged: z.object({ ...done, note: id }).optional(),
});
export type Response = z.infer<typeof response>;

/** One note on a batch. Notes are added and never changed. */
export const note = z.object({ ...done, text: z.string() });
/** By id. Not part of what boards hold: read the batch to see them. */
export const notes = z.record(z.string(), note);
export type Notes = z.infer<typeof notes>;

/** `note`: who was spoken to and what they said. */
export const logCall = z.strictObject({ id, note: line(300) });
export type LogCall = z.infer<typeof logCall>;

/** By one message for each channel, or by the person's own word (`told`: how they told the customer); or both. */
export const notifyCustomer = z
  .strictObject({ id, messages: z.array(newMessage).max(2), told: line(300).optional() })
  .refine(
    ({ messages, told }) => messages.length > 0 || told !== undefined,
    'needs a message, or how the customer was told',
  );
export type NotifyCustomer = z.infer<typeof notifyCustomer>;

/** `reason`: this note is the reason for the breach. */
export const addNote = z.strictObject({
  id,
  note: z.strictObject({ id, text: paragraphs(4_000) }),
  reason: z.boolean().optional(),
});
export type AddNote = z.infer<typeof addNote>;
