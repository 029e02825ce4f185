import { Secret, TOTP } from 'otpauth';
import type { Client } from './client.ts';

/** An authenticator app that holds one secret. */
export type Authenticator = { secret: string; code(now: number): string };

export function authenticator(secret: string): Authenticator {
  const totp = new TOTP({ secret: Secret.fromBase32(secret) });
  return { secret, code: (now) => totp.generate({ timestamp: now }) };
}

/** Sets up a second factor for the person of a client. @throws {Error} when it is refused */
export async function enrol(
  client: Client,
  password: string,
  now: number,
): Promise<{ app: Authenticator; recoveryCodes: string[] }> {
  const offered = await client.post<{ offer: string; secret: string }>('/api/second-factor/offer', { password });
  if (offered.status !== 200) throw new Error(`no second factor was offered: ${offered.text}`);
  const app = authenticator(offered.body.secret);
  const done = await client.post<{ recoveryCodes: string[] }>('/api/second-factor', {
    offer: offered.body.offer,
    code: app.code(now),
  });
  if (done.status !== 201) throw new Error(`the second factor was not set up: ${done.text}`);
  return { app, recoveryCodes: done.body.recoveryCodes };
}
