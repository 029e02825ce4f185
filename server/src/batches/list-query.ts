import { z } from 'zod';
import type { BatchFilter } from '@opsboard/shared/batches/filter';
import { NOBODY, noFilter } from '@opsboard/shared/batches/filter';
import { partId } from '@opsboard/shared/batches/scalars';
import { status } from '@opsboard/shared/batches/schema';
import type { BatchSort, SortField } from '@opsboard/shared/batches/sort';
import { sortFields, sortFrom, usualSort } from '@opsboard/shared/batches/sort';
import { id } from '@opsboard/shared/protocol/scalars';
import { archivedInstead, day, several } from '../ingress/list-parameters.ts';

const sorts = sortFields.flatMap((field): [SortField, `-${SortField}`] => [field, `-${field}`]);

/** What a list of batches is narrowed and ordered by: the parameters of the page's own address, and no others. */
export const listShape = {
  status: several(status).optional(),
  branch: several(id).optional(),
  customer: several(id).optional(),
  center: several(id).optional(),
  driver: several(z.union([z.literal(NOBODY), id]))
    .optional()
    .meta({ description: '`none`: the batches that have no driver.' }),
  sla: several(z.enum(['breached', 'at_risk', 'on_track'])).optional(),
  due: z
    .enum(['today', 'soon'])
    .optional()
    .meta({ description: '`today` by the organization’s time zone; `soon`: within three days.' }),
  from: day('First day of the expected return date, in the organization’s time zone.'),
  to: day('Last day of the expected return date.'),
  completed: z
    .enum(['today', 'all'])
    .default('today')
    .meta({ description: 'Completed batches: those of today, or `all` that have not left the boards yet.' }),
  part: partId.optional().meta({ description: 'A whole part ID.' }),
  q: z
    .string()
    .trim()
    .min(1)
    .max(100)
    .optional()
    .meta({ description: 'A piece of the reference, of the customer’s or the center’s name; or a whole part ID.' }),
  archived: archivedInstead('`true`: the batches that have left the boards, instead of those on them.'),
  sort: z.enum(sorts).optional().meta({
    description:
      'Ascending, or descending with a minus sign. Left out: `pressing` (open ones by their date, then completed ones, the latest first), and `-since` for those that have left the boards, which are sorted by `since`, `parts`, `createdAt`, `promisedAt` or `dueAt` only.',
  }),
};

type ListQuery = z.infer<z.ZodObject<typeof listShape>>;

/** What is asked for, as the shared rules take it. */
export type ListAsked = { filter: BatchFilter; archived: boolean; sort: BatchSort };

export function askedOf({ archived, sort, due, from, to, part, ...given }: ListQuery): ListAsked {
  return {
    archived,
    sort: sortFrom(sort) ?? (archived ? { field: 'since', descending: true } : usualSort),
    filter: {
      ...noFilter,
      ...(due ? { due } : {}),
      ...(from ? { from } : {}),
      ...(to ? { to } : {}),
      ...(part ? { part } : {}),
      status: given.status ?? [],
      branch: given.branch ?? [],
      customer: given.customer ?? [],
      center: given.center ?? [],
      driver: given.driver ?? [],
      sla: given.sla ?? [],
      completed: given.completed,
      q: given.q ?? '',
    },
  };
}
