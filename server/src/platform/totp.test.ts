import { expect, it } from 'vitest';
import { newSecret, secretAddress, stepOf } from './totp.ts';

/** "12345678901234567890", as in RFC 6238, appendix B; its codes of eight digits, cut to the last six. */
const secret = 'GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ';

it.each([
  [59, '287082'],
  [1_111_111_109, '081804'],
  [1_111_111_111, '050471'],
  [1_234_567_890, '005924'],
  [2_000_000_000, '279037'],
  [20_000_000_000, '353130'],
])('knows the code of RFC 6238 at %i s', (seconds, code) => {
  const step = Math.floor(seconds / 30);
  expect(stepOf(secret, code, seconds * 1000)).toBe(step);
  expect(stepOf(secret, code, (step * 30 + 30) * 1000), 'one later').toBe(step);
  expect(stepOf(secret, code, (step * 30 - 1) * 1000), 'one earlier').toBe(step);
  expect(stepOf(secret, code, (step * 30 + 60) * 1000), 'two later').toBeUndefined();
  expect(stepOf(secret, code, (step * 30 - 31) * 1000), 'two earlier').toBeUndefined();
});

it.each(['', '28708', '2870821', '000000', 'abcdef'])('knows no code %j', (code) =>
  expect(stepOf(secret, code, 59_000)).toBeUndefined(),
);

it('makes secrets of 160 bits, and the address that apps read', () => {
  const made = newSecret();
  expect(made).toMatch(/^[A-Z2-7]{32}$/);
  expect(newSecret()).not.toBe(made);
  const address = new URL(secretAddress(secret, 'Nord & Süd: Works', 'ada@nord.test'));
  expect(address.protocol).toBe('otpauth:');
  expect(address.searchParams.get('secret')).toBe(secret);
  expect(address.searchParams.get('issuer')).toBe('Nord & Süd: Works');
  expect(decodeURIComponent(address.pathname)).toContain('ada@nord.test');
});
