import type { ApiKey } from '@opsboard/shared/keys/schema';
import { scopeWords } from '@opsboard/shared/keys/scopes';

/** A key as an admin sees it. */
export type KeyInView = Omit<ApiKey, 'tokenHash'>;

export type KeyState = 'open' | 'expired' | 'revoked';

/** Whether a key still opens anything at a moment (milliseconds). */
export function keyState(key: Pick<KeyInView, 'revokedAt' | 'expiresAt'>, now: number): KeyState {
  if (key.revokedAt !== undefined) return 'revoked';
  return key.expiresAt !== undefined && key.expiresAt <= now ? 'expired' : 'open';
}

/** What a key is for, in words: `Read batches, change the directory`. */
export function scopesInWords(scopes: KeyInView['scopes']): string {
  const words = scopes.map((scope) => scopeWords[scope].title);
  return words.map((word, i) => (i === 0 ? word : word.charAt(0).toLowerCase() + word.slice(1))).join(', ');
}

/** A command line that asks the board something with a key. */
export const curlExample = (origin: string): string =>
  `curl -H "Authorization: Bearer $OPSBOARD_KEY" "${origin}/api/batches?limit=5"`;
