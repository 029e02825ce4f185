import type { Connection } from 'mongoose';
import { z } from 'zod';
import { wireError } from '@opsboard/shared/protocol/errors';
import { retention } from '@opsboard/shared/organization/schema';
import { unnamedFilesDays } from '@opsboard/shared/organization/settings';
import { id, time } from '@opsboard/shared/protocol/scalars';
import { mayOn } from '../dispatch/authorize.ts';
import type { Endpoint } from '../ingress/endpoint.ts';
import { endpoint, ok } from '../ingress/endpoint.ts';
import type { Journal } from '../journal/journal.ts';
import type { StoredRecord } from '../journal/stored.ts';
import { collectionOf, recordOf } from '../journal/stored.ts';
import type { Clock } from '../platform/clock.ts';
import type { AccessKeeper, TrailKeeper } from './due.ts';
import { countDue, dueKinds } from './due.ts';
import { countOfCustomer, countOfPerson } from './erasure.ts';
import { lastRunsIn } from './retain.ts';

const counts = z.object(Object.fromEntries(dueKinds.map((kind) => [kind, z.int()])));

/** What would be deleted, before it is: counts only. */
export function retentionEndpoints(parts: {
  connection: Connection;
  journal: Journal;
  clock: Clock;
  access?: AccessKeeper | undefined;
  trails?: TrailKeeper | undefined;
}): Endpoint[] {
  const { connection, journal, clock } = parts;
  return [
    endpoint({
      method: 'get',
      path: '/api/retention',
      tag: 'Retention',
      summary: 'Read what was deleted last',
      access: 'retention.read',
      answer: {
        status: 200,
        description: 'The last run that deleted something; absent when none has.',
        schema: z.object({ unnamedFilesDays: z.int(), last: z.object({ at: time, counts }).optional() }),
      },
      handle: async ({ who }) => {
        const last = await lastRunsIn(connection).findOne({ _id: who.org });
        return ok({ unnamedFilesDays, ...(last ? { last: { at: last.at, counts: last.counts } } : {}) });
      },
    }),
    endpoint({
      method: 'post',
      path: '/api/retention/dry-run',
      tag: 'Retention',
      summary: 'Count what given settings would delete now',
      description: 'Nothing is saved and nothing is deleted.',
      access: 'retention.read',
      body: z.strictObject({ retention }),
      answer: { status: 200, description: 'How many of each kind.', schema: z.object({ counts }) },
      handle: async ({ who, body }) => {
        const state = await journal.org(who.org);
        return ok({ counts: await countDue(parts, state, body.retention, clock.now()) });
      },
    }),
    endpoint({
      method: 'post',
      path: '/api/retention/erasure/dry-run',
      tag: 'Retention',
      summary: 'Count what erasing a person, or the contacts of a customer or vendor, would touch',
      description:
        'Nothing is erased. That is done by `person.erase`, `customer.eraseContacts` and `vendor.eraseContacts`.',
      access: 'retention.read',
      body: z.strictObject({ kind: z.enum(['person', 'customer', 'vendor']), id }),
      answer: {
        status: 200,
        description: 'How many records hold something of them.',
        schema: z.object({
          sessions: z.int().optional(),
          links: z.int().optional(),
          positions: z.int().optional(),
          messages: z.int().optional(),
          routes: z.int().optional(),
        }),
      },
      errors: ['not_found'],
      handle: async ({ who, body: { kind, id: asked } }) => {
        const found = await connection
          .collection<StoredRecord>(collectionOf[kind])
          .findOne({ _id: asked, org: who.org });
        // Who may not erase it is not told how much there is of it, nor that it is there.
        const may =
          found &&
          mayOn(
            await journal.org(who.org),
            who,
            kind === 'person' ? 'person.erase' : `${kind}.eraseContacts`,
            kind,
            recordOf(kind, found as StoredRecord),
          );
        if (!may) return wireError('not_found', `There is no such ${kind} among those you can see.`);
        // A vendor's contacts are on its record and nowhere else.
        if (kind === 'vendor') return ok({});
        return ok(await (kind === 'person' ? countOfPerson : countOfCustomer)(parts, who.org, asked));
      },
    }),
  ];
}
