import type { Scope } from '@opsboard/shared/keys/scopes';
import type { Role } from '@opsboard/shared/people/roles';

/** Which branches of the world somebody is limited to; absent: not limited. */
export type Limit = readonly ('north' | 'south')[];

/** A person who asks, a column of the tables in `expected.ts`: made by the world, with a session and a socket. */
export type PersonRow = { name: string; role: Role; limit?: Limit };

/** A key that asks, a column of the tables too: the world's admin makes it. It has no socket. */
export type KeyRow = { name: string; scope: Scope; limit?: Limit };

/** The people that the tables have a column for. */
export const people: readonly PersonRow[] = [
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

/** The keys that the tables have a column for: one for each scope, and those that write, limited to a branch. */
export const keys: readonly KeyRow[] = [
  { name: 'readB', scope: 'batches:read' },
  { name: 'writeB', scope: 'batches:write' },
  { name: 'readR', scope: 'routes:read' },
  { name: 'writeR', scope: 'routes:write' },
  { name: 'readD', scope: 'directory:read' },
  { name: 'writeD', scope: 'directory:write' },
  { name: 'readP', scope: 'people:read' },
  { name: 'sWriteB', scope: 'batches:write', limit: ['south'] },
  { name: 'sWriteR', scope: 'routes:write', limit: ['south'] },
  { name: 'sWriteD', scope: 'directory:write', limit: ['south'] },
];

/** Everybody the tables have a column for. */
export const principals: readonly (PersonRow | KeyRow)[] = [...people, ...keys];
