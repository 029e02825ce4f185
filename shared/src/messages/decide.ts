import type { Decide, Decision, RecordChange, StateView } from '../protocol/decision.ts';
import { change, refuse } from '../protocol/decision.ts';
import type { ClaimMessage, Message, SendMessageAgain, SettleMessage } from './schema.ts';
import type { MessageState } from './words.ts';
import { channelWords } from './words.ts';

const missing = (): Decision => refuse('not_found', 'There is no such message among those you can see.');

/** What the batch says of a message, brought up to date; nothing when the batch speaks of a later one, or is archived. */
export function shown(
  state: StateView,
  message: Message,
  now: number,
  to: { state: MessageState; why?: string | undefined; nextAt?: number | undefined },
): RecordChange[] {
  const batch = state.get('batch', message.batch);
  const delivery = batch?.response?.[message.channel];
  if (!batch || batch.archivedAt !== undefined || delivery?.message !== message.id) return [];
  const { why, nextAt } = to;
  return [
    {
      kind: 'batch',
      id: batch.id,
      set: {
        [`response.${message.channel}`]: {
          message: message.id,
          state: to.state,
          at: now,
          ...(why === undefined ? {} : { why }),
          ...(nextAt === undefined ? {} : { nextAt }),
        },
      },
    },
  ];
}

export const decideClaimMessage: Decide<ClaimMessage> = (state, { id }, context) => {
  const message = state.get('message', id);
  if (!message) return missing();
  if (message.erasedAt !== undefined || message.state !== 'queued' || (message.nextAt ?? 0) > context.now)
    return refuse('nothing_to_change', 'This message is not waiting to be sent.');
  // The batch is left alone: to people it is on its way before and after this.
  return change({
    kind: 'message',
    id,
    set: { state: 'sending', attempts: message.attempts + 1, claimedAt: context.now },
    unset: ['nextAt'],
  });
};

export const decideSettleMessage: Decide<SettleMessage> = (state, args, context) => {
  const message = state.get('message', args.id);
  if (!message) return missing();
  // A sender that was given up for lost may still come back with the truth.
  const open = message.state === 'sending' || (message.state === 'unknown' && args.state !== 'unknown');
  if (!open || message.attempts !== args.attempt)
    return refuse('nothing_to_change', 'This attempt has been settled, or a later one has begun.');
  const { why, nextAt } = args;
  return change(
    {
      kind: 'message',
      id: message.id,
      set: { state: args.state, settledAt: context.now, why, nextAt },
      unset: [...(why === undefined ? ['why'] : []), ...(nextAt === undefined ? ['nextAt'] : [])],
    },
    ...shown(state, message, context.now, args),
  );
};

export const decideSendMessageAgain: Decide<SendMessageAgain> = (state, { id }, context) => {
  const message = state.get('message', id);
  if (!message) return missing();
  if (message.erasedAt !== undefined)
    return refuse('nothing_to_change', 'Its address and text were erased. Write a new one instead.');
  if (message.state !== 'failed' && message.state !== 'unknown')
    return refuse(
      'nothing_to_change',
      message.state === 'sent' ? 'It has been sent.' : `The ${channelWords[message.channel]} is on its way already.`,
    );
  const delivery = shown(state, message, context.now, { state: 'queued' });
  if (delivery.length === 0)
    return refuse('nothing_to_change', 'A later message has taken its place. Write a new one instead.');
  return change({ kind: 'message', id, set: { state: 'queued' }, unset: ['why', 'nextAt', 'settledAt'] }, ...delivery);
};
