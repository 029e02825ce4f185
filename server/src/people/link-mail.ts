import type { LinkPurpose } from '@opsboard/shared/people/links';
import type { Command } from '@opsboard/shared/protocol/envelope';
import { errorTable } from '@opsboard/shared/protocol/errors';
import type { Dispatcher } from '../dispatch/dispatch.ts';
import type { Clock } from '../platform/clock.ts';
import { newId } from '../platform/ids.ts';
import type { Logger } from '../platform/log.ts';
import type { Mailer } from '../platform/mail.ts';
import type { Outcome } from '../platform/outbound.ts';

/** What is said in the e-mail that takes a link to its person. */
export type LinkLetter = {
  purpose: LinkPurpose;
  /** The whole address, token included. */
  address: string;
  organization: string;
  product: string;
  /** Who invites, or made the link; undefined: the person asked for it. */
  by: string | undefined;
  /** When it runs out, milliseconds, and in which time zone that is said. */
  until: number;
  timeZone: string;
};

/** Subject and text of the e-mail with a link: what to do, and until when. */
export function letterOf(letter: LinkLetter): { subject: string; text: string } {
  const { purpose, address, organization, product, by, until, timeZone } = letter;
  const when = new Intl.DateTimeFormat('en-GB', {
    weekday: 'long',
    day: 'numeric',
    month: 'long',
    hour: '2-digit',
    minute: '2-digit',
    timeZone,
    timeZoneName: 'short',
  }).format(until);
  const once = `It works once, until ${when}.`;
  if (purpose === 'invitation') {
    return {
      subject: `${organization}: your invitation to ${product}`,
      text: [
        `${by ?? 'An admin'} of ${organization} invites you to ${product}.`,
        `Open this address and choose a password; then you are signed in:\n${address}`,
        `${once} If it has run out, ask ${by ?? 'your admin'} for a new one.`,
      ].join('\n\n'),
    };
  }
  return {
    subject: `${organization}: choose a new password for ${product}`,
    text: [
      by === undefined
        ? `Somebody asked for a new password for this e-mail address at ${organization}.`
        : `${by} of ${organization} has made a link for you to choose a new password for ${product}.`,
      `Open this address and choose it; then you are signed in here, and signed out everywhere else:\n${address}`,
      `${once} If you did not ask for it, do nothing: your password stays as it is.`,
    ].join('\n\n'),
  };
}

/** Pauses before a mail server that took nothing is asked again, milliseconds; after the last one it has failed. */
const retryAfter: readonly number[] = [5_000, 30_000, 120_000];
/** Longer than all attempts together: who has not settled by then was ended in the middle of it. */
export const mailLifetime = 300_000;
/** How often an outcome is handed in again that storage could not take. */
const patience = 60;

/**
 * Sends links by e-mail, from the process that made them: the token is stored nowhere, so no other one can. That it is
 * on its way is on record before anything goes out; one that was never settled is shown as unknown, and never sent again.
 */
export function createLinkMail(options: {
  dispatcher: Pick<Dispatcher, 'dispatch'>;
  mailer: Mailer | undefined;
  clock: Clock;
  log: Logger;
}): {
  /** Whether there is a way out. */
  readonly ready: boolean;
  send(org: string, link: { id: string; at: number }, to: string, letter: LinkLetter): void;
  /** Gives up what waits, and resolves when what is under way is settled. */
  close(): Promise<void>;
} {
  const { dispatcher, mailer, clock, log } = options;
  const underWay = new Set<Promise<void>>();
  const closing = new AbortController();

  async function settle(org: string, id: string, state: 'sent' | 'failed' | 'unknown', why?: string): Promise<void> {
    const args = { id, state, ...(why === undefined ? {} : { why }) };
    const command: Command<'link.settle'> = { commandId: newId(clock.now()), name: 'link.settle', args };
    for (let i = 0; ; i++) {
      const ack = await dispatcher.dispatch({ type: 'system', org, id: 'messenger' }, command);
      if (ack.ok) return;
      if (!errorTable[ack.error.code].retry || i === patience || closing.signal.aborted) {
        log.warn({ org, link: id, code: ack.error.code }, 'what became of a link could not be recorded');
        return;
      }
      await pause(Math.min(100 * 2 ** i, 2_000), closing.signal);
    }
  }

  async function deliver(org: string, link: { id: string; at: number }, to: string, letter: LinkLetter): Promise<void> {
    const mail = { id: link.id, to, at: link.at, ...letterOf(letter) };
    for (let attempt = 0; ; attempt++) {
      const outcome = await mailer!.send(mail).catch((err: unknown): Outcome => {
        log.error({ err, org, link: link.id }, 'sending a link failed unexpectedly');
        return { outcome: 'unknown', why: 'Sending failed unexpectedly: it may or may not have arrived.' };
      });
      log.info({ org, link: link.id, outcome: outcome.outcome }, 'link sent');
      if (outcome.outcome === 'sent') return settle(org, link.id, 'sent');
      if (outcome.outcome === 'unknown') return settle(org, link.id, 'unknown', outcome.why);
      const wait = outcome.outcome === 'later' ? retryAfter[attempt] : undefined;
      if (wait !== undefined) await pause(wait, closing.signal);
      if (wait === undefined || closing.signal.aborted) return settle(org, link.id, 'failed', outcome.why);
    }
  }

  return {
    ready: mailer !== undefined,
    send: (org, link, to, letter) => {
      if (!mailer) return;
      const work = deliver(org, link, to, letter)
        .catch((err: unknown) => log.error({ err, org, link: link.id }, 'a link was not settled'))
        .finally(() => underWay.delete(work));
      underWay.add(work);
    },
    close: async () => {
      closing.abort();
      await Promise.all(underWay);
    },
  };
}

/** Resolves after a time, or when closing begins. */
function pause(ms: number, closing: AbortSignal): Promise<void> {
  if (closing.aborted) return Promise.resolve();
  return new Promise((resolve) => {
    const end = (): void => {
      clearTimeout(timer);
      closing.removeEventListener('abort', end);
      resolve();
    };
    const timer = setTimeout(end, ms);
    closing.addEventListener('abort', end);
  });
}
