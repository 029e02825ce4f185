import { z } from 'zod';
import type { Connection } from 'mongoose';
import { maxParts } from '@opsboard/shared/batches/steps';
import { partId } from '@opsboard/shared/batches/scalars';
import { audienceOf, seesAny } from '@opsboard/shared/protocol/audiences';
import { mayUse } from '@opsboard/shared/protocol/rights';
import { id } from '@opsboard/shared/protocol/scalars';
import type { Endpoint } from '../ingress/endpoint.ts';
import { endpoint, ok } from '../ingress/endpoint.ts';
import type { Journal } from '../journal/journal.ts';
import { labelsOf } from '../parts/queries.ts';

const checkedPart = z.object({
  part: z.string(),
  label: z.string().optional().meta({ description: 'What the part is, where that is on record.' }),
  in: z.object({ batch: id, reference: z.string() }).optional().meta({ description: 'The open batch that holds it.' }),
  elsewhere: z.literal(true).optional().meta({
    description: '`true`: an open batch holds it that you do not see, so that it cannot be put into another one.',
  }),
});
type CheckedPart = z.infer<typeof checkedPart>;

/** Asking about parts before they are put into a batch. */
export function partEndpoints(options: { connection: Connection; journal: Journal }): Endpoint[] {
  const { connection, journal } = options;
  return [
    endpoint({
      method: 'post',
      path: '/api/parts/check',
      tag: 'Parts',
      summary: 'Look up parts before they go into a batch',
      description:
        'Tells which of the parts an open batch holds already, and what they are. Parts of which there is nothing to ' +
        'tell are left out. It promises nothing: the command that adds them is judged anew.',
      access: 'parts.read',
      body: z.strictObject({ parts: z.array(partId).min(1).max(maxParts) }),
      answer: {
        status: 200,
        description: 'Each part once, in the order asked for.',
        schema: z.object({ parts: z.array(checkedPart) }),
      },
      handle: async ({ who, body }) => {
        const audience = audienceOf(who);
        const state = await journal.org(who.org);
        const asked = [...new Set(body.parts)];
        // A key that reads the directory only is told nothing of batches, but that the part is in one.
        const batches = mayUse(who, 'batches.read');
        const labels = await labelsOf(connection, who.org, asked);
        const parts = asked.flatMap((part): CheckedPart[] => {
          const holder = state.openBatchOf(part);
          const label = labels[part];
          if (!holder && label === undefined) return [];
          const batch = holder && state.get('batch', holder.id);
          const seen = batches && batch !== undefined && seesAny(audience, 'batch', batch);
          return [
            {
              part,
              ...(label === undefined ? {} : { label }),
              ...(seen ? { in: { batch: batch.id, reference: batch.reference } } : {}),
              ...(holder && !seen ? { elsewhere: true } : {}),
            },
          ];
        });
        return ok({ parts });
      },
    }),
  ];
}
