import type { View } from '../protocol/view.ts';

/**
 * A driver sees the routes that are theirs, until they are cancelled or archived; everybody else those of their branches.
 * A wall screen tells nobody's address, and not who received what.
 */
export const routeView: View<'route'> = {
  sees: (audience, route) =>
    audience.role === 'driver'
      ? route.driver === audience.person && route.status !== 'cancelled'
      : audience.branches === undefined || audience.branches.includes(route.branch),
  hides: (audience) => (audience.role === 'display' ? ['places', 'receivers'] : []),
};
