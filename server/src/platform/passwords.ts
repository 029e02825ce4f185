import { argon2, createHash, randomBytes, timingSafeEqual } from 'node:crypto';
import { promisify } from 'node:util';

/** OWASP's first choice for argon2id: 19 MiB, two passes, one lane. About 30 ms here. */
const cost = { memory: 19_456, passes: 2, parallelism: 1 };
const hashBytes = 32;
const saltBytes = 16;
/** More hashing at once only makes each slower, and every one holds 19 MiB. */
const atOnce = 2;
/** Beyond this many waiting, a flood is turned away instead of queued for minutes. */
const mostWaiting = 100;

const derive = promisify(argon2);
let running = 0;
const waiting: (() => void)[] = [];

/** Too many passwords are waiting to be hashed; ask again in a moment. */
export class PasswordsBusyError extends Error {
  override name = 'PasswordsBusyError';
}

/**
 * Runs `work` when one of the few hashing places is free, in order of arrival.
 *
 * @throws {PasswordsBusyError} when too many wait already
 */
export async function inTurn<T>(work: () => Promise<T>): Promise<T> {
  if (running >= atOnce) {
    if (waiting.length >= mostWaiting) throw new PasswordsBusyError();
    await new Promise<void>((start) => waiting.push(start));
  } else running++;
  try {
    return await work();
  } finally {
    // The place is handed over, not given back, so that nobody new slips in between.
    const next = waiting.shift();
    if (next) next();
    else running--;
  }
}

// The same password typed on two keyboards may differ in how its accents are composed.
const message = (password: string): Buffer => Buffer.from(password.normalize('NFKC'), 'utf8');
const base64 = (bytes: Uint8Array): string => Buffer.from(bytes).toString('base64').replace(/=+$/, '');

/**
 * Hashes a password with argon2id.
 *
 * @param request an id that is unique to the request: the salt is made from it, so that the same request sent again
 *   makes the same hash and is recognized. Without it the salt is random.
 * @returns the PHC string, `$argon2id$v=19$m=…,t=…,p=…$salt$hash`, about 100 characters
 */
export async function hashPassword(password: string, request?: string): Promise<string> {
  const nonce =
    request === undefined
      ? randomBytes(saltBytes)
      : createHash('sha256').update(`salt:${request}`).digest().subarray(0, saltBytes);
  const hash = await derive('argon2id', { ...cost, message: message(password), nonce, tagLength: hashBytes });
  return `$argon2id$v=19$m=${cost.memory},t=${cost.passes},p=${cost.parallelism}$${base64(nonce)}$${base64(hash)}`;
}

const shape = /^\$argon2id\$v=19\$m=(\d{1,7}),t=(\d{1,2}),p=(\d{1,2})\$([A-Za-z0-9+/]{11,86})\$([A-Za-z0-9+/]{11,86})$/;
/** What a sign-in for an unknown e-mail is checked against: it matches nothing and costs the same. */
const nobody = `$argon2id$v=19$m=${cost.memory},t=${cost.passes},p=${cost.parallelism}$${base64(randomBytes(saltBytes))}$${base64(randomBytes(hashBytes))}`;

/**
 * Whether a password is the one that was hashed. Takes as long when there is no hash as when there is one, so that the
 * time of the answer does not tell which e-mail addresses exist.
 */
export async function verifyPassword(stored: string | undefined, password: string): Promise<boolean> {
  const parts = shape.exec(stored ?? nobody) ?? shape.exec(nobody)!;
  const expected = Buffer.from(parts[5]!, 'base64');
  const hash = await derive('argon2id', {
    memory: Number(parts[1]),
    passes: Number(parts[2]),
    parallelism: Number(parts[3]),
    message: message(password),
    nonce: Buffer.from(parts[4]!, 'base64'),
    tagLength: expected.length,
  });
  return timingSafeEqual(hash, expected) && stored !== undefined && shape.test(stored);
}
