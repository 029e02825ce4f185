/** The roles, from widest to narrowest. A person has exactly one; `display` is a wall screen. */
export const roles = ['admin', 'operations_manager', 'team_member', 'driver', 'manager', 'display'] as const;
export type Role = (typeof roles)[number];

/** The word shown for a role. */
export const roleWords: { readonly [R in Role]: string } = {
  admin: 'Admin',
  operations_manager: 'Operations manager',
  team_member: 'Team member',
  driver: 'Driver',
  manager: 'Manager',
  display: 'Wall screen',
};
