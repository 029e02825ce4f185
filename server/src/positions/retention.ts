import type { Connection } from 'mongoose';
import type { TrailKeeper } from '../retention/due.ts';
import { trailsIn } from './model.ts';

/** Minutes deleted in one go. */
const chunk = 1_000;

/** What retention and erasure ask of trails. What has run out the database deletes by itself. */
export const createTrailKeeper = (connection: Connection): TrailKeeper => ({
  count: (org, before) => trailsIn(connection).countDocuments({ org, minute: { $lt: before } }),
  deleteBefore: (org, before, limit) => deleteSome(connection, { org, minute: { $lt: before } }, limit),
  countOf: (org, driver) => trailsIn(connection).countDocuments({ org, driver }),
  forgetPerson: async (org, driver) => {
    let count = 0;
    for (let gone; (gone = await deleteSome(connection, { org, driver }, chunk)) > 0;) count += gone;
    return count;
  },
});

async function deleteSome(connection: Connection, filter: object, limit: number): Promise<number> {
  const trails = trailsIn(connection);
  const ids = (await trails.find(filter, { projection: { _id: 1 }, limit }).toArray()).map(({ _id }) => _id);
  if (ids.length === 0) return 0;
  return (await trails.deleteMany({ _id: { $in: ids } })).deletedCount;
}
