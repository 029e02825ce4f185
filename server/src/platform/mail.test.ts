import { expect, it } from 'vitest';
import { outcomeOf } from './mail.ts';
import { quoted } from './outbound.ts';
import { outcomeOfStatus } from './sms.ts';

const message = '';
it.each([
  ['nobody answers', { code: 'ESOCKET', message }, false, 'later'],
  ['the name is not known', { code: 'EDNS', message }, false, 'later'],
  ['the line breaks before the text', { code: 'ECONNECTION', message }, false, 'later'],
  ['the line breaks in the text', { code: 'ECONNECTION', message }, true, 'unknown'],
  ['no answer to the text', { code: 'ETIMEDOUT', message }, true, 'unknown'],
  ['greylisted', { code: 'EENVELOPE', responseCode: 451, command: 'RCPT TO', message }, false, 'later'],
  ['no such mailbox', { code: 'EENVELOPE', responseCode: 550, command: 'RCPT TO', message }, false, 'refused'],
  ['wrong password', { code: 'EAUTH', responseCode: 535, message }, false, 'refused'],
  ['text refused for good', { code: 'EMESSAGE', responseCode: 554, command: 'DATA', message }, true, 'refused'],
  ['text refused for now', { code: 'EMESSAGE', responseCode: 452, command: 'DATA', message }, true, 'later'],
  ['server going down in the text', { code: 'ECONNECTION', responseCode: 421, message }, true, 'later'],
])('an e-mail: %s', (_what, error, begun, outcome) => {
  expect(outcomeOf(error, begun)).toMatchObject({ outcome });
});

it.each([
  [200, 'sent'],
  [202, 'sent'],
  [302, 'refused'],
  [400, 'refused'],
  [401, 'refused'],
  [408, 'unknown'],
  [429, 'later'],
  [500, 'unknown'],
  [502, 'unknown'],
  [503, 'later'],
])('an SMS answered with %s', (status, outcome) => {
  expect(outcomeOfStatus(status, '')).toMatchObject({ outcome });
});

it('what a server said is shown in one line, without addresses and numbers', () => {
  expect(quoted('550 5.1.1 <jo@x.test>: no\r\n such "jo@x.test" user')).toBe('550 5.1.1 <…>: no such "…" user');
  expect(quoted('+49 30 1234567 is blocked')).toBe('… is blocked');
  expect(quoted('x'.repeat(500))).toHaveLength(120);
});
