import type { BatchInView } from '@opsboard/shared/batches/schema';
import { slaStatus } from '@opsboard/shared/batches/sla';
import type { LaneField } from './looks.ts';

/** The lane of batches without a driver. */
export const NOBODY_LANE = 'none';

/** The lane of a batch. `now` counts for SLA status only. */
export function laneOf(field: LaneField, now: number): (batch: BatchInView) => string {
  if (field === 'sla') return (batch) => slaStatus(batch, undefined, 1, now);
  if (field === 'driver') return (batch) => batch.driver ?? NOBODY_LANE;
  return (batch) => batch[field];
}
