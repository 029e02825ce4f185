import type { Connection } from 'mongoose';
import { z } from 'zod';
import { part } from '@opsboard/shared/parts/schema';
import { audienceOf, seesAny } from '@opsboard/shared/protocol/audiences';
import { mayUse } from '@opsboard/shared/protocol/rights';
import { id } from '@opsboard/shared/protocol/scalars';
import type { Endpoint } from '../ingress/endpoint.ts';
import { endpoint, ok } from '../ingress/endpoint.ts';
import { archivedInstead, pageShape } from '../ingress/list-parameters.ts';
import type { Journal } from '../journal/journal.ts';
import { readCursor, writeCursor } from '../platform/cursor.ts';
import { listParts } from './queries.ts';

const partInList = part.extend({
  in: z.object({ batch: id, reference: z.string() }).optional().meta({ description: 'The open batch that holds it.' }),
});

/** What is on record of parts, to look through. */
export function partListEndpoints({ connection, journal }: { connection: Connection; journal: Journal }): Endpoint[] {
  return [
    endpoint({
      method: 'get',
      path: '/api/parts',
      tag: 'Parts',
      summary: 'List what is on record of parts',
      description: 'By part ID, a page at a time. `next` is the cursor of the next page.',
      access: 'parts.read',
      query: z.strictObject({
        q: z.string().max(80).optional().meta({ description: 'In the part ID or the label.' }),
        customer: id.optional(),
        archived: archivedInstead('`true`: those that are out of use, instead of those in use.'),
        ...pageShape(readCursor, { usual: 100, most: 200 }),
      }),
      answer: {
        status: 200,
        description: 'A page of them; `total` says how many there are on all pages.',
        schema: z.object({ parts: z.array(partInList), total: z.int(), next: z.string().optional() }),
      },
      handle: async ({ who, query: { q, customer, archived, cursor: after, limit } }) => {
        const page = await listParts(connection, who.org, {
          ...{ q, customer, archived, limit },
          after: after && String(after.value),
        });
        const [state, audience] = [await journal.org(who.org), audienceOf(who)];
        // A key that reads the directory only is told nothing of batches.
        const batches = mayUse(who, 'batches.read');
        const parts = page.parts.map((each) => {
          const holder = state.openBatchOf(each.partId);
          const batch = holder && state.get('batch', holder.id);
          const seen = batches && batch !== undefined && seesAny(audience, 'batch', batch);
          return { ...each, ...(seen ? { in: { batch: batch.id, reference: batch.reference } } : {}) };
        });
        const last = page.more ? page.parts.at(-1) : undefined;
        return ok({
          parts,
          total: page.total,
          ...(last ? { next: writeCursor({ value: last.partId, id: last.id }) } : {}),
        });
      },
    }),
  ];
}
