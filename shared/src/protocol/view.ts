import type { Role } from '../people/roles.ts';
import type { Kind, Records } from './kinds.ts';

/**
 * The clients that see the same: by role and branches; a driver is an audience of one. `branches` absent means all.
 */
export type Audience = { org: string; role: Role; branches?: readonly string[]; person?: string };

/**
 * What an audience sees of records of a kind: `sees` decides whole records, `hides` the top-level fields that are left
 * out. Secret fields are left out for everybody, before this is asked.
 */
export type View<K extends Kind> = {
  sees(audience: Audience, record: Records[K]): boolean;
  hides(audience: Audience, record: Records[K]): readonly string[];
};
