import type { Connection } from 'mongoose';
import type { Part } from '@opsboard/shared/parts/schema';
import { collectionOf, recordOf } from '../journal/stored.ts';
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

/** A search that takes longer is given up, milliseconds. */
const patience = 5_000;

/**
 * What is on record of parts, archived ones too, by part ID; those that are not on record are not in it.
 */
export async function recordsOf(
  connection: Connection,
  org: string,
  parts: readonly string[],
): Promise<ReadonlyMap<string, Part>> {
  const found = await connection
    .collection<StoredRecord>(collectionOf.part)
    .find({ org, partId: { $in: [...parts] } } as object, { maxTimeMS: patience })
    .toArray();
  return new Map(found.map((stored) => recordOf('part', stored as StoredRecord)).map((part) => [part.partId, part]));
}

/**
 * A page of what is on record of parts, by part ID.
 *
 * @param asked.archived those that are out of use, instead of those in use
 * @param asked.after the part ID that the page begins behind
 */
export async function listParts(
  connection: Connection,
  org: string,
  asked: {
    q?: string | undefined;
    customer?: string | undefined;
    archived?: boolean;
    after?: string | undefined;
    limit: number;
  },
): Promise<{ parts: Part[]; total: number; more: boolean }> {
  const all: object[] = [{ org, archivedAt: { $exists: asked.archived === true } }];
  if (asked.customer !== undefined) all.push({ customer: asked.customer });
  const words = asked.q?.trim() ?? '';
  if (words !== '') {
    const pattern = words.replace(/[.*+?^${}()|[\]\\]/g, String.raw`\$&`);
    all.push({ $or: [{ partId: { $regex: pattern.toUpperCase() } }, { label: { $regex: pattern, $options: 'i' } }] });
  }
  const collection = connection.collection<StoredRecord>(collectionOf.part);
  const matching = { $and: all };
  const page = asked.after === undefined ? matching : { $and: [...all, { partId: { $gt: asked.after } }] };
  const [total, found] = await Promise.all([
    collection.countDocuments(matching as object, { maxTimeMS: patience }),
    collection
      .find(page as object, { maxTimeMS: patience })
      .sort({ org: 1, partId: 1 })
      .limit(asked.limit + 1)
      .toArray(),
  ]);
  const parts = found.map((stored) => recordOf('part', stored as StoredRecord));
  return { parts: parts.slice(0, asked.limit), total, more: parts.length > asked.limit };
}
