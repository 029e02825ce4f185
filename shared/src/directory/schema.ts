import { z } from 'zod';
import { calendarDay, email, id, line, phone, recordBase, rev, time, timeZone } from '../protocol/scalars.ts';

const branchFields = { name: line(60), timeZone: timeZone.optional() };
/** A branch: where batches are assembled and come back to; people may be limited to branches. */
export const branch = z.object({ ...recordBase, ...branchFields, createdAt: time, archivedAt: time.optional() });
export type Branch = z.infer<typeof branch>;
export const createBranch = z.strictObject({ id, ...branchFields });
export type CreateBranch = z.infer<typeof createBranch>;

/** Contracted turnaround, whole hours. */
export const slaHours = z.int().min(1).max(2160);

const customerFields = {
  name: line(80),
  slaHours,
  contactEmail: email.optional(),
  contactPhone: phone.optional(),
  language: z
    .string()
    .regex(/^[a-z]{2}(-[A-Z]{2})?$/, 'must be a language tag, as en or pt-BR')
    .optional(),
  timeZone: timeZone.optional(),
};
/** A customer, with the contracted turnaround. */
export const customer = z.object({
  ...recordBase,
  ...customerFields,
  createdAt: time,
  archivedAt: time.optional(),
  /** The contacts it had until then, and what messages said of them, were erased. */
  contactsErasedAt: time.optional(),
});
export type Customer = z.infer<typeof customer>;
export const createCustomer = z.strictObject({ id, ...customerFields });
export type CreateCustomer = z.infer<typeof createCustomer>;

const centerFields = {
  name: line(80),
  phone: phone.optional(),
  address: line(200).optional(),
  /** [longitude, latitude], WGS 84 degrees. */
  position: z.tuple([z.number().min(-180).max(180), z.number().min(-90).max(90)]).optional(),
  /** Opening hours per weekday, `mon` … `sun`, as minutes after local midnight; a missing day is closed. */
  hours: z
    .partialRecord(
      z.enum(['mon', 'tue', 'wed', 'thu', 'fri', 'sat', 'sun']),
      z.tuple([z.int().min(0).max(1440), z.int().min(0).max(1440)]),
    )
    .optional(),
  /** Days on which it is closed as a whole, in its own time zone. */
  holidays: z
    .array(z.strictObject({ date: calendarDay, name: line(60) }))
    .max(200)
    .optional(),
  timeZone: timeZone.optional(),
};
/** A service center. */
export const center = z.object({ ...recordBase, ...centerFields, createdAt: time, archivedAt: time.optional() });
export type Center = z.infer<typeof center>;
export const createCenter = z.strictObject({ id, ...centerFields });
export type CreateCenter = z.infer<typeof createCenter>;

const edit = <T extends z.ZodRawShape>(fields: T) => z.strictObject({ id, rev, ...z.object(fields).partial().shape });
/** Edits name the `rev` they were made on; fields that are left out stay as they are. */
export const editBranch = edit(branchFields);
export type EditBranch = z.infer<typeof editBranch>;
export const editCustomer = edit(customerFields);
export type EditCustomer = z.infer<typeof editCustomer>;
export const editCenter = edit(centerFields);
export type EditCenter = z.infer<typeof editCenter>;
