import { randomBytes } from 'node:crypto';
import { expect, it } from 'vitest';
import { createSeal, SealError } from './sealed.ts';

const key = randomBytes(32);
const seal = createSeal(key);

it('opens what it sealed, and seals it differently each time', () => {
  const stored = seal.seal('GEZDGNBV', 'ada');
  expect(stored).not.toContain('GEZDGNBV');
  expect(seal.open(stored, 'ada')).toBe('GEZDGNBV');
  expect(seal.seal('GEZDGNBV', 'ada')).not.toBe(stored);
});

it('without a key keeps a secret as it is; with one it still reads that', () => {
  const open = createSeal(undefined);
  expect(open.seal('GEZDGNBV', 'ada')).toBe('GEZDGNBV');
  expect(seal.open('GEZDGNBV', 'ada')).toBe('GEZDGNBV');
});

it('opens for nobody else, with no other key, and not when a byte is another one', () => {
  const stored = seal.seal('GEZDGNBV', 'ada');
  const middle = Math.floor(stored.length / 2);
  const broken = stored.slice(0, middle) + (stored[middle] === 'A' ? 'B' : 'A') + stored.slice(middle + 1);
  for (const attempt of [
    () => seal.open(stored, 'bob'),
    () => createSeal(randomBytes(32)).open(stored, 'ada'),
    () => createSeal(undefined).open(stored, 'ada'),
    () => seal.open(broken, 'ada'),
    () => seal.open('sealed:1:', 'ada'),
    () => seal.open('sealed:1:AAAA', 'ada'),
  ])
    expect(attempt).toThrow(SealError);
});
