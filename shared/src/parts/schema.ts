import { z } from 'zod';
import { partId } from '../batches/scalars.ts';
import { id, line, recordBase, rev, time } from '../protocol/scalars.ts';

/** What a part is. A batch needs no such record: it says what stands behind a part ID. */
export const part = z.object({
  ...recordBase,
  /** As it is printed under the QR code; unique in the organization. */
  partId: z.string(),
  label: line(80),
  /** Whose it is. */
  customer: id.optional(),
  createdAt: time,
});
export type Part = z.infer<typeof part>;

export const createPart = z.strictObject({ id, partId, label: line(80), customer: id.optional() });
export type CreatePart = z.infer<typeof createPart>;
/** `customer: null` takes the customer off. */
export const editPart = z.strictObject({ id, rev, label: line(80).optional(), customer: id.nullable().optional() });
export type EditPart = z.infer<typeof editPart>;
