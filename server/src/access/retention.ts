import type { Connection } from 'mongoose';
import type { AccessKeeper } from '../retention/due.ts';
import { accessLines } from './model.ts';

/** How many lines of an organization are older than a moment (milliseconds since the epoch). */
export const countAccess = (connection: Connection, org: string, before: number): Promise<number> =>
  accessLines(connection).countDocuments({ org, at: { $lt: before } });

/**
 * Deletes the oldest lines before a moment, at most so many.
 *
 * @returns how many are gone; 0 when nothing is left to delete
 */
export async function deleteAccess(
  connection: Connection,
  org: string,
  before: number,
  limit: number,
): Promise<number> {
  const lines = accessLines(connection);
  const over = await lines
    .find({ org, at: { $lt: before } }, { projection: { _id: 1 }, sort: { at: 1 }, limit })
    .toArray();
  if (over.length === 0) return 0;
  return (await lines.deleteMany({ org, _id: { $in: over.map(({ _id }) => _id) } })).deletedCount;
}

/** Takes the address and the words of searches off what a person did, for an erasure. @returns how many lines had any */
export async function forgetAccessOf(connection: Connection, org: string, person: string): Promise<number> {
  const filter = { org, 'actor.id': person, $or: [{ address: { $exists: true } }, { what: 'found' as const }] };
  return (await accessLines(connection).updateMany(filter, { $unset: { address: true, detail: true } })).modifiedCount;
}

/** What retention asks of the log. */
export const createAccessKeeper = (connection: Connection): AccessKeeper => ({
  count: (org, before) => countAccess(connection, org, before),
  deleteBefore: (org, before, limit) => deleteAccess(connection, org, before, limit),
  forgetPerson: (org, person) => forgetAccessOf(connection, org, person),
});
