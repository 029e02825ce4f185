import type { Audience, View } from '../protocol/view.ts';
import type { Batch } from './schema.ts';

/** Fields that somebody who opens a batch, and reads it whole, does not get. */
export const hiddenWhenOpened = (audience: Pick<Audience, 'role'>): readonly ('response' | 'notes')[] =>
  audience.role === 'driver' ? ['response', 'notes'] : [];

/**
 * A driver sees the batches that are theirs, with their parts, which are scanned where there is no network; everybody
 * else those of their branches. Boards hold neither part lists nor notes: whoever opens a batch reads them. What was
 * said to a customer and a center about a breach is the room's, not the road's.
 */
export const batchView: View<'batch'> = {
  sees: (audience: Audience, batch: Batch) =>
    audience.role === 'driver'
      ? batch.driver === audience.person
      : audience.branches === undefined || audience.branches.includes(batch.branch),
  hides: (audience) => (audience.role === 'driver' ? ['notes', 'response'] : ['parts', 'notes']),
};
