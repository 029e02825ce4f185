import { z } from 'zod';
import { calendarDay, email, id, line, phone, recordBase, rev, time, timeZone } from '../protocol/scalars.ts';
import { weekdays } from '../time/weekdays.ts';

const address = line(200);
/** [longitude, latitude], WGS 84 degrees. */
const position = z.tuple([z.number().min(-180).max(180), z.number().min(-90).max(90)]);

/** What every record of the directory has beside its own fields. `mergedInto`: archived because it was there twice. */
const common = {
  ...recordBase,
  createdAt: time,
  archivedAt: time.optional(),
  mergedInto: id.optional(),
};

type Optional<T extends z.ZodRawShape> = { [K in keyof T]: z.ZodOptional<T[K] & z.ZodType> };
type Emptied<T extends z.ZodRawShape> = { [K in keyof T]: z.ZodOptional<z.ZodNullable<T[K] & z.ZodType>> };

const each = (shape: z.ZodRawShape, turn: (schema: z.ZodType) => z.ZodType): z.ZodRawShape =>
  Object.fromEntries(Object.entries(shape).map(([name, schema]) => [name, turn(schema as z.ZodType)]));

/** The schemas of a kind: of the record, and of the commands that make and change it. */
function shapes<N extends z.ZodRawShape, O extends z.ZodRawShape>(needed: N, optional: O) {
  const maybe = each(optional, (schema) => schema.optional()) as Optional<O>;
  const emptied = each(optional, (schema) => schema.nullable().optional()) as Emptied<O>;
  return {
    record: z.object({ ...common, ...needed, ...maybe }),
    create: z.strictObject({ id, ...needed, ...maybe }),
    /** Names the `rev` it was made on; what is left out stays as it is, null takes it off. */
    edit: z.strictObject({ id, rev, ...z.object(needed).partial().shape, ...emptied }),
  };
}

/** A branch: where batches are assembled and come back to; people may be limited to branches. */
export const {
  record: branch,
  create: createBranch,
  edit: editBranch,
} = shapes({ name: line(60) }, { address, phone, position, timeZone });
export type Branch = z.infer<typeof branch>;
export type CreateBranch = z.infer<typeof createBranch>;
export type EditBranch = z.infer<typeof editBranch>;

/** A warehouse, of one branch or of the organization. */
export const {
  record: warehouse,
  create: createWarehouse,
  edit: editWarehouse,
} = shapes({ name: line(80) }, { branch: id, address, position, timeZone });
export type Warehouse = z.infer<typeof warehouse>;
export type CreateWarehouse = z.infer<typeof createWarehouse>;
export type EditWarehouse = z.infer<typeof editWarehouse>;

/** A vendor: whom parts and goods are bought from. Its contacts are personal. */
export const {
  record: vendor,
  create: createVendor,
  edit: editVendor,
} = shapes({ name: line(80) }, { contactEmail: email, contactPhone: phone, address });
export type Vendor = z.infer<typeof vendor>;
export type CreateVendor = z.infer<typeof createVendor>;
export type EditVendor = z.infer<typeof editVendor>;

/** Contracted turnaround, whole hours. */
export const slaHours = z.int().min(1).max(2160);

const customerShapes = shapes(
  { name: line(80), slaHours },
  {
    contactEmail: email,
    contactPhone: phone,
    /** Where parts are picked up from it and brought back to it. */
    address,
    position,
    language: z.string().regex(/^[a-z]{2}(-[A-Z]{2})?$/, 'must be a language tag, as en or pt-BR'),
    timeZone,
  },
);
/** A customer, with the contracted turnaround. */
export const customer = customerShapes.record.extend({
  /** The contacts and the address it had until then, and what messages said of them, were erased. */
  contactsErasedAt: time.optional(),
});
export const { create: createCustomer, edit: editCustomer } = customerShapes;
export type Customer = z.infer<typeof customer>;
export type CreateCustomer = z.infer<typeof createCustomer>;
export type EditCustomer = z.infer<typeof editCustomer>;

/** A service center. */
export const {
  record: center,
  create: createCenter,
  edit: editCenter,
} = shapes(
  { name: line(80) },
  {
    phone,
    address,
    position,
    /** Opening hours per weekday, `mon` … `sun`, as minutes after local midnight; a missing day is closed. */
    hours: z.partialRecord(
      z.enum(weekdays),
      z
        .tuple([z.int().min(0).max(1440), z.int().min(0).max(1440)])
        .refine(([opens, closes]) => opens < closes, 'must close later than it opens'),
    ),
    /** Days on which it is closed as a whole, in its own time zone. */
    holidays: z.array(z.strictObject({ date: calendarDay, name: line(60) })).max(200),
    timeZone,
  },
);
export type Center = z.infer<typeof center>;
export type CreateCenter = z.infer<typeof createCenter>;
export type EditCenter = z.infer<typeof editCenter>;

/** People of one or more branches who own work together. `branches` absent means all. */
export const {
  record: team,
  create: createTeam,
  edit: editTeam,
} = shapes({ name: line(60), members: z.array(id).max(500) }, { branches: z.array(id).min(1).max(200) });
export type Team = z.infer<typeof team>;
export type CreateTeam = z.infer<typeof createTeam>;
export type EditTeam = z.infer<typeof editTeam>;

/** Takes a record out of use; nothing is lost, and it can be restored. */
export const archiveEntry = z.strictObject({ id });
export type ArchiveEntry = z.infer<typeof archiveEntry>;
/** In use again. */
export const restoreEntry = z.strictObject({ id });
export type RestoreEntry = z.infer<typeof restoreEntry>;
/** One of two that are the same: what points at `id` points at `into` afterwards. */
export const mergeEntry = z.strictObject({ id, into: id, rev });
export type MergeEntry = z.infer<typeof mergeEntry>;
