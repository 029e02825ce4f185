import { expect, it } from 'vitest';
import { originRefusal } from './origin.ts';

const board = 'https://board.example.com';
const allowed = true;
const refused = false;

it.each([
  ['a program', {}, undefined, allowed],
  ['our page', { origin: 'http://localhost:3000' }, undefined, allowed],
  ['our page, other letter case', { origin: 'http://LOCALHOST:3000' }, undefined, allowed],
  ['another port', { origin: 'http://localhost:3001' }, undefined, refused],
  ['another site', { origin: 'https://evil.example' }, undefined, refused],
  ['a name that begins like ours', { origin: 'http://localhost:3000.evil.example' }, undefined, refused],
  ['a sandboxed page', { origin: 'null' }, undefined, refused],
  ['an extension', { origin: 'chrome-extension://localhost:3000' }, undefined, refused],
  ['nonsense', { origin: '::' }, undefined, refused],
  ['the public page behind a proxy', { origin: board }, board, allowed],
  ['the public page over plain http', { origin: 'http://board.example.com' }, board, refused],
  [
    'the public host, asked over plain http',
    { origin: 'http://board.example.com', host: 'board.example.com' },
    board,
    refused,
  ],
  ['the machine itself beside the public page', { origin: 'http://localhost:3000' }, board, allowed],
  ['a page without Origin, same', { 'sec-fetch-site': 'same-origin' }, undefined, allowed],
  ['a page without Origin, cross-site', { 'sec-fetch-site': 'cross-site' }, undefined, refused],
  ['a page without Origin, same site', { 'sec-fetch-site': 'same-site' }, undefined, refused],
])('%s: %j (PUBLIC_URL %s) → %s', (_who, headers, publicUrl, verdict) => {
  const answer = originRefusal({ host: 'localhost:3000', ...headers } as never, publicUrl);
  expect(answer === undefined).toBe(verdict);
  if (answer) expect(answer.code).toBe('wrong_origin');
});

it('refuses an Origin when no host was asked', () => {
  expect(originRefusal({ origin: 'http://localhost' }, undefined)?.code).toBe('wrong_origin');
});
