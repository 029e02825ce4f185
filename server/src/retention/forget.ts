import type { Connection } from 'mongoose';
import type { Kind } from '@opsboard/shared/protocol/kinds';
import type { StoredEntry, StoredRecord } from '../journal/stored.ts';
import { collectionOf } from '../journal/stored.ts';

/**
 * Deletes records that the journal says are over, and empties their entries: that something happened then, and by whom,
 * stays, so that numbers follow each other without a gap; what it was does not. The record goes last: while it is there,
 * whoever comes next begins again. Only for records that no command changes any more.
 */
export async function forget(connection: Connection, org: string, kind: Kind, ids: readonly string[]): Promise<number> {
  if (ids.length === 0) return 0;
  await connection
    .collection<StoredEntry>('journal')
    .updateMany(
      { id: { $in: [...ids] }, org, kind },
      { $set: { set: {}, unset: [], was: {} }, $unset: { touched: true, why: true } },
    );
  const gone = await connection
    .collection<StoredRecord>(collectionOf[kind])
    .deleteMany({ _id: { $in: [...ids] }, org });
  return gone.deletedCount;
}
