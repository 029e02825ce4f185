import type { Patch } from '../sessions/transaction.ts';
import type { Collection, Entry } from './collection.ts';
import type { Plan } from './planner.ts';

/** A stored document as a reader sees it. */
export interface Stored {
  readonly key: string;
  readonly buffer: Buffer;
}

/** What a scan has looked at, for `explain`. */
export interface ScanCounts {
  keys: number;
  documents: number;
}

function* entries(collection: Collection, plan: Plan): Generator<Entry> {
  if (plan.index === undefined) {
    if (!plan.backwards) yield* collection.byId.values();
    else yield* [...collection.byId.values()].reverse();
    return;
  }
  const ranges = plan.backwards ? plan.ranges.toReversed() : plan.ranges;
  for (const { from, to } of ranges) yield* plan.index.entries.range(from, to, plan.backwards);
}

/**
 * Gives the documents that a plan leads to. Where a transaction sees documents differently, the plan's order is
 * lost and its exactness too: those come last, and have to be checked.
 */
export function* scan(
  collection: Collection,
  plan: Plan,
  patch: Patch | undefined,
  counts?: ScanCounts,
): Generator<Stored> {
  const seen = plan.repeats ? new Set<number>() : undefined;
  for (const entry of entries(collection, plan)) {
    if (counts) counts.keys++;
    if (seen) {
      if (seen.has(entry.rid)) continue;
      seen.add(entry.rid);
    }
    if (patch?.has(entry.key)) continue;
    yield entry;
  }
  if (patch) for (const [key, buffer] of patch) if (buffer) yield { key, buffer };
}
