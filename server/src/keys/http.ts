import { z } from 'zod';
import { createKey } from '@opsboard/shared/keys/schema';
import type { Command } from '@opsboard/shared/protocol/envelope';
import { id, time } from '@opsboard/shared/protocol/scalars';
import type { Dispatcher } from '../dispatch/dispatch.ts';
import type { Endpoint } from '../ingress/endpoint.ts';
import { endpoint, ok } from '../ingress/endpoint.ts';
import { ackShape } from '../ingress/shapes.ts';
import type { Keys } from './keys.ts';
import { newKey } from './token.ts';

/** Making keys, and seeing which are still used. They are changed and revoked by commands. */
export function keyEndpoints({
  dispatcher,
  keys,
}: {
  dispatcher: Pick<Dispatcher, 'dispatch'>;
  keys: Keys;
}): Endpoint[] {
  return [
    endpoint({
      method: 'post',
      path: '/api/keys',
      tag: 'Keys',
      summary: 'Make an API key; its token is answered this once',
      description:
        'The board keeps a hash only: a token that is lost is replaced by another key. Another request with the same `commandId` is refused.',
      access: 'signed_in',
      body: createKey.omit({ tokenHash: true, hint: true }).extend({ commandId: id }),
      answer: {
        status: 201,
        description: 'Made. Send the token as `Authorization: Bearer …`.',
        schema: ackShape.extend({ token: z.string() }),
      },
      errors: [
        'forbidden',
        'already_exists',
        'unknown_reference',
        'date_not_ahead',
        'command_id_reused',
        'command_too_old',
      ],
      handle: async ({ who, body: { commandId, ...fields } }) => {
        const { token, tokenHash, hint } = newKey();
        const ack = await dispatcher.dispatch(who, {
          commandId,
          name: 'apiKey.create',
          args: { ...fields, tokenHash, hint },
        } satisfies Command<'apiKey.create'>);
        return ack.ok ? { status: 201, body: { ...ack, token } } : ack.error;
      },
    }),
    endpoint({
      method: 'get',
      path: '/api/keys/used',
      tag: 'Keys',
      summary: 'Ask when each API key was last used',
      access: 'keys.read',
      answer: {
        status: 200,
        description: 'Milliseconds by the key’s id, to the minute; a key that was never used is not there.',
        schema: z.object({ used: z.record(z.string(), time) }),
      },
      handle: async ({ who }) => ok({ used: Object.fromEntries(await keys.lastUsed(who.org)) }),
    }),
  ];
}
