import type { Connection } from 'mongoose';
import { z } from 'zod';
import { partId } from '@opsboard/shared/batches/scalars';
import { status } from '@opsboard/shared/batches/schema';
import { audienceOf } from '@opsboard/shared/protocol/audiences';
import { wireError } from '@opsboard/shared/protocol/errors';
import { mayUse } from '@opsboard/shared/protocol/rights';
import { id, time } from '@opsboard/shared/protocol/scalars';
import { routeStatuses } from '@opsboard/shared/routes/words';
import type { Endpoint } from '../ingress/endpoint.ts';
import { endpoint, ok } from '../ingress/endpoint.ts';
import type { Journal } from '../journal/journal.ts';
import type { Caller } from '../keys/keys.ts';
import type { Clock } from '../platform/clock.ts';
import { readPart } from './part.ts';
import type { FindContext } from './queries.ts';
import { find } from './queries.ts';

const place = z.object({
  kind: z.enum(['branch', 'center', 'person', 'lost', 'scrapped', 'removed']),
  id: id.optional(),
  name: z.string(),
});
const foundBatch = z.object({
  id,
  reference: z.string(),
  status,
  sla: z.enum(['on_track', 'at_risk', 'breached']),
  dueAt: time,
  customer: z.string(),
  center: z.string(),
  partCount: z.int(),
  place,
  since: time.meta({ description: 'Since when it is there.' }),
  archived: z.literal(true).optional(),
  cancelled: z.literal(true).optional(),
});
const partArchived = z.literal(true).optional().meta({ description: 'What is on record of the part is out of use.' });
const foundPart = z.object({
  part: z.string(),
  label: z.string().optional(),
  archived: partArchived,
  place,
  since: time,
  batch: foundBatch,
});
const foundRoute = z.object({
  id,
  reference: z.string(),
  status: z.enum(routeStatuses),
  day: z.string().meta({ description: 'As `2026-12-24`.' }),
  driver: z.string().optional(),
  stops: z.int(),
  done: z.int().meta({ description: 'Stops that have been left or skipped.' }),
  archived: z.literal(true).optional(),
});
const foundName = z.object({
  kind: z.enum(['customer', 'center', 'branch', 'person', 'template']),
  id,
  name: z.string(),
  hint: z.string().optional(),
});
const partStep = z.object({
  at: time,
  place,
  event: z.enum(['added', 'removed', 'corrected', 'split', 'lost', 'scrapped', 'found']).optional(),
  by: z.string(),
  count: z.int().optional(),
  why: z.string().optional(),
});

/** Find anything: where it is, who has it, since when. */
export function findEndpoints(options: { connection: Connection; journal: Journal; clock: Clock }): Endpoint[] {
  const { connection, journal, clock } = options;
  const contextOf = async (who: Caller): Promise<FindContext> => ({
    connection,
    state: await journal.org(who.org),
    audience: audienceOf(who),
    now: clock.now(),
    labels: mayUse(who, 'parts.read'),
    routes: mayUse(who, 'routes.read', { owner: who.id }),
  });
  return [
    endpoint({
      method: 'get',
      path: '/api/find',
      tag: 'Find',
      summary: 'Find a part, a batch, a route, or a name',
      description:
        'Parts and references by how they begin, or by how the text behind their first dash begins; customers, service centers, branches, people and templates by what their name contains; routes by how their reference begins, or by what their driver’s name contains. Batches that have left the boards are found too, from two characters on.',
      access: 'batches.read',
      told: { what: 'found', detail: 'q' },
      query: z.strictObject({ q: z.string().trim().min(1).max(80) }),
      answer: {
        status: 200,
        description: 'The best of each, with where it is, who has it, and since when.',
        schema: z.object({
          parts: z.array(foundPart),
          batches: z.array(foundBatch),
          routes: z.array(foundRoute),
          names: z.array(foundName),
        }),
      },
      handle: async ({ who, query: { q } }) => {
        const found = await find(await contextOf(who), q);
        // The names of a directory or of people that its scopes do not open are not a key's, and no scope opens templates.
        const names = found.names.filter(
          ({ kind }) => kind !== 'template' && mayUse(who, kind === 'person' ? 'people.read' : 'directory.read'),
        );
        return ok(who.type === 'key' ? { ...found, names } : found);
      },
    }),
    endpoint({
      method: 'get',
      path: '/api/parts/:partId',
      tag: 'Find',
      summary: 'Read where a part is and has been',
      description: 'The batches that it was in, the latest first, each with the part’s chain of custody.',
      access: 'batches.read',
      told: { what: 'read', kind: 'part', detail: 'partId' },
      params: z.strictObject({ partId }),
      answer: {
        status: 200,
        description: 'The part.',
        schema: z.object({
          part: z.string(),
          label: z.string().optional(),
          archived: partArchived,
          customer: z.string().optional(),
          batches: z.array(foundBatch.extend({ custody: z.array(partStep) })),
        }),
      },
      errors: ['not_found'],
      handle: async ({ who, params }) => {
        const detail = await readPart(journal, await contextOf(who), params.partId);
        return detail
          ? ok(detail)
          : wireError('not_found', `Nothing that you can see has held ${params.partId}. Check the part ID.`);
      },
    }),
  ];
}
