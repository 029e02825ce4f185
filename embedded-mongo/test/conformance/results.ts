import type { Document } from 'bson';
import type { BulkWriteResult, ClientBulkWriteResult, UpdateResult } from 'mongodb';

/** The driver's result in the format's shape: fields that are not there are absent, not null. */
export function bulkWriteResult(result: BulkWriteResult): Document {
  return {
    insertedCount: result.insertedCount,
    matchedCount: result.matchedCount,
    modifiedCount: result.modifiedCount,
    deletedCount: result.deletedCount,
    upsertedCount: result.upsertedCount,
    insertedIds: { ...result.insertedIds },
    upsertedIds: { ...result.upsertedIds },
  };
}

/** As {@link bulkWriteResult}; maps by index become documents by index, without what only this driver adds. */
export function clientBulkWriteResult(result: ClientBulkWriteResult): Document {
  const shaped: Document = { ...result };
  for (const key of ['insertResults', 'updateResults', 'deleteResults'] as const) {
    const map = result[key];
    if (map === undefined) delete shaped[key];
    else shaped[key] = Object.fromEntries([...map].map(([index, one]) => [String(index), withoutDidUpsert(one)]));
  }
  return shaped;
}

/** As {@link bulkWriteResult}; the driver says null where nothing was upserted. */
export function updateResult(result: UpdateResult | Document): Document {
  const shaped: Document = { ...result };
  if (shaped['upsertedId'] === null) delete shaped['upsertedId'];
  return shaped;
}

function withoutDidUpsert(result: Document): Document {
  const shaped = { ...result };
  delete shaped['didUpsert'];
  return shaped;
}
