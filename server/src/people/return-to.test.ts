import { expect, it } from 'vitest';
import { returnTo } from './return-to.ts';

it.each([
  ['/operations/board?sla=breached', '/operations/board?sla=breached'],
  ['/wall', '/wall'],
  ['/', '/'],
  ['/a/../settings', '/settings'],
  ['/operations/batches?q=ü&x=//y', '/operations/batches?q=%C3%BC&x=//y'],
  ['/sign-in/done', '/sign-in/done'],
])('%s is a page of the board', (asked, path) => expect(returnTo(asked)).toBe(path));

it.each([
  undefined,
  '',
  'operations',
  'https://elsewhere.test',
  '//elsewhere.test',
  '/\\elsewhere.test',
  '\\\\elsewhere.test',
  '/\t/elsewhere.test',
  '/..//elsewhere.test',
  '/./\n/elsewhere.test',
  'javascript:alert(1)',
  '/%0d%0aLocation:%20x/../..//elsewhere.test',
  '/api/session/provider?to=/api/session/provider',
  '/api',
  '/sign-in?to=/sign-in',
  '/setup',
  '/reset',
  `/${'a'.repeat(2_000)}`,
])('never leads astray: %j', (asked) => expect(returnTo(asked)).toBe('/operations'));
