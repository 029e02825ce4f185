import type { Collection, Entry } from '../catalog/collection.ts';
import { documentLock } from '../storage/engine.ts';
import { decode, encodeKeyString, keyTypeByte, typeRank } from '../values/index.ts';
import type { Shared } from './context.ts';

/** Documents removed in one turn, so that a large sweep does not hold up others. */
const PER_TURN = 500;

function expired(collection: Collection, now: number): Entry[] {
  const found = new Set<Entry>();
  for (const { options, entries } of collection.indexes) {
    if (options.expireAfterSeconds === undefined) continue;
    const limit = new Date(now - options.expireAfterSeconds * 1000);
    const descending = Number([...options.pattern.values()][0]) < 0;
    const direction = [descending ? -1 : 1];
    const byte = keyTypeByte(typeRank(limit));
    // Only dates expire a document; others sort elsewhere.
    const range = descending
      ? { from: encodeKeyString([limit], direction), to: String.fromCharCode(256 - byte) }
      : { from: String.fromCharCode(byte), to: `${encodeKeyString([limit])}\xff` };
    for (const entry of entries.range(range.from, range.to)) {
      found.add(entry);
      if (found.size >= PER_TURN) return [...found];
    }
  }
  return [...found];
}

/** Removes the documents whose time is over, by their indexes with an expiry. */
export function removeExpired(shared: Shared, now = Date.now()): void {
  const { engine, catalog } = shared;
  let again = false;
  try {
    for (const collection of catalog.expiring) {
      const entries = expired(collection, now);
      let removed = 0;
      for (const entry of entries) {
        // What a transaction has changed waits for the next sweep.
        if (engine.locks.has(documentLock(collection, entry.key))) continue;
        engine.remove(collection, entry, decode(entry.buffer));
        removed++;
      }
      if (entries.length >= PER_TURN && removed > 0) again = true;
    }
  } catch (error) {
    shared.onError(`removing expired documents failed: ${(error as Error).message}`);
  }
  if (again) setImmediate(() => removeExpired(shared, now));
}
