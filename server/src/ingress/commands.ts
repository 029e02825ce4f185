import { z } from 'zod';
import type { Ack } from '@opsboard/shared/protocol/envelope';
import { errorTable } from '@opsboard/shared/protocol/errors';
import type { ErrorCode, WireError } from '@opsboard/shared/protocol/errors';
import type { Dispatcher } from '../dispatch/dispatch.ts';
import type { Caller } from '../keys/keys.ts';
import type { Clock } from '../platform/clock.ts';
import type { Endpoint } from './endpoint.ts';
import { endpoint, ok } from './endpoint.ts';
import { tooMany } from './error.ts';
import { component } from './openapi.ts';
import { parseCommand } from './parse.ts';
import type { Bucket, Rate } from './rate-limit.ts';
import { createBucket } from './rate-limit.ts';
import { ackShape, errorShape } from './shapes.ts';

/** The most commands one request carries. */
export const mostCommands = 500;
/** Judged one after the other, but not each one's commit awaited before the next is handed in. */
const atOnce = 50;

/** Commands of one person over HTTP, on this process. Room for an import, not for a program that has lost its mind. */
const rate: Rate = { burst: 5_000, perSecond: 500 };
/** People whose rate is remembered; the longest silent ones are forgotten, with a full bucket. */
const mostPeople = 10_000;

/** Everything that changes a record, over HTTP: the same commands as on the socket, under the same ids. */
export function commandEndpoints({
  dispatcher,
  clock,
}: {
  dispatcher: Pick<Dispatcher, 'dispatch'>;
  clock: Clock;
}): Endpoint[] {
  const buckets = new Map<string, Bucket>();
  /** The refusal of somebody who sends too many commands. */
  const held = (who: Caller, commands: number): WireError | undefined => {
    const bucket = buckets.get(who.id) ?? createBucket(rate, clock);
    buckets.delete(who.id);
    buckets.set(who.id, bucket);
    if (buckets.size > mostPeople) buckets.delete(buckets.keys().next().value!);
    const wait = bucket.take(commands);
    return wait > 0 ? tooMany(wait) : undefined;
  };
  const act = async (who: Caller, given: unknown): Promise<Ack> => {
    const parsed = parseCommand(given);
    return 'error' in parsed ? { ok: false, error: parsed.error } : dispatcher.dispatch(who, parsed.command);
  };
  const errors = (Object.keys(errorTable) as ErrorCode[]).filter(
    (code) => !['unsupported_protocol', 'already_set_up'].includes(code),
  );
  return [
    endpoint({
      method: 'post',
      path: '/api/commands',
      tag: 'Commands',
      summary: 'Carry out one command',
      description:
        'The same command (with its `commandId`) sent twice acts once and is answered twice. What may be sent as `args` is said by each command below.',
      access: 'signed_in',
      keys: true,
      // The envelope is parsed by the one parser that the socket uses too.
      body: component('Command'),
      answer: { status: 200, description: 'Done, and committed.', schema: ackShape },
      errors,
      handle: async ({ who, body }) => {
        const refusal = held(who, 1);
        if (refusal) return refusal;
        const ack = await act(who, body);
        return ack.ok ? ok(ack) : ack.error;
      },
    }),
    endpoint({
      method: 'post',
      path: '/api/commands/bulk',
      tag: 'Commands',
      summary: 'Carry out a list of commands',
      description: 'Judged one by one, in order; each has its own id and answer. A refusal does not hold up the rest.',
      access: 'signed_in',
      keys: true,
      bodyLimit: 2 * 1024 * 1024,
      body: z.strictObject({
        commands: z.array(component('Command')).min(1).max(mostCommands),
      }),
      answer: {
        status: 200,
        description: 'The answers, in the order of the commands.',
        schema: z.object({
          answers: z.array(z.union([ackShape, z.object({ ok: z.literal(false), error: errorShape })])),
        }),
      },
      errors: ['too_many_requests'],
      handle: async ({ who, body }) => {
        const refusal = held(who, body.commands.length);
        if (refusal) return refusal;
        const answers: Ack[] = [];
        for (let i = 0; i < body.commands.length; i += atOnce) {
          answers.push(...(await Promise.all(body.commands.slice(i, i + atOnce).map((given) => act(who, given)))));
        }
        return ok({ answers });
      },
    }),
  ];
}
