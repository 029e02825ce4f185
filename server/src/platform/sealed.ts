import { createCipheriv, createDecipheriv, randomBytes } from 'node:crypto';

const start = 'sealed:1:';
const ivBytes = 12;
const tagBytes = 16;

/** What was sealed cannot be opened: another key, no key, or it was tampered with. */
export class SealError extends Error {
  override name = 'SealError';
}

/** Keeps short secrets in the database so that a copy of the database alone does not tell them. */
export type Seal = {
  /** @param about whose it is: it opens for nobody else */
  seal(secret: string, about: string): string;
  /** @throws {SealError} when it cannot be opened */
  open(stored: string, about: string): string;
};

/**
 * Seals with AES-256-GCM. Without a key secrets stay as they are, under the database's own protection; what was stored
 * so is still read once there is a key.
 *
 * @param key 32 bytes
 */
export function createSeal(key: Buffer | undefined): Seal {
  return {
    seal: (secret, about) => {
      if (!key) return secret;
      const iv = randomBytes(ivBytes);
      const cipher = createCipheriv('aes-256-gcm', key, iv).setAAD(Buffer.from(about));
      const text = Buffer.concat([cipher.update(secret, 'utf8'), cipher.final()]);
      return start + Buffer.concat([iv, text, cipher.getAuthTag()]).toString('base64url');
    },
    open: (stored, about) => {
      if (!stored.startsWith(start)) return stored;
      if (!key) throw new SealError('SECRETS_KEY is not set, and a secret was sealed with one');
      const bytes = Buffer.from(stored.slice(start.length), 'base64url');
      try {
        const decipher = createDecipheriv('aes-256-gcm', key, bytes.subarray(0, ivBytes), { authTagLength: tagBytes });
        decipher.setAAD(Buffer.from(about)).setAuthTag(bytes.subarray(bytes.length - tagBytes));
        const text = bytes.subarray(ivBytes, bytes.length - tagBytes);
        return Buffer.concat([decipher.update(text), decipher.final()]).toString('utf8');
      } catch {
        throw new SealError('SECRETS_KEY is not the key that a secret was sealed with');
      }
    },
  };
}
