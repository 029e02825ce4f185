import { z } from 'zod';
import { id, line, recordBase, rev, time } from '../protocol/scalars.ts';

const fields = { name: line(60), branch: id, customer: id, center: id };

/** A template of a frequent batch: what a new one is filled with. */
export const template = z.object({
  ...recordBase,
  ...fields,
  driver: id.optional(),
  createdAt: time,
  createdBy: id,
  archivedAt: time.optional(),
});
export type Template = z.infer<typeof template>;

export const createTemplate = z.strictObject({ id, ...fields, driver: id.optional() });
export type CreateTemplate = z.infer<typeof createTemplate>;
/** `driver: null` takes the driver off. */
export const editTemplate = z.strictObject({
  id,
  rev,
  ...z.object(fields).partial().shape,
  driver: id.nullable().optional(),
});
export type EditTemplate = z.infer<typeof editTemplate>;
export const archiveTemplate = z.strictObject({ id });
export type ArchiveTemplate = z.infer<typeof archiveTemplate>;
