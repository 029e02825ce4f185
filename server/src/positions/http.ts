import type { Connection } from 'mongoose';
import { z } from 'zod';
import { positionDaysOf } from '@opsboard/shared/organization/driver-settings';
import { audienceOf, seesAny } from '@opsboard/shared/protocol/audiences';
import { wireError } from '@opsboard/shared/protocol/errors';
import { mayUse } from '@opsboard/shared/protocol/rights';
import { id, time } from '@opsboard/shared/protocol/scalars';
import type { Endpoint } from '../ingress/endpoint.ts';
import { endpoint, ok } from '../ingress/endpoint.ts';
import type { Journal } from '../journal/journal.ts';
import { readRecord } from '../journal/read-record.ts';
import type { Clock } from '../platform/clock.ts';
import { readTrail } from './queries.ts';

const mostPoints = 20_000;
const dayMs = 86_400_000;

const trailPoint = z
  .tuple([time, z.number(), z.number(), z.number().nullable(), z.number().nullable()])
  .meta({ description: 'When, longitude, latitude, heading (degrees), speed (metres a second).' });

/** Where a route was driven. Where drivers are now is told on the socket. */
export function positionEndpoints(parts: { connection: Connection; journal: Journal; clock: Clock }): Endpoint[] {
  const { connection, journal, clock } = parts;
  return [
    endpoint({
      method: 'get',
      path: '/api/routes/:id/trail',
      tag: 'Routes',
      summary: 'Read where a route was driven',
      description:
        'The oldest point first. Points are kept as many days as the organization says. With `next` there is more: ask again with it as `from`.',
      access: 'positions.read',
      told: { what: 'read', kind: 'route', id: 'id' },
      params: z.strictObject({ id }),
      query: z.strictObject({
        from: z.coerce.number().pipe(time).optional(),
        to: z.coerce.number().pipe(time).optional(),
        limit: z.coerce.number().int().min(1).max(mostPoints).default(mostPoints),
      }),
      answer: {
        status: 200,
        description: 'Its points, as far as they are kept.',
        schema: z.object({ route: id, points: z.array(trailPoint), next: time.optional() }),
      },
      errors: ['not_found'],
      handle: async ({ who, params, query }) => {
        const state = await journal.org(who.org);
        const route = await readRecord(connection, state, 'route', params.id);
        const may =
          route && seesAny(audienceOf(who), 'route', route) && mayUse(who, 'positions.read', { branch: route.branch });
        if (!may) return wireError('not_found', 'There is no such route among those you can see.');
        // What is over is not shown, whether it was deleted yet or not.
        const oldest = clock.now() - positionDaysOf(state.get('organization', who.org) ?? {}) * dayMs;
        const from = Math.max(query.from ?? 0, oldest);
        const to = query.to ?? Number.MAX_SAFE_INTEGER;
        const { org } = who;
        return ok({
          route: route.id,
          ...(await readTrail(connection, { org, route: route.id, from, to, limit: query.limit })),
        });
      },
    }),
  ];
}
