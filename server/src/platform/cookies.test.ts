import { expect, it } from 'vitest';
import { readCookie, sessionCookie } from './cookies.ts';

it.each([
  ['opsboard=a', 'a'],
  ['x=1; opsboard=a; y=2', 'a'],
  ['opsboard=a; opsboard=b', 'a'],
  ['xopsboard=1', undefined],
  ['opsboard', undefined],
  ['=a', undefined],
  ['', undefined],
  [undefined, undefined],
  ['opsboard=a=b', 'a=b'],
])('reads %j as %j', (header, value) => {
  expect(readCookie(header, 'opsboard')).toBe(value);
});

it('keeps the session from scripts, other sites and, over https, other hosts and plain connections', () => {
  expect(sessionCookie('t', 60_000, false)).toBe('opsboard=t; Path=/; Max-Age=60; HttpOnly; SameSite=Lax');
  expect(sessionCookie('t', 60_000, true)).toBe(
    '__Host-opsboard=t; Path=/; Max-Age=60; HttpOnly; SameSite=Lax; Secure',
  );
  expect(sessionCookie('', 60_000, false)).toContain('Max-Age=0;');
});
