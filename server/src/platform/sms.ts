import type { Outcome } from './outbound.ts';
import { quoted, sendDeadline } from './outbound.ts';

/** One text message, to one person. `id` is the same at every attempt. */
export type Sms = { id: string; to: string; text: string };

export type SmsSender = { send(sms: Sms): Promise<Outcome> };

/** Failures of a request that never reached the other side. */
const before: ReadonlySet<string> = new Set([
  'ECONNREFUSED',
  'ENOTFOUND',
  'EAI_AGAIN',
  'EHOSTUNREACH',
  'ENETUNREACH',
  'UND_ERR_CONNECT_TIMEOUT',
]);

/**
 * Sends text messages by HTTP: `POST` of `{id, to, text}` as JSON, with the id as `Idempotency-Key` and, where there is
 * one, the secret as a bearer token. Any 2xx means that the gateway has taken it.
 *
 * @param url where the gateway takes them
 */
export function createSmsSender(options: { url: string; token?: string | undefined; deadline?: number }): SmsSender {
  return {
    send: async (sms) => {
      let response: Response;
      try {
        response = await fetch(options.url, {
          method: 'POST',
          // A body that is sent on to another address would be a message twice.
          redirect: 'manual',
          headers: {
            'content-type': 'application/json',
            'idempotency-key': sms.id,
            ...(options.token === undefined ? {} : { authorization: `Bearer ${options.token}` }),
          },
          body: JSON.stringify(sms),
          signal: AbortSignal.timeout(options.deadline ?? sendDeadline),
        });
      } catch (error) {
        const { code } = ((error as Error).cause ?? {}) as { code?: string };
        return code !== undefined && before.has(code)
          ? { outcome: 'later', why: 'The SMS gateway does not answer.' }
          : {
              outcome: 'unknown',
              why: 'The line to the SMS gateway broke while the text was on its way: it may or may not have arrived.',
            };
      }
      const said = quoted(await response.text().catch(() => ''));
      return outcomeOfStatus(response.status, said);
    },
  };
}

/** What the gateway's answer means; `said` is its text, fit to be shown. */
export function outcomeOfStatus(status: number, said: string): Outcome {
  const words = said === '' ? `${status}` : `${status}, “${said}”`;
  if (status >= 200 && status < 300) return { outcome: 'sent' };
  // These say that nothing was taken; other failures of a server leave that open.
  if (status === 429 || status === 503)
    return { outcome: 'later', why: `The SMS gateway asked us to come back later (${words}).` };
  if (status >= 500 || status === 408)
    return {
      outcome: 'unknown',
      why: `The SMS gateway failed while it had the text (${words}): it may or may not have been sent.`,
    };
  if (status === 401 || status === 403)
    return { outcome: 'refused', why: `The SMS gateway did not accept our sign-in (${words}). Ask an admin.` };
  return { outcome: 'refused', why: `The SMS gateway refused the text (${words}).` };
}
