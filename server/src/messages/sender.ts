import type { Message } from '@opsboard/shared/messages/schema';
import type { Ack, Command } from '@opsboard/shared/protocol/envelope';
import { errorTable } from '@opsboard/shared/protocol/errors';
import type { Connection } from 'mongoose';
import type { Dispatcher } from '../dispatch/dispatch.ts';
import { collectionOf } from '../journal/stored.ts';
import type { StoredRecord } from '../journal/stored.ts';
import { recordOf } from '../journal/stored.ts';
import type { Clock } from '../platform/clock.ts';
import { newId } from '../platform/ids.ts';
import type { Logger } from '../platform/log.ts';
import type { Mailer } from '../platform/mail.ts';
import type { Outcome } from '../platform/outbound.ts';
import { sendDeadline } from '../platform/outbound.ts';
import type { SmsSender } from '../platform/sms.ts';

/** What messages go out by; what is not set up is absent. */
export type Channels = { email?: Mailer; sms?: SmsSender };

export type Sender = {
  /** Claims a message and begins to send it; resolves when it is claimed, or need not be. */
  send(org: string, id: string): Promise<void>;
  /**
   * Finds what was left behind: messages that wait although their time has come, which are sent, and messages whose
   * sender has not been heard of for longer than sending can take, whose outcome is now called unknown.
   *
   * @returns how many of each
   */
  sweep(org: string): Promise<{ waiting: number; lost: number }>;
  /** Takes nothing new, and resolves when what is under way is settled. */
  close(): Promise<void>;
};

/** Messages under way at once in this process. */
const atOnce = 8;
/** Pauses before it is tried again, milliseconds; after the last one it has failed. */
export const retryAfter: readonly number[] = [30_000, 120_000, 600_000, 1_800_000, 7_200_000];
/** A sender that has not settled for this long is lost: sending takes half of it at most. */
export const claimLifetime = 2 * sendDeadline;

/** How often a command is handed in again that storage could not take. */
const patience = 120;

/**
 * Sends messages, each once: a message is claimed in the database before anything goes out, so two senders never send
 * the same one, and one whose sender died in between is never sent again by itself.
 */
export function createSender(options: {
  connection: Connection;
  dispatcher: Pick<Dispatcher, 'dispatch'>;
  channels: Channels;
  /** After a restore: whether a message waited already then. Nobody knows what became of it between backup and restore. */
  isFromBackup?: ((org: string, id: string) => Promise<boolean>) | undefined;
  clock: Clock;
  log: Logger;
}): Sender {
  const { connection, dispatcher, channels, isFromBackup, clock, log } = options;
  const messages = connection.collection<StoredRecord>(collectionOf.message);
  const underWay = new Set<Promise<void>>();
  const timers = new Set<NodeJS.Timeout>();
  let closing = false;

  /** Hands in a command under one id until it is answered: an answer that was lost must not make it act twice. */
  async function act(org: string, command: Pick<Command, 'name' | 'args'>): Promise<Ack> {
    const whole = { commandId: newId(clock.now()), ...command } as Command;
    for (let i = 0; ; i++) {
      const ack = await dispatcher.dispatch({ type: 'system', org, id: 'messenger' }, whole);
      if (ack.ok || !errorTable[ack.error.code].retry || i === patience) return ack;
      await new Promise<void>((resolve) => setTimeout(resolve, Math.min(100 * 2 ** i, 2_000)));
    }
  }

  async function read(org: string, id: string): Promise<Message | undefined> {
    const stored = await messages.findOne({ _id: id, org }, { readConcern: 'majority' });
    return stored ? recordOf('message', stored as StoredRecord) : undefined;
  }

  async function deliver(org: string, message: Message, doubtful: boolean): Promise<void> {
    const { id, channel, attempts } = message;
    const outcome = await (doubtful ? Promise.resolve(fromBackup) : attempt(message)).catch((err: unknown): Outcome => {
      // A bug of ours: whether something went out is not known.
      log.error({ err, org, message: id }, 'sending failed unexpectedly');
      return { outcome: 'unknown', why: 'Sending failed unexpectedly: it may or may not have arrived.' };
    });
    const settled = settledBy(outcome, attempts, clock.now());
    const ack = await act(org, { name: 'message.settle', args: { id, attempt: attempts, ...settled } });
    if (!ack.ok) log.warn({ org, message: id, code: ack.error.code }, 'an outcome could not be recorded');
    else log.info({ org, message: id, channel, outcome: outcome.outcome }, 'message settled');
  }

  function attempt({ id, channel, to, subject, text, createdAt }: Message): Promise<Outcome> {
    const refused = (why: string): Promise<Outcome> => Promise.resolve({ outcome: 'refused', why });
    if (channel === 'email')
      return channels.email
        ? channels.email.send({ id, to, subject: subject ?? '', text, at: createdAt })
        : refused('No e-mail is set up. Ask an admin to set SMTP_URL and MAIL_FROM.');
    return channels.sms
      ? channels.sms.send({ id, to, text })
      : refused('No SMS is set up. Ask an admin to set SMS_URL.');
  }

  /** Waits for room, without holding more than one place. */
  async function room(): Promise<void> {
    while (underWay.size >= atOnce) await Promise.race(underWay);
  }

  async function send(org: string, id: string): Promise<void> {
    await room();
    if (closing) return;
    const message = await read(org, id);
    if (!message || message.state !== 'queued') return;
    if (message.nextAt !== undefined && message.nextAt > clock.now()) return later(org, id, message.nextAt);
    // Before the claim, which is an entry of its own.
    const doubtful = (await isFromBackup?.(org, id)) ?? false;
    const ack = await act(org, { name: 'message.claim', args: { id } });
    if (!ack.ok) {
      // Another sender has it, or storage will be asked again by the sweep.
      log.debug({ org, message: id, code: ack.error.code }, 'not claimed');
      return;
    }
    const work = deliver(org, { ...message, attempts: message.attempts + 1 }, doubtful).finally(() =>
      underWay.delete(work),
    );
    underWay.add(work);
  }

  /** In this process's memory only: should it end before, the sweep of another finds the message. */
  function later(org: string, id: string, at: number): void {
    const timer = setTimeout(
      () => {
        timers.delete(timer);
        send(org, id).catch((err: unknown) => log.warn({ err, org, message: id }, 'waits for the sweep'));
      },
      Math.max(0, at - clock.now()),
    );
    timers.add(timer);
  }

  return {
    send,
    sweep: async (org) => {
      const found = await messages
        .find({ org, state: { $in: ['queued', 'sending'] } } as object)
        .limit(1_000)
        .toArray();
      const swept = { waiting: 0, lost: 0 };
      for (const stored of found) {
        if (closing) break;
        const { id, state, nextAt, claimedAt, attempts } = recordOf('message', stored as StoredRecord);
        const now = clock.now();
        if (state === 'queued' && (nextAt ?? 0) <= now) {
          await send(org, id);
          swept.waiting++;
        } else if (state === 'sending' && (claimedAt ?? 0) + claimLifetime < now) {
          const why = 'The sender stopped while it was on its way: it may or may not have arrived.';
          const ack = await act(org, {
            name: 'message.settle',
            args: { id, attempt: attempts, state: 'unknown', why },
          });
          if (ack.ok) swept.lost++;
        }
      }
      return swept;
    },
    close: async () => {
      closing = true;
      for (const timer of timers) clearTimeout(timer);
      await Promise.all(underWay);
    },
  };
}

const fromBackup: Outcome = {
  outcome: 'unknown',
  why: 'It waited when the backup was made that the board was restored from: it may have been sent since then.',
};

/** What is put on record of an attempt. */
export function settledBy(
  outcome: Outcome,
  attempt: number,
  now: number,
): { state: 'sent' | 'failed' | 'unknown' | 'queued'; why?: string; nextAt?: number } {
  if (outcome.outcome === 'sent') return { state: 'sent' };
  const { why } = outcome;
  if (outcome.outcome === 'unknown') return { state: 'unknown', why };
  const pause = outcome.outcome === 'later' ? retryAfter[attempt - 1] : undefined;
  if (pause !== undefined) return { state: 'queued', why, nextAt: now + pause };
  const given = outcome.outcome === 'later' ? `${why} It was tried ${attempt} times and is given up.` : why;
  return { state: 'failed', why: given };
}
