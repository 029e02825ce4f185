import { createHmac, timingSafeEqual } from 'node:crypto';
import { z } from 'zod';

/** What a proof may be for: one that was made for one thing is no good for another. */
export type Purpose = 'second factor' | 'enrolment';

const content = z.strictObject({ person: z.string(), expiresAt: z.number(), secret: z.string().optional() });
/** What a proof says. `secret` is what was shown to the person meanwhile. */
export type Proved = z.infer<typeof content>;

/**
 * What the second step of a sign-in is signed with. Another password, another second factor or another SECRETS_KEY is
 * another key.
 */
export const challengeKey = (
  secretsKey: string,
  person: { passwordHash?: string | undefined; totp?: { secret: string } | undefined },
): string => JSON.stringify([secretsKey, person.passwordHash, person.totp?.secret]);

const signature = (purpose: Purpose, key: string, text: string): Buffer =>
  createHmac('sha256', key).update(`${purpose}\n${text}`).digest();

/**
 * Signs that somebody has come so far. Nothing is stored: the key is made of what must not have changed meanwhile (the
 * password's hash, the second factor), so that a proof ends with any of these.
 */
export function makeProof(purpose: Purpose, key: string, said: Proved): string {
  const text = Buffer.from(JSON.stringify(said)).toString('base64url');
  return `${text}.${signature(purpose, key, text).toString('base64url')}`;
}

/**
 * Reads a proof.
 *
 * @param keyOf finds the key for the person it names; undefined when there is none
 * @returns undefined when it is not a proof, is for another purpose, or has ended
 */
export async function readProof<Found>(
  purpose: Purpose,
  proof: string,
  now: number,
  keyOf: (person: string) => Promise<{ key: string; found: Found } | undefined>,
): Promise<{ said: Proved; found: Found } | undefined> {
  const [text = '', mark = '', more] = proof.split('.');
  if (more !== undefined) return undefined;
  const said = parsed(text);
  if (!said || said.expiresAt <= now) return undefined;
  const owner = await keyOf(said.person);
  if (!owner) return undefined;
  const [given, expected] = [Buffer.from(mark, 'base64url'), signature(purpose, owner.key, text)];
  return given.length === expected.length && timingSafeEqual(given, expected)
    ? { said, found: owner.found }
    : undefined;
}

function parsed(text: string): Proved | undefined {
  try {
    return content.safeParse(JSON.parse(Buffer.from(text, 'base64url').toString('utf8'))).data;
  } catch {
    return undefined;
  }
}
