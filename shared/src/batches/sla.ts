import type { Batch } from './schema.ts';

type Clocked = Pick<Batch, 'status' | 'dueAt' | 'steps'>;

/** `breached` and `at_risk` need action; a completed batch is always `on_track`. */
export type SlaStatus = 'on_track' | 'at_risk' | 'breached';

/**
 * SLA status is a function of batch and time, never stored. `risk` is the probability of breaching, 0 to 1, where one is
 * known, and `threshold` the organization's limit for `at_risk`. Breached begins one millisecond after the promise.
 */
export function slaStatus(batch: Clocked, risk: number | undefined, threshold: number, now: number): SlaStatus {
  if (batch.status === 'completed') return 'on_track';
  if (now > batch.dueAt) return 'breached';
  return risk !== undefined && risk > threshold ? 'at_risk' : 'on_track';
}

/** `at_risk` begins above this probability unless the organization set another. */
export const defaultRiskThreshold = 0.5;

/** Due within this time counts as "due back soon", milliseconds (3 days). */
export const dueSoonWindow = 3 * 86_400_000;

/** Not completed, not breached, and due within {@link dueSoonWindow}. */
export function isDueSoon(batch: Clocked, now: number): boolean {
  return batch.status !== 'completed' && batch.dueAt >= now && batch.dueAt - now <= dueSoonWindow;
}

/** How much of the promised time has gone, 0 to 1. */
export function elapsedShare(batch: Pick<Batch, 'createdAt' | 'dueAt'>, now: number): number {
  const span = batch.dueAt - batch.createdAt;
  return span <= 0 ? 1 : Math.min(1, Math.max(0, (now - batch.createdAt) / span));
}
