import { z } from 'zod';
import { id, line, recordBase, rev, time } from '../protocol/scalars.ts';

/** What stands in an address after its "?", as the page itself writes it. */
const query = z
  .string()
  .max(2000)
  // The page writes such signs as %…, and nobody else has a reason to send them.
  // eslint-disable-next-line no-control-regex -- control characters are exactly what is refused
  .regex(/^[^\u0000-\u001f\u007f-\u009f\u2028-\u202e\u2066-\u2069]*$/, 'must be what stands in an address');

/** A saved view: a page with its filter, order and columns under a name. The address itself is the link. */
export const savedView = z.object({
  ...recordBase,
  name: line(60),
  page: z.enum(['board', 'batches']),
  query,
  createdAt: time,
  createdBy: id,
  archivedAt: time.optional(),
});
export type SavedView = z.infer<typeof savedView>;

export const createSavedView = z.strictObject({ id, name: line(60), page: z.enum(['board', 'batches']), query });
export type CreateSavedView = z.infer<typeof createSavedView>;
export const editSavedView = z.strictObject({ id, rev, name: line(60).optional(), query: query.optional() });
export type EditSavedView = z.infer<typeof editSavedView>;
export const archiveSavedView = z.strictObject({ id });
export type ArchiveSavedView = z.infer<typeof archiveSavedView>;
