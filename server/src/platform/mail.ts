import { Readable } from 'node:stream';
import MailComposer from 'nodemailer/lib/mail-composer';
import { parseConnectionUrl } from 'nodemailer/lib/shared';
import SMTPConnection from 'nodemailer/lib/smtp-connection';
import type { Outcome } from './outbound.ts';
import { quoted, sendDeadline } from './outbound.ts';

/** One e-mail, to one person. `id` makes its Message-ID: the same one at every attempt. */
export type Mail = { id: string; to: string; subject: string; text: string; at: number };

export type Mailer = { send(mail: Mail): Promise<Outcome> };

/**
 * Sends e-mail over SMTP, one connection for each.
 *
 * The connection is driven by hand instead of through a transport, because only so it is known whether the text had
 * begun to go out when a line broke: before that nothing can have been taken, after it nobody knows.
 *
 * @param url as `smtp://user:password@host:587` or `smtps://…`; options may follow as `?requireTLS=true`
 * @param from the address that mail comes from, with or without a name before it
 */
export function createMailer(options: { url: string; from: string; deadline?: number }): Mailer {
  const { auth, ...connection } = parseConnectionUrl(options.url);
  const sender = addressOf(options.from);
  const deadline = options.deadline ?? sendDeadline;

  async function compose(mail: Mail): Promise<Buffer> {
    const composed = new MailComposer({
      from: options.from,
      // As an object it is one address, whatever is in it.
      to: { name: '', address: mail.to },
      // What looks like encoded text would be decoded by whoever reads it: a blank keeps it the text that it is.
      subject: mail.subject.replaceAll('=?', '= ?'),
      text: mail.text,
      messageId: `<${mail.id}@${sender.slice(sender.lastIndexOf('@') + 1)}>`,
      date: new Date(mail.at),
      disableFileAccess: true,
      disableUrlAccess: true,
    });
    return composed.compile().build();
  }

  return {
    send: async (mail) => {
      const content = await compose(mail);
      return new Promise<Outcome>((resolve) => {
        let begun = false;
        const body = new Readable({
          read() {
            begun = true;
            this.push(content);
            this.push(null);
          },
        });
        const line = new SMTPConnection({
          connectionTimeout: 10_000,
          greetingTimeout: 10_000,
          socketTimeout: 20_000,
          dnsTimeout: 10_000,
          // A password does not go over an open line, unless the address says so itself (`?requireTLS=false`).
          ...(auth && !isLocal(connection.host) ? { requireTLS: true } : {}),
          ...connection,
        });
        let ended = false;
        const end = (outcome: Outcome): void => {
          if (ended) return;
          ended = true;
          clearTimeout(timer);
          // A server that waits for our goodbye gets it; what it says then changes nothing.
          if (outcome.outcome === 'sent') line.quit();
          else line.close();
          resolve(outcome);
        };
        const fail = (error: unknown): void => end(outcomeOf(error as MailError, begun));
        const timer = setTimeout(() => fail({ code: 'ETIMEDOUT', message: 'no answer' }), deadline);
        line.on('error', fail);
        const send = (): void =>
          line.send({ from: sender, to: [mail.to], size: content.length }, body, (error) =>
            error ? fail(error) : end({ outcome: 'sent' }),
          );
        line.connect((error) => {
          if (error) return fail(error);
          if (!auth || !line.allowsAuth) return send();
          line.login(auth, (refused) => (refused ? fail(refused) : send()));
        });
      });
    },
  };
}

/** The part of an SMTP failure that says what it means. */
export type MailError = { code?: string; responseCode?: number; response?: string; command?: string; message: string };

/**
 * What a failed attempt means.
 *
 * @param begun whether the text had begun to go out
 */
export function outcomeOf(error: MailError, begun: boolean): Outcome {
  const { code, responseCode, response, command } = error;
  const said = response === undefined ? '' : `: “${quoted(response)}”`;
  if (responseCode !== undefined && responseCode >= 500) {
    if (code === 'EAUTH')
      return { outcome: 'refused', why: `The mail server did not accept our sign-in${said}. Ask an admin.` };
    return command === 'RCPT TO'
      ? { outcome: 'refused', why: `The mail server does not take mail for this address${said}.` }
      : { outcome: 'refused', why: `The mail server refused the e-mail${said}.` };
  }
  if (responseCode !== undefined && responseCode >= 400)
    return { outcome: 'later', why: `The mail server asked us to come back later${said}.` };
  if (begun)
    return {
      outcome: 'unknown',
      why: 'The line to the mail server broke while the e-mail was on its way: it may or may not have arrived.',
    };
  if (code === 'EAUTH') return { outcome: 'refused', why: 'The mail server did not accept our sign-in. Ask an admin.' };
  if (code === 'EENVELOPE') return { outcome: 'refused', why: 'The mail server does not take mail for this address.' };
  return { outcome: 'later', why: 'The mail server does not answer.' };
}

/** The bare address in `Name <address>` or `address`. */
function addressOf(from: string): string {
  return /<([^<>]+)>\s*$/.exec(from)?.[1] ?? from.trim();
}

const isLocal = (host: string | undefined): boolean =>
  host === undefined || host === 'localhost' || host === '::1' || host.startsWith('127.');
