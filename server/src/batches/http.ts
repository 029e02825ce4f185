import type { Connection } from 'mongoose';
import { z } from 'zod';
import { audienceOf } from '@opsboard/shared/protocol/audiences';
import type { WireError } from '@opsboard/shared/protocol/errors';
import { wireError } from '@opsboard/shared/protocol/errors';
import { id } from '@opsboard/shared/protocol/scalars';
import { batch, partId, status } from '@opsboard/shared/batches/schema';
import type { Endpoint } from '../ingress/endpoint.ts';
import { endpoint, ok } from '../ingress/endpoint.ts';
import { entryShape } from '../ingress/shapes.ts';
import { readTimeline } from '../history/queries.ts';
import type { Journal } from '../journal/journal.ts';
import type { Clock } from '../platform/clock.ts';
import { readCursor, writeCursor } from '../platform/cursor.ts';
import { listArchived, listLive, readBatch } from './queries.ts';

/** Several values of one filter: the parameter repeated, or one with commas. */
const several = <T extends z.ZodType>(item: T) =>
  z.preprocess(
    (given) => (typeof given === 'string' ? given.split(',') : given),
    z.array(item).min(1).max(20).meta({ description: 'Repeat the parameter, or separate values by commas.' }),
  );

const orders = ['dueAt', '-dueAt', 'createdAt', '-createdAt'] as const;

const listQuery = z.strictObject({
  status: several(status).optional(),
  branch: id.optional(),
  customer: id.optional(),
  center: id.optional(),
  driver: id.optional(),
  sla: z.enum(['breached', 'on_track']).optional(),
  due: z
    .enum(['today', 'soon'])
    .optional()
    .meta({ description: '`today` by the organization’s time zone; `soon`: within three days.' }),
  part: partId.optional().meta({ description: 'A whole part ID.' }),
  q: z
    .string()
    .trim()
    .min(1)
    .max(40)
    .optional()
    .meta({ description: 'The beginning of a reference, of its number, or of a part ID.' }),
  archived: z
    .enum(['true', 'false'])
    .default('false')
    .transform((text) => text === 'true')
    .meta({ description: '`true`: the batches that have left the boards, instead of those on them.' }),
  sort: z.enum(orders).default('dueAt').meta({ description: 'Ascending, or descending with a minus sign.' }),
  limit: z.coerce.number().int().min(1).max(500).default(100),
  cursor: z.string().max(200).optional().meta({ description: '`next` of the page before, unchanged.' }),
});

const batchInList = batch.omit({ parts: true });
const missing = (): WireError =>
  wireError('not_found', 'There is no such batch among those you can see. It may have been archived; search for it.');

/** Reading batches. They are changed by commands only. */
export function batchEndpoints(options: { connection: Connection; journal: Journal; clock: Clock }): Endpoint[] {
  const { connection, journal, clock } = options;
  const params = z.strictObject({ id });
  return [
    endpoint({
      method: 'get',
      path: '/api/batches',
      tag: 'Batches',
      summary: 'List service batches',
      description:
        'All filters given must hold. Pages follow each other by `cursor`; a page without `next` is the last.',
      access: 'batches.read',
      query: listQuery,
      answer: {
        status: 200,
        description: 'One page, in order. A batch’s parts are read one by one.',
        schema: z.object({ batches: z.array(batchInList), next: z.string().optional() }),
      },
      handle: async ({ who, query }) => {
        const { archived, sort, limit, cursor, ...filter } = query;
        const after = cursor === undefined ? undefined : readCursor(cursor);
        if (cursor !== undefined && !after) {
          return wireError('bad_request', '"cursor" is not one of ours. Begin again without it.', { field: 'cursor' });
        }
        const order = { field: sort.replace('-', '') as 'dueAt' | 'createdAt', descending: sort.startsWith('-') };
        const audience = audienceOf(who);
        const page = archived
          ? await listArchived(connection, audience, filter, { order, after, limit })
          : listLive(await journal.org(who.org), audience, filter, { order, after, limit, now: clock.now() });
        return ok({ batches: page.batches, ...(page.next ? { next: writeCursor(page.next) } : {}) });
      },
    }),
    endpoint({
      method: 'get',
      path: '/api/batches/:id',
      tag: 'Batches',
      summary: 'Read one service batch with its parts',
      access: 'batches.read',
      params,
      answer: { status: 200, description: 'The batch.', schema: z.object({ batch }) },
      errors: ['not_found'],
      handle: async ({ who, params: { id: asked } }) => {
        const found = await readBatch(connection, await journal.org(who.org), audienceOf(who), asked);
        return found ? ok({ batch: found }) : missing();
      },
    }),
    endpoint({
      method: 'get',
      path: '/api/batches/:id/timeline',
      tag: 'Batches',
      summary: 'Read what happened to a service batch',
      access: 'batches.read',
      params,
      answer: {
        status: 200,
        description: 'Its journal entries, oldest first.',
        schema: z.object({ entries: z.array(entryShape) }),
      },
      errors: ['not_found'],
      handle: async ({ who, params: { id: asked } }) => {
        const audience = audienceOf(who);
        const found = await readBatch(connection, await journal.org(who.org), audience, asked);
        if (!found) return missing();
        const entries = await journal.entriesOfRecord(who.org, 'batch', asked, { limit: 2_000 });
        return ok({ entries: readTimeline(audience, found, entries) });
      },
    }),
  ];
}
