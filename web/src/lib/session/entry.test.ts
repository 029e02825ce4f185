import { expect, it } from 'vitest';
import { entryTo } from './entry.ts';
import type { Role } from '@opsboard/shared/people/roles';
import type { SessionState } from './session.svelte.ts';

const at = (state: SessionState, path: string, role?: Role): string | undefined =>
  entryTo(state, new URL(path, 'http://board.test'), role);

it.each([
  ['setup', '/', '/setup'],
  ['setup', '/operations/board', '/setup'],
  ['setup', '/setup', undefined],
  ['signed_out', '/', '/sign-in'],
  ['signed_out', '/operations/board?sla=breached', '/sign-in?to=%2Foperations%2Fboard%3Fsla%3Dbreached'],
  ['signed_out', '/sign-in?to=%2Fwall', undefined],
  ['signed_in', '/', '/operations'],
  ['signed_in', '/sign-in?to=%2Foperations%2Fboard%3Fsla%3Dbreached', '/operations/board?sla=breached'],
  ['signed_in', '/sign-in', '/operations'],
  ['signed_in', '/wall', undefined],
  ['signed_in', '/sign-in/done', undefined],
  ['signed_in', '/sign-in?refused=away&to=%2Fsign-in%2Fdone', '/sign-in/done'],
  ['signed_out', '/sign-in/done', '/sign-in?to=%2Fsign-in%2Fdone'],
  ['expired', '/operations/board', undefined],
  ['signed_out', '/join', undefined],
  ['signed_in', '/reset', undefined],
  ['signed_out', '/forgotten', undefined],
  ['setup', '/join', '/setup'],
  ['signed_out', '/joined', '/sign-in?to=%2Fjoined'],
  ['unknown', '/operations', undefined],
] as const)('%s at %s goes to %s', (state, path, to) => expect(at(state, path)).toBe(to));

it.each(['https://elsewhere.test', '//elsewhere.test', '/\\elsewhere.test', '/sign-in?to=/sign-in', 'operations'])(
  'never leads astray: %s',
  (to) => expect(at('signed_in', `/sign-in?to=${encodeURIComponent(to)}`)).toBe('/operations'),
);

it.each([
  ['/', '/drive'],
  ['/sign-in', '/drive'],
  ['/setup', '/drive'],
  ['/operations', '/drive'],
  ['/operations/board?sla=breached', '/drive'],
  ['/settings/profile', '/drive'],
  ['/wall', '/drive'],
  ['/driven', '/drive'],
  ['/sign-in?to=%2Foperations%2Fboard', '/drive'],
  ['/sign-in?to=%2Fdrive%3Fview%3Dmore', '/drive?view=more'],
  ['/sign-in?to=%2Fsign-in%2Fdone', '/sign-in/done'],
  ['/sign-in/done', undefined],
  ['/drive', undefined],
  ['/drive?view=more', undefined],
  ['/drive/profile', undefined],
] as const)('a driver at %s goes to %s', (path, to) => expect(at('signed_in', path, 'driver')).toBe(to));

it.each(['admin', 'operations_manager', 'team_member', 'manager', 'display'] as const)(
  'the page of drivers tells %s whose it is, and leads nobody away',
  (role) => {
    expect(at('signed_in', '/drive', role)).toBeUndefined();
    expect(at('signed_in', '/', role)).toBe('/operations');
  },
);
