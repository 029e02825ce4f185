import { describe, expect, it } from 'vitest';
import { ConfigError } from '../platform/config.ts';
import { readRoles, roleBy, valuesOf } from './provider-roles.ts';

describe('the map of roles', () => {
  const map = readRoles('admins=admin, leads = operations_manager,a=b=team_member');

  it.each([
    [['leads', 'admins'], 'admin'],
    [['others', 'leads'], 'operations_manager'],
    [['a=b'], 'team_member'],
    [['others'], undefined],
    [['Admins'], undefined],
    [[], undefined],
  ])('%j is %s', (values, role) => expect(roleBy(map, values)).toBe(role));

  it.each(['admins', 'admins=', '=admin', 'admins=root', 'wall=display', 'admins=admin,', 'a=constructor'])(
    'refuses %j',
    (text) => expect(() => readRoles(text)).toThrow(ConfigError),
  );
});

describe('a claim', () => {
  const claims = {
    role: 'admins',
    groups: ['leads', 7, 'field'],
    realm_access: { roles: ['desk'] },
    'https://board/roles': ['far'],
    'a.b': 'whole',
    a: { b: 'part' },
    none: null,
  };
  it.each([
    ['role', ['admins']],
    ['groups', ['leads', 'field']],
    ['realm_access.roles', ['desk']],
    ['https://board/roles', ['far']],
    ['a.b', ['whole']],
    ['missing', []],
    ['missing.roles', []],
    ['role.length', []],
    ['none.roles', []],
    ['realm_access', []],
    ['constructor.name', []],
  ])('%s is %j', (claim, values) => expect(valuesOf(claims, claim)).toEqual(values));
});
