import { message } from '@opsboard/shared/messages/schema';
import { audienceOf, seesAny } from '@opsboard/shared/protocol/audiences';
import { wireError } from '@opsboard/shared/protocol/errors';
import { id } from '@opsboard/shared/protocol/scalars';
import type { Connection } from 'mongoose';
import { z } from 'zod';
import { readBatch } from '../batches/queries.ts';
import type { Endpoint } from '../ingress/endpoint.ts';
import { endpoint, ok } from '../ingress/endpoint.ts';
import type { Journal } from '../journal/journal.ts';
import type { StoredRecord } from '../journal/stored.ts';
import { collectionOf, recordOf } from '../journal/stored.ts';

/** Reading messages to customers. They are written by `batch.notifyCustomer` and sent by the worker. */
export function messageEndpoints(options: {
  connection: Connection;
  journal: Journal;
  /** Whether there is a way out for each channel. */
  channels: { email: boolean; sms: boolean };
}): Endpoint[] {
  const { connection, journal, channels } = options;
  return [
    endpoint({
      method: 'get',
      path: '/api/batches/:id/messages',
      tag: 'Messages',
      summary: 'Read the messages about a service batch',
      access: 'messages.read',
      params: z.strictObject({ id }),
      answer: {
        status: 200,
        description: 'What was written to the customer, newest first, and what became of it.',
        schema: z.object({ messages: z.array(message) }),
      },
      errors: ['not_found'],
      handle: async ({ who, params: { id: asked } }) => {
        const audience = audienceOf(who);
        const batch = await readBatch(connection, await journal.org(who.org), audience, asked);
        if (!batch) return wireError('not_found', 'There is no such batch among those you can see.');
        const found = await connection
          .collection<StoredRecord>(collectionOf.message)
          .find({ org: who.org, batch: asked } as object, { readConcern: 'majority' })
          .sort({ createdAt: -1 })
          .limit(200)
          .toArray();
        const messages = found
          .map((stored) => recordOf('message', stored as StoredRecord))
          .filter((record) => seesAny(audience, 'message', record));
        return ok({ messages });
      },
    }),
    endpoint({
      method: 'get',
      path: '/api/messages/channels',
      tag: 'Messages',
      summary: 'Ask by which ways messages can be sent',
      access: 'messages.read',
      answer: {
        status: 200,
        description: 'True for each that is set up.',
        schema: z.object({ email: z.boolean(), sms: z.boolean() }),
      },
      handle: () => ok(channels),
    }),
  ];
}
