import { allKinds, kinds } from '@opsboard/shared/protocol/kinds';
import type { FoldedState } from './folded-state.ts';
import type { Collections } from './stored.ts';
import { firstReferences, recordOf } from './stored.ts';

/**
 * Fills a state from the records, while other processes write on: counter, scan, counter, and the entries between. At
 * the end the state is exactly that at its seq; no read of a single moment is needed. The stream must be open, so that
 * what follows is heard.
 */
export async function loadState(state: FoldedState, collections: Collections): Promise<void> {
  const { org } = state;
  const before = await collections.counters.findOne({ _id: org });
  for (const kind of allKinds) {
    // What no client holds is not held here either, sessions aside.
    if (!kinds[kind].live && kind !== 'session') continue;
    const filter =
      kind === 'session'
        ? { org, endedAt: null }
        : kind === 'organization'
          ? { _id: org }
          : kinds[kind].stays
            ? { org }
            : { org, archivedAt: null };
    const cursor = collections.records(kind).find(filter as object, { batchSize: 2000, sort: { _id: 1 } });
    for await (const stored of cursor) state.put(kind, recordOf(kind, stored));
  }
  const after = await collections.counters.findOne({ _id: org });
  state.fence = before?.epoch;
  state.begin(before?.seq ?? 0, { ...firstReferences, ...before?.references });
  // A record may be newer than the state until all that happened during the scan is folded.
  while (state.seq < (after?.seq ?? 0)) await state.catchUp();
}
