import type { Clock } from '../platform/clock.ts';
import { newId } from '../platform/ids.ts';
import type { Collections } from './stored.ts';

/** The database is being replaced by a restore, or one was interrupted in the middle of that. */
export class RestoringError extends Error {
  override name = 'RestoringError';
  constructor(since: Date) {
    super(
      `A restore of this database began at ${since.toISOString()} and has not ended, so what is in it is not whole. ` +
        'If none is running, run scripts/restore again.',
    );
  }
}

/**
 * The epoch of the database, made when there is none yet, and when a restore gave it this one, milliseconds since 1970.
 *
 * @throws {RestoringError} while the database is not whole
 */
export async function findEpoch(
  meta: Collections['meta'],
  clock: Clock,
): Promise<{ epoch: string; restoredAt?: number }> {
  await meta
    .updateOne({ _id: 'epoch' }, { $setOnInsert: { epoch: newId(clock.now()) } }, { upsert: true })
    .catch((error: unknown) => {
      // Two processes started at once, and the other one made it.
      if ((error as { code?: number }).code !== 11000) throw error;
    });
  const { epoch, restoring, restoredAt } = (await meta.findOne({ _id: 'epoch' }))!;
  if (restoring) throw new RestoringError(restoring.since);
  return { epoch, ...(restoredAt === undefined ? {} : { restoredAt: restoredAt.getTime() }) };
}

/** Whether the database is still the one that had this epoch, and whole. */
export async function isStill(epoch: string, meta: Collections['meta']): Promise<boolean> {
  const now = await meta.findOne({ _id: 'epoch' });
  return now?.epoch === epoch && now.restoring === undefined;
}
