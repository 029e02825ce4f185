import { createHash, randomBytes } from 'node:crypto';

/** Crockford's base32 in lower case: no letter that is taken for a figure. Five bits each. */
const alphabet = '0123456789abcdefghjkmnpqrstvwxyz';
const length = 16;
const count = 10;

/** Ten new codes of 80 bits each, as `k7f2-9xq4-m3hd-0pzt`, and what is kept of them. */
export function newRecoveryCodes(person: string): { codes: string[]; hashes: string[] } {
  const codes = Array.from({ length: count }, () => {
    // 32 divides 256: every letter is as likely as any other.
    const letters = [...randomBytes(length)].map((byte) => alphabet[byte % 32]!).join('');
    return letters.replace(/.{4}(?=.)/g, '$&-');
  });
  return { codes, hashes: codes.map((code) => recoveryHash(person, code)!) };
}

/**
 * The hash of a typed recovery code; undefined when it cannot be one. Spaces, dashes and capitals do not matter, nor
 * `o`, `i` and `l` for the figures that they look like. Bound to the person, so that equal codes have unequal hashes.
 */
export function recoveryHash(person: string, typed: string): string | undefined {
  const code = typed.toLowerCase().replace(/[\s-]/g, '').replace(/o/g, '0').replace(/[il]/g, '1');
  if (code.length !== length || [...code].some((letter) => !alphabet.includes(letter))) return undefined;
  return createHash('sha256').update(`recovery:${person}:${code}`).digest('hex');
}
