import type { Connection } from 'mongoose';
import type { Dispatcher } from '../dispatch/dispatch.ts';
import { startConsumer } from '../jobs/consumer.ts';
import type { Journal } from '../journal/journal.ts';
import type { Clock } from '../platform/clock.ts';
import type { Config } from '../platform/config.ts';
import type { Logger } from '../platform/log.ts';
import { createMailer } from '../platform/mail.ts';
import { createSmsSender } from '../platform/sms.ts';
import type { Channels } from './sender.ts';
import { createSender } from './sender.ts';

export type Messages = {
  /** Resolves when it follows the journal. */
  ready: Promise<void>;
  /** Finds what nobody handled, in every organization. */
  sweep(): Promise<void>;
  close(): Promise<void>;
};

/** The ways out that the settings name. */
export function channelsOf(config: Config): Channels {
  const { SMTP_URL, MAIL_FROM, SMS_URL, SMS_TOKEN } = config;
  return {
    ...(SMTP_URL !== undefined && MAIL_FROM !== undefined
      ? { email: createMailer({ url: SMTP_URL, from: MAIL_FROM }) }
      : {}),
    ...(SMS_URL === undefined ? {} : { sms: createSmsSender({ url: SMS_URL, token: SMS_TOKEN }) }),
  };
}

/** This process's part in sending messages: it follows the journal, and each message that is queued is sent. */
export function startMessages(options: {
  config: Config;
  connection: Connection;
  journal: Journal;
  dispatcher: Dispatcher;
  clock: Clock;
  log: Logger;
}): Messages {
  const { config, connection, journal, log } = options;
  const { restoredAt } = journal;
  const isFromBackup = async (org: string, id: string): Promise<boolean> => {
    const [last] = await journal.entriesOfRecord(org, 'message', id, { limit: 1 });
    return last !== undefined && last.at < restoredAt!;
  };
  const sender = createSender({
    ...options,
    channels: channelsOf(config),
    isFromBackup: restoredAt === undefined ? undefined : isFromBackup,
  });
  const consumer = startConsumer({
    name: 'messages',
    connection,
    journal,
    log,
    wants: (entry) => entry.kind === 'message' && entry.set['state'] === 'queued',
    handle: async (org, entries) => {
      for (const id of new Set(entries.map((entry) => entry.id))) await sender.send(org, id);
    },
  });
  return {
    ready: consumer.ready,
    sweep: async () => {
      for (const org of await journal.orgs()) {
        const swept = await sender.sweep(org);
        if (swept.waiting + swept.lost > 0) log.info({ org, ...swept }, 'swept messages');
      }
    },
    close: async () => {
      await consumer.close();
      await sender.close();
    },
  };
}
