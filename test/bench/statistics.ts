/** Middle value; the mean of the two middle ones for an even number. NaN for none. */
export function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = sorted.length >> 1;
  const upper = sorted[middle] ?? Number.NaN;
  return sorted.length % 2 === 1 ? upper : (upper + (sorted[middle - 1] ?? Number.NaN)) / 2;
}

/** The value that a share (0 to 1) of all values does not exceed, by the nearest rank. NaN for none. */
export function percentile(values: readonly number[], share: number): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.max(0, Math.ceil(share * sorted.length) - 1)] ?? Number.NaN;
}

/** Two figures of some times: what half of them and what 99 of 100 do not exceed. */
export const p50And99 = (name: string, times: readonly number[]): { [figure: string]: number } => ({
  [`${name} p50`]: percentile(times, 0.5),
  [`${name} p99`]: percentile(times, 0.99),
});

/** Lowest, middle and highest. */
export interface Spread {
  low: number;
  median: number;
  high: number;
}

/** Summarizes the rounds of one figure. */
export function spreadOf(values: readonly number[]): Spread {
  return { low: Math.min(...values), median: median(values), high: Math.max(...values) };
}
