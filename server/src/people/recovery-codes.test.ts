import { expect, it } from 'vitest';
import { newRecoveryCodes, recoveryHash } from './recovery-codes.ts';

it('makes ten codes that are all different and are found again by their hashes', () => {
  const { codes, hashes } = newRecoveryCodes('ada');
  expect(new Set(codes).size).toBe(10);
  for (const [i, code] of codes.entries()) {
    expect(code).toMatch(/^[0-9a-hjkmnp-tv-z]{4}(-[0-9a-hjkmnp-tv-z]{4}){3}$/);
    expect(recoveryHash('ada', code)).toBe(hashes[i]);
    expect(recoveryHash('bob', code), 'somebody else’s').not.toBe(hashes[i]);
  }
});

it('does not mind how a code is typed', () => {
  const hash = recoveryHash('ada', '0011-abcd-efgh-jkmn');
  for (const typed of ['0011abcdefghjkmn', ' 0011 ABCD efgh jkmn ', 'OOil-abcd-efgh-jkmn', 'oOLI-ABCD-EFGH-JKMN'])
    expect(recoveryHash('ada', typed), typed).toBe(hash);
});

it.each(['', '123456', '0011-abcd-efgh-jkm', '0011-abcd-efgh-jkmnp', '0011-abcd-efgh-jkmu', '0011_abcd_efgh_jkmn'])(
  'takes %j for none',
  (typed) => expect(recoveryHash('ada', typed)).toBeUndefined(),
);
