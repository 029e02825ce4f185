import type { RecordChange } from '../protocol/decision.ts';
import { change, refuse } from '../protocol/decision.ts';
import type { Delivery, Message } from '../messages/schema.ts';
import { channelWords } from '../messages/words.ts';
import type { AddNote, LogCall, NotifyCustomer, Response } from './response-schema.ts';
import { currentResponse, stepChange } from './response.ts';
import { onBatch, set } from './rules.ts';
import type { Batch } from './schema.ts';

const nothingToRespondTo = (batch: Batch) =>
  refuse('illegal_step', `${batch.reference} is not breached, and was not: there is no response to carry out.`);

/** Calling again is a call as well: the last one is shown, the timeline has them all. */
export const decideLogCall = onBatch<LogCall>((batch, args, context) => {
  if (!currentResponse(batch, context.now)) return nothingToRespondTo(batch);
  const called = { at: context.done, by: context.principal.id, note: args.note };
  return set(batch, stepChange(batch, context.now, 'called', called));
});

export const decideNotifyCustomer = onBatch<NotifyCustomer>((batch, args, context) => {
  const current = currentResponse(batch, context.now);
  if (!current) return nothingToRespondTo(batch);
  const { messages, told } = args;
  const facts: Partial<Pick<Response, 'email' | 'sms' | 'told'>> = {};
  const made: RecordChange[] = [];
  for (const { id, channel, ...content } of messages) {
    if (facts[channel]) {
      return refuse('bad_request', `Two messages by ${channelWords[channel]} at once. Send one.`, {
        field: 'messages',
      });
    }
    // Two people who press at the same time must not tell the customer twice.
    const state = current.response[channel]?.state;
    if (state === 'queued' || state === 'sending') {
      return refuse('illegal_step', `An earlier ${channelWords[channel]} is still on its way. Wait for its outcome.`, {
        field: 'messages',
      });
    }
    facts[channel] = { message: id, state: 'queued', at: context.now } satisfies Delivery;
    made.push({
      kind: 'message',
      id,
      create: true,
      set: {
        batch: batch.id,
        branch: batch.branch,
        channel,
        ...content,
        state: 'queued',
        attempts: 0,
        createdAt: context.now,
        createdBy: context.principal.id,
      } satisfies Omit<Message, 'id' | 'org' | 'rev'>,
    });
  }
  if (told !== undefined) facts.told = { at: context.done, by: context.principal.id, how: told };
  const fields = current.isNew
    ? { response: { ...current.response, ...facts } }
    : Object.fromEntries(Object.entries(facts).map(([name, fact]) => [`response.${name}`, fact]));
  return change({ kind: 'batch', id: batch.id, set: fields }, ...made);
});

/** Notes may be written on any batch; one that is the reason for a breach also ticks off that step. */
export const decideAddNote = onBatch<AddNote>((batch, args, context) => {
  const { id, text } = args.note;
  if (batch.notes && Object.hasOwn(batch.notes, id)) return refuse('already_exists', 'This note is there already.');
  const by = { at: context.done, by: context.principal.id };
  if (args.reason && !currentResponse(batch, context.now)) return nothingToRespondTo(batch);
  return set(batch, {
    [`notes.${id}`]: { ...by, text },
    noteCount: (batch.noteCount ?? 0) + 1,
    ...(args.reason ? stepChange(batch, context.now, 'logged', { ...by, note: id }) : {}),
  });
});
