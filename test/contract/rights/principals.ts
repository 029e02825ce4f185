import type { Role } from '@opsboard/shared/people/roles';

/** Which branches of the world somebody is limited to; absent: not limited. */
export type Limit = readonly ('north' | 'south')[];

/**
 * Somebody who asks, a column of the tables in `expected.ts`. People are made by the world with their role and limit. A
 * principal that is no person (a key) brings `enter`, and `line: false` where it has no socket.
 */
export type PrincipalRow = { name: string; role: Role; limit?: Limit };

/** Everybody the tables have a column for. */
export const principals: readonly PrincipalRow[] = [
  { name: 'admin', role: 'admin' },
  { name: 'ops', role: 'operations_manager' },
  { name: 'team', role: 'team_member' },
  { name: 'driver', role: 'driver' },
  { name: 'manager', role: 'manager' },
  { name: 'display', role: 'display' },
  { name: 'sAdmin', role: 'admin', limit: ['south'] },
  { name: 'sOps', role: 'operations_manager', limit: ['south'] },
  { name: 'sTeam', role: 'team_member', limit: ['south'] },
  { name: 'sDriver', role: 'driver', limit: ['south'] },
  { name: 'sManager', role: 'manager', limit: ['south'] },
  { name: 'sDisplay', role: 'display', limit: ['south'] },
  { name: 'nTeam', role: 'team_member', limit: [] },
];
