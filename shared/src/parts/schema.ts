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
  /**
   * Since when it is out of use, milliseconds. It is not listed then, unless archived ones are asked for. A part that is
   * on the bench is a fact whatever its description says: putting an archived one into a batch is not refused, and does
   * not restore it. Lists say that it is archived and which batch it is in now; {@link restorePart} is another step.
   */
  archivedAt: time.optional(),
  createdAt: time,
});
export type Part = z.infer<typeof part>;

export const createPart = z.strictObject({ id, partId, label: line(80), customer: id.optional() });
export type CreatePart = z.infer<typeof createPart>;
/** `customer: null` takes the customer off. */
export const editPart = z.strictObject({ id, rev, label: line(80).optional(), customer: id.nullable().optional() });
export type EditPart = z.infer<typeof editPart>;
/** Takes a part out of use; nothing is lost, and it can be restored. Refused while an open batch holds it. */
export const archivePart = z.strictObject({ id });
export type ArchivePart = z.infer<typeof archivePart>;
/** In use again, whether a batch holds it or not. */
export const restorePart = z.strictObject({ id });
export type RestorePart = z.infer<typeof restorePart>;
