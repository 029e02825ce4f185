import type { Collection } from '../catalog/collection.ts';
import { compileFilter } from '../query/index.ts';
import { decode } from '../values/index.ts';
import type { Context } from './context.ts';
import { type Found, type Query, search } from './query.ts';

/** Documents that a write of many changes at once before others have their turn. */
export const PER_TURN = 1000;

/** How much of its work a write does at once. */
export interface Turn {
  /** How many documents at most. */
  readonly size: number;
  /** The documents that an earlier turn has left; undefined for the first one. */
  readonly keys: readonly string[] | undefined;
}

/** Everything at once. */
export const WITHOUT_END: Turn = { size: Infinity, keys: undefined };

/**
 * Finds the documents of a turn, and names those that are left for the next ones. A transaction has only one turn.
 * Between turns others write: what was left is looked at again, and passed over if it does not match any more.
 */
export function findForTurn(
  context: Context,
  collection: Collection,
  query: Query,
  { size, keys }: Turn,
): { found: Found[]; left: readonly string[] } {
  if (keys === undefined) {
    const found = [...search(context, collection, query)];
    if (context.transaction || found.length <= size) return { found, left: [] };
    return { found: found.slice(0, size), left: found.slice(size).map(({ key }) => key) };
  }
  const { matchInfo } = compileFilter(query.filter, { collation: query.collation, let: query.let });
  const found: Found[] = [];
  for (const key of keys.slice(0, size)) {
    const stored = collection.byId.get(key);
    const doc = stored && decode(stored.buffer);
    const info = doc && matchInfo(doc);
    if (stored && info) found.push({ key, buffer: stored.buffer, doc, info });
  }
  return { found, left: keys.slice(size) };
}

/**
 * Repeats some work until it leaves nothing, letting others do theirs in between.
 * @param work does a turn, given what the last one left; gives what it leaves
 */
export async function inTurns(
  work: (keys: readonly string[] | undefined) => Promise<readonly string[]>,
): Promise<void> {
  for (let left = await work(undefined); left.length > 0; left = await work(left)) {
    await new Promise((resolve) => setImmediate(resolve));
  }
}
