import type { View } from '../protocol/view.ts';
import type { ApiKey } from './schema.ts';

/** What others than admins do not see of a key: everything but its name, by which its changes are told. */
const kept = [
  'scopes',
  'branches',
  'hint',
  'createdAt',
  'createdBy',
  'expiresAt',
  'revokedAt',
] as const satisfies readonly (keyof ApiKey)[];

/**
 * Keys are the admin's. Whoever reads what happened sees the names of keys too, or they would not know who did it; the
 * road has no part in them.
 */
export const keyView: View<'apiKey'> = {
  sees: (audience, key) =>
    audience.role !== 'driver' &&
    (audience.branches === undefined ||
      key.branches === undefined ||
      key.branches.some((id) => audience.branches?.includes(id))),
  hides: (audience) => (audience.role === 'admin' ? [] : kept),
};
