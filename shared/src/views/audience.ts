import type { View } from '../protocol/view.ts';

/** Saved views belong to the desks of the whole organization. A query names records by id, never by content. */
export const savedViewView: View<'savedView'> = {
  sees: (audience) => audience.role !== 'driver' && audience.role !== 'display',
  hides: () => [],
};
