import { Secret, TOTP } from 'otpauth';

/** How long one code holds, milliseconds. The values that every authenticator app knows: SHA-1, 6 digits, 30 s. */
const period = 30_000;
/** Clocks of phones differ: the code before and the code after count as well. */
const window = 1;

/** A new secret of 160 bits, in base32. */
export const newSecret = (): string => new Secret({ size: 20 }).base32;

/**
 * What an authenticator app reads from the QR code.
 *
 * @param issuer the name of the house, as the app lists it
 * @param account whose it is, as the app lists it
 */
export const secretAddress = (secret: string, issuer: string, account: string): string =>
  new TOTP({ issuer, label: account, secret: Secret.fromBase32(secret) }).toString();

/**
 * Which step of time a code is for, among the present one and its neighbours; undefined when it is for none of them. A
 * code is accepted once: the caller remembers the step.
 *
 * @param now milliseconds since the epoch
 */
export function stepOf(secret: string, code: string, now: number): number | undefined {
  const totp = new TOTP({ secret: Secret.fromBase32(secret) });
  const delta = totp.validate({ token: code, timestamp: now, window });
  return delta === null ? undefined : Math.floor(now / period) + delta;
}
