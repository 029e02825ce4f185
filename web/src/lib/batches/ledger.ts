import type { BatchInView } from '@opsboard/shared/batches/schema';
import { statuses } from '@opsboard/shared/batches/steps';

/** Who had a batch, for how long, in the order of its way. Times in milliseconds. */
export type Holding = { readonly who: 'us' | 'driver' | 'center'; readonly from: number; readonly to: number };

const holderOf = {
  draft: 'us',
  sealed: 'us',
  in_transit_to_center: 'driver',
  at_center: 'center',
  in_transit_back: 'driver',
} as const;

/** Parts the time of a batch among those who held it, up to `now` or its completion. */
export function ledgerOf(batch: BatchInView, now: number): readonly Holding[] {
  const taken = statuses.flatMap((status) => {
    const at = batch.steps[status]?.at;
    return at === undefined ? [] : [{ status, at }];
  });
  const holdings: Holding[] = [];
  taken.forEach(({ status, at }, i) => {
    if (status === 'completed') return;
    const to = taken[i + 1]?.at ?? Math.max(now, at);
    const who = holderOf[status];
    const last = holdings.at(-1);
    if (last?.who === who) holdings[holdings.length - 1] = { ...last, to };
    else holdings.push({ who, from: at, to });
  });
  return holdings;
}
