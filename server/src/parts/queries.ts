import type { Connection } from 'mongoose';
import { collectionOf } from '../journal/stored.ts';
import type { StoredRecord } from '../journal/stored.ts';

/** What stands behind part IDs, by part ID, as far as it is on record. */
export async function labelsOf(
  connection: Connection,
  org: string,
  parts: readonly string[],
): Promise<{ [part: string]: string }> {
  if (parts.length === 0) return {};
  const found = await connection
    .collection<StoredRecord>(collectionOf.part)
    .find({ org, partId: { $in: [...parts] } }, { projection: { partId: 1, label: 1 } })
    .toArray();
  return Object.fromEntries(found.map(({ partId, label }) => [String(partId), String(label)]));
}
