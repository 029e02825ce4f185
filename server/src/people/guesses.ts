import { isIPv6 } from 'node:net';
import type { WireError } from '@opsboard/shared/protocol/errors';
import { inTurn, PasswordsBusyError } from '../platform/passwords.ts';
import type { Limit, Throttle } from '../platform/throttle.ts';
import { tooMany } from '../ingress/error.ts';

const minutes = 60_000;

/**
 * Runs a check of something secret under limits: failures are counted, and a success forgets those of `own`.
 *
 * @param wrong the refusal when the check says no
 * @returns undefined when the check says yes
 */
export async function checked(
  throttle: Throttle,
  limits: readonly Limit[],
  own: string,
  wrong: () => WireError,
  check: () => Promise<boolean>,
): Promise<WireError | undefined> {
  const early = await throttle.wait(limits);
  if (early > 0) return tooMany(early);
  try {
    return await inTurn(async () => {
      // Asked again when it is this one's turn: a flood of guesses sent at once must not all pass on the count before.
      const wait = await throttle.wait(limits);
      if (wait > 0) return tooMany(wait);
      if (await check()) {
        await throttle.clear(own);
        return undefined;
      }
      await throttle.fail(limits);
      return wrong();
    });
  } catch (error) {
    if (error instanceof PasswordsBusyError) return tooMany(5_000);
    throw error;
  }
}

/** One text for an address; the 64 bits that a home or office is given count as one. */
export function network(address: string): string {
  const plain = address.replace(/^::ffff:/i, '').replace(/%.*$/, '');
  return isIPv6(plain)
    ? (new URL(`http://[${plain}]`).hostname.slice(1, -1).split('::')[0] ?? '').split(':').slice(0, 4).join(':')
    : plain;
}

/** How many failures of any kind one place has. */
export const addressLimit = (address: string): Limit => ({
  key: `address:${network(address)}`,
  count: 100,
  windowMs: 15 * minutes,
});

/**
 * How many wrong codes a person has. Fewer than of passwords, because three of a million codes are right at any moment,
 * and because who guesses them has the password already: nobody else can lock the person out.
 */
export const codeLimits = (person: string): { own: string; limits: Limit[] } => ({
  own: `code:${person}`,
  limits: [
    { key: `code:${person}`, count: 10, windowMs: 15 * minutes },
    // Not forgotten by a success: who has the password may wait for the person to sign in and go on guessing.
    { key: `codes:${person}`, count: 100, windowMs: 24 * 60 * minutes },
  ],
});
