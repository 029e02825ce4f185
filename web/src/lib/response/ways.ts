import type { Channel } from '@opsboard/shared/messages/words';
import { call } from '#lib/socket/http.ts';

/** Which ways out the server has. */
export type Ways = { readonly [C in Channel]: boolean };

let asked: { at: number; answer: Promise<Ways | undefined> } | undefined;

/** Settings change with a restart of the server: an answer is good for a minute. */
const MAX_AGE_MS = 60_000;

/** Asks by which ways messages can be sent; undefined when the server does not say. */
export function readWays(): Promise<Ways | undefined> {
  const now = performance.now();
  if (!asked || now - asked.at > MAX_AGE_MS) {
    const answer = call<Ways>('GET', '/api/messages/channels').then((result) => {
      if (result.ok) return result.value;
      asked = undefined;
      return undefined;
    });
    asked = { at: now, answer };
  }
  return asked.answer;
}
