import { describe, expect, it } from 'vitest';
import { curlExample, keyState, scopesInWords } from './words.ts';

describe('keys in words', () => {
  it.each([
    ['one without an end', {}, 'open'],
    ['one before its end', { expiresAt: 11 }, 'open'],
    ['one at its end', { expiresAt: 10 }, 'expired'],
    ['one that was revoked and is over', { expiresAt: 5, revokedAt: 4 }, 'revoked'],
  ])('%s', (_what, key, expected) => expect(keyState(key, 10)).toBe(expected));

  it('says what it is for as one sentence', () => {
    expect(scopesInWords(['batches:read', 'directory:write'])).toBe('Read batches, change the directory');
  });

  it('asks the board it stands on', () => {
    expect(curlExample('https://ops.test')).toBe(
      'curl -H "Authorization: Bearer $OPSBOARD_KEY" "https://ops.test/api/batches?limit=5"',
    );
  });
});
