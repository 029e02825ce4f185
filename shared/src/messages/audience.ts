import type { View } from '../protocol/view.ts';

/** Messages are read where their batch is, by those at the desks; drivers and wall screens have no part in them. */
export const messageView: View<'message'> = {
  sees: (audience, message) =>
    audience.role !== 'driver' &&
    audience.role !== 'display' &&
    (audience.branches === undefined || audience.branches.includes(message.branch)),
  hides: () => [],
};
