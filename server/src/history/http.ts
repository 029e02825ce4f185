import type { Connection } from 'mongoose';
import { z } from 'zod';
import { audienceKey, audienceOf } from '@opsboard/shared/protocol/audiences';
import { statuses } from '@opsboard/shared/batches/steps';
import type { Endpoint } from '../ingress/endpoint.ts';
import { endpoint, ok } from '../ingress/endpoint.ts';
import { entryShape } from '../ingress/shapes.ts';
import type { Journal } from '../journal/journal.ts';
import type { Clock } from '../platform/clock.ts';
import { readActivity, readDay } from './queries.ts';

/** Figures are drawn as lines over a day: half a minute changes nothing that can be seen. */
const figuresMaxAge = 30_000;
/** Audiences whose figures are kept. */
const mostKept = 200;

/** What happened, and how the day went: both read from the journal. */
export function historyEndpoints(options: { connection: Connection; journal: Journal; clock: Clock }): Endpoint[] {
  const { journal, clock } = options;
  const kept = new Map<string, { made: number; day: ReturnType<typeof readDay> }>();
  const count = z.int().min(0);
  const figures = z.object({
    at: z.int(),
    dueSoon: count,
    ...(Object.fromEntries(statuses.map((status) => [status, count])) as {
      [S in (typeof statuses)[number]]: typeof count;
    }),
  });
  return [
    endpoint({
      method: 'get',
      path: '/api/activity',
      tag: 'History',
      summary: 'Read what happened last',
      access: 'journal.read',
      query: z.strictObject({ limit: z.coerce.number().int().min(1).max(200).default(60) }),
      answer: {
        status: 200,
        description: 'Newest first: entries that changed something you see.',
        schema: z.object({
          activity: z.array(
            entryShape
              .pick({
                seq: true,
                at: true,
                done: true,
                actor: true,
                commandId: true,
                verb: true,
                kind: true,
                id: true,
                why: true,
                set: true,
              })
              .extend({ reference: z.string().optional() }),
          ),
        }),
      },
      handle: async ({ who, query }) =>
        ok({ activity: await readActivity(options, await journal.org(who.org), audienceOf(who), query.limit) }),
    }),
    endpoint({
      method: 'get',
      path: '/api/figures/day',
      tag: 'History',
      summary: 'Read the day’s figures by the hour',
      description:
        'Since local midnight, at each full hour and now. `completed` counts those completed since midnight, the others what stood in each status.',
      access: 'figures.read',
      answer: {
        status: 200,
        description: 'Oldest first.',
        schema: z.object({ from: z.int(), hours: z.array(figures) }),
      },
      handle: async ({ who }) => {
        const audience = audienceOf(who);
        const key = audienceKey(audience);
        const now = clock.now();
        let found = kept.get(key);
        if (!found || Math.abs(now - found.made) > figuresMaxAge) {
          found = {
            made: now,
            day: journal.org(who.org).then((state) => readDay(journal, state, audience, now)),
          };
          found.day.catch(() => kept.delete(key));
          kept.delete(key);
          kept.set(key, found);
          if (kept.size > mostKept) kept.delete(kept.keys().next().value!);
        }
        return ok(await found.day);
      },
    }),
  ];
}
