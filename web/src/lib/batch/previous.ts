import type { BatchInView } from '@opsboard/shared/batches/schema';

/** A batch that came back, as it is compared with the present one. Times in milliseconds. */
export type Previous = {
  readonly batch: BatchInView;
  readonly completedAt: number;
  /** From creation to completion: what the contract counts. */
  readonly turnaround: number;
  /** Before the first promise, or after it when negative. */
  readonly margin: number;
};

/** Those of some batches that came back, the latest first, without the present one. */
export function previousOf(batches: Iterable<BatchInView>, present: string): readonly Previous[] {
  const found = new Map<string, Previous>();
  for (const batch of batches) {
    const completedAt = batch.steps.completed?.at;
    if (batch.id === present || completedAt === undefined || batch.status !== 'completed') continue;
    found.set(batch.id, {
      batch,
      completedAt,
      turnaround: completedAt - batch.createdAt,
      margin: batch.promisedAt - completedAt,
    });
  }
  return [...found.values()].toSorted((a, b) => b.completedAt - a.completedAt);
}

/** The turnaround in the middle: half of them were quicker. Undefined for fewer than three, which say nothing. */
export function usualTurnaround(previous: readonly Previous[]): number | undefined {
  if (previous.length < 3) return undefined;
  const sorted = previous.map(({ turnaround }) => turnaround).toSorted((a, b) => a - b);
  const half = Math.floor(sorted.length / 2);
  return sorted.length % 2 === 1 ? sorted[half] : ((sorted[half - 1] ?? 0) + (sorted[half] ?? 0)) / 2;
}
