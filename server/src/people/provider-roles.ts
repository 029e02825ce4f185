import type { Role } from '@opsboard/shared/people/roles';
import { roles } from '@opsboard/shared/people/roles';
import { ConfigError } from '../platform/config.ts';

/** Which role a value of the claim stands for; the first that somebody has counts. */
export type RoleMap = readonly { value: string; role: Role }[];

/**
 * Reads OIDC_ROLES, `operations-leads=operations_manager,field=driver`.
 *
 * @throws {ConfigError} when a role is none that a person can have
 */
export function readRoles(text: string): RoleMap {
  return text.split(',').map((pair) => {
    const at = pair.lastIndexOf('=');
    const [value, role] = [pair.slice(0, at).trim(), pair.slice(at + 1).trim()];
    // A wall screen is not a person, and nobody signs it in.
    const known = roles.filter((name) => name !== 'display');
    if (value === '' || !(known as readonly string[]).includes(role))
      throw new ConfigError([`OIDC_ROLES names a role that there is not. The roles are ${known.join(', ')}.`]);
    return { value, role: role as Role };
  });
}

/**
 * What a token says under a claim's name: the name itself, or a way into it as `realm_access.roles`. Providers write one
 * value as text and several as a list.
 */
export function valuesOf(claims: { readonly [name: string]: unknown }, claim: string): readonly string[] {
  let found: unknown = claims;
  if (Object.hasOwn(claims, claim)) found = claims[claim];
  else {
    for (const part of claim.split('.'))
      found =
        found !== null && typeof found === 'object' && Object.hasOwn(found, part)
          ? (found as { [name: string]: unknown })[part]
          : undefined;
  }
  const list: readonly unknown[] = Array.isArray(found) ? found : [found];
  return list.filter((value) => typeof value === 'string');
}

/** The role that somebody has by what the provider says; undefined when none of it stands for one. */
export function roleBy(map: RoleMap, values: readonly string[]): Role | undefined {
  return map.find(({ value }) => values.includes(value))?.role;
}
