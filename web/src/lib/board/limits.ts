/** "limit 20, 2 over": in words, because neither red nor amber may say it. */
export function limitWords(limit: number, total: number): string {
  return total > limit ? `limit ${limit}, ${total - limit} over` : `limit ${limit}`;
}

/** The same where the head of a column is narrow or the figures are long: "2 over 20", "up to 20", "183 over". */
export function shortLimitWords(limit: number, total: number): string {
  if (total <= limit) return `up to ${limit}`;
  return limit < 1_000 ? `${total - limit} over ${limit}` : `${total - limit} over`;
}

/** What one more would make of a limit; empty where there is none or it fits. */
export function oneMoreWords(limit: number | undefined, total: number): string {
  return limit === undefined || total < limit ? '' : `, ${total + 1 - limit} over the limit`;
}
