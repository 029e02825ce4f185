import type { Audience, View } from '../protocol/view.ts';
import type { Batch } from './schema.ts';

/**
 * A driver sees the batches that are theirs; everybody else those of their branches. Boards do not hold part lists:
 * whoever opens a batch reads them.
 */
export const batchView: View<'batch'> = {
  sees: (audience: Audience, batch: Batch) =>
    audience.role === 'driver'
      ? batch.driver === audience.person
      : audience.branches === undefined || audience.branches.includes(batch.branch),
  hides: () => ['parts'],
};
