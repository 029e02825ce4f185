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

/** Parts the time of a batch among those who held it, up to `now`, its completion, or its end as a draft. */
export function ledgerOf(batch: BatchInView, at: number): readonly Holding[] {
  const now = batch.cancelledAt ?? at;
  const taken = statuses.flatMap((status) => {
    const at = batch.steps[status]?.at;
    return at === undefined ? [] : [{ status, at }];
  });
  const holdings: Holding[] = [];
  taken.forEach(({ status, at }, i) => {
    if (status === 'completed') return;
    const to = taken[i + 1]?.at ?? Math.max(now, at);
    const { handover } = batch;
    // Handed over, it is the driver's before it departs.
    if (status === 'sealed' && handover && handover.at > at && handover.at < to) {
      hold(holdings, 'us', at, handover.at);
      hold(holdings, 'driver', handover.at, to);
    } else hold(holdings, holderOf[status], at, to);
  });
  return holdings;
}

function hold(holdings: Holding[], who: Holding['who'], from: number, to: number): void {
  const last = holdings.at(-1);
  if (last?.who === who) holdings[holdings.length - 1] = { ...last, to };
  else holdings.push({ who, from, to });
}
