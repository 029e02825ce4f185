import type { Connection } from 'mongoose';
import { z } from 'zod';
import { audienceOf } from '@opsboard/shared/protocol/audiences';
import type { WireError } from '@opsboard/shared/protocol/errors';
import { wireError } from '@opsboard/shared/protocol/errors';
import { id } from '@opsboard/shared/protocol/scalars';
import { hiddenWhenOpened } from '@opsboard/shared/batches/audience';
import { batch } from '@opsboard/shared/batches/schema';
import type { Endpoint } from '../ingress/endpoint.ts';
import { endpoint, ok } from '../ingress/endpoint.ts';
import { sendError } from '../ingress/error.ts';
import { shapeError } from '../ingress/issues.ts';
import { pageShape } from '../ingress/list-parameters.ts';
import { entryShape } from '../ingress/shapes.ts';
import { readTimeline } from '../history/queries.ts';
import { labelsOf } from '../parts/queries.ts';
import type { Journal } from '../journal/journal.ts';
import type { Clock } from '../platform/clock.ts';
import { readCursor, writeCursor } from '../platform/cursor.ts';
import { sendCsv } from '../transfer/send-csv.ts';
import { exportBatches } from './export.ts';
import { askedOf, listShape } from './list-query.ts';
import { listArchived, listLive, readBatch } from './queries.ts';

const listQuery = z.strictObject({
  ...listShape,
  ...pageShape(readCursor, { usual: 100, most: 500 }),
});
const exportQuery = z.strictObject(listShape);

const batchInList = batch.omit({ parts: true, notes: true });
const missing = (): WireError =>
  wireError('not_found', 'There is no such batch among those you can see. It may have been archived; search for it.');

const notSortable = (): WireError =>
  wireError(
    'bad_request',
    'Batches that have left the boards are sorted by their own dates and counts only. Choose one of those.',
    { field: 'sort' },
  );

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
        const { limit, cursor: after, ...given } = query;
        const { filter, archived, sort } = askedOf(given);
        const [state, audience, now] = [await journal.org(who.org), audienceOf(who), clock.now()];
        const page = archived
          ? await listArchived(connection, state, audience, filter, { sort, after, limit, now })
          : listLive(state, audience, filter, { sort, after, limit, now });
        if (!page) return notSortable();
        return ok({ batches: page.batches, ...(page.next ? { next: writeCursor(page.next) } : {}) });
      },
    }),
    endpoint({
      method: 'get',
      path: '/api/batches/export.csv',
      tag: 'Batches',
      summary: 'Export service batches as CSV',
      description:
        'Every batch that the list shows with the same parameters, in its order, with its parts. `X-Total-Rows` says how many rows there will be: fewer mean that the file was cut short. Text that a spreadsheet would run as a formula begins with an apostrophe.',
      access: 'batches.read',
      told: { what: 'exported', kind: 'batch' },
      query: exportQuery,
      answer: { status: 200, description: 'The file, as it is being made.', type: 'text/csv' },
      respond: async (request, response, who) => {
        const query = exportQuery.safeParse(request.query);
        if (!query.success) return sendError(response, shapeError(query.error));
        const state = await journal.org(who!.org);
        const file = await exportBatches(connection, state, audienceOf(who!), askedOf(query.data), clock.now());
        if (!file) return sendError(response, notSortable());
        await sendCsv(response, file);
      },
    }),
    endpoint({
      method: 'get',
      path: '/api/batches/:id',
      tag: 'Batches',
      summary: 'Read one service batch with its parts',
      access: 'batches.read',
      told: { what: 'read', kind: 'batch', id: 'id' },
      params,
      answer: {
        status: 200,
        description: 'The batch, and what stands behind its part IDs, as far as it is on record.',
        schema: z.object({ batch, labels: z.record(z.string(), z.string()) }),
      },
      errors: ['not_found'],
      handle: async ({ who, params: { id: asked } }) => {
        const audience = audienceOf(who);
        const found = await readBatch(connection, await journal.org(who.org), audience, asked);
        if (!found) return missing();
        const shown = { ...found };
        for (const name of hiddenWhenOpened(audience)) delete shown[name];
        return ok({ batch: shown, labels: await labelsOf(connection, who.org, Object.keys(found.parts)) });
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
