/** What a new batch can be filled with. */
export type Combination = { customer: string; center: string; branch: string; driver?: string | undefined };
/** One that came up several times. */
export type Frequent = Combination & { times: number };

type Made = Combination & { createdAt: number };

/** Once or twice is no habit. */
const leastTimes = 3;

/**
 * The combinations that come up most often among the batches on the boards, the most frequent first, the later one
 * before its equal. Drivers change from day to day: a combination has none.
 */
export function frequentOf(batches: Iterable<Made>, most: number): Frequent[] {
  const found = new Map<string, Frequent & { last: number }>();
  for (const { customer, center, branch, createdAt } of batches) {
    const key = keyOf({ customer, center, branch });
    const known = found.get(key);
    if (known) {
      known.times++;
      known.last = Math.max(known.last, createdAt);
    } else found.set(key, { customer, center, branch, times: 1, last: createdAt });
  }
  return [...found.values()]
    .filter(({ times }) => times >= leastTimes)
    .sort((a, b) => b.times - a.times || b.last - a.last)
    .slice(0, most)
    .map(({ last: _last, ...one }) => one);
}

/** Equal for the same customer, center and branch, whoever drives. */
export const keyOf = ({ customer, center, branch }: Combination): string => `${customer}/${center}/${branch}`;
