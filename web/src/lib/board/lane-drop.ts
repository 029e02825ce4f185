import type { BatchInView } from '@opsboard/shared/batches/schema';
import { nextStatus, steps, type Status } from '@opsboard/shared/batches/steps';
import { dropOn, type Drop } from '#lib/batches/drop.ts';
import { NOBODY_LANE } from './lane-of.ts';
import type { LaneField } from './looks.ts';

/** What a drop in a cell would do: a step, as on a board without lanes, or another driver. */
export type LaneDrop =
  | Drop
  /** The step, with the driver of the lane. */
  | { kind: 'step'; text: string; driver: string }
  /** Another driver takes it, or nobody; the status stays. */
  | { kind: 'assign'; text: string; driver: string | null };

/** What a drop has to know besides the batch. */
export type LaneDropContext = {
  field: LaneField;
  /** The lane that the batch is in. */
  own: string;
  /** What a lane is called. */
  laneName(lane: string): string;
  driver: string | undefined;
  center: string;
};

/** How a step with the lane's driver is said. */
const leaves: { readonly [S in Status]?: string } = { in_transit_to_center: 'departs', in_transit_back: 'returns' };

/**
 * What dropping a batch in a cell would do. A drop changes the status, and where the lanes are drivers it may change the
 * driver; everything else that lanes stand for (customer, center, branch, time) does not change by a drop.
 */
export function dropInLane(batch: BatchInView, to: Status, lane: string, context: LaneDropContext): LaneDrop {
  const { field, own, laneName } = context;
  if (lane === own) return dropOn(batch, to, context);
  if (field !== 'driver') {
    return { kind: 'refused', text: field === 'sla' ? 'Time decides the lane' : `Belongs to ${laneName(own)}` };
  }
  if (to === batch.status) {
    if (to === 'completed') return { kind: 'refused', text: 'Completed: its driver stays' };
    if (lane !== NOBODY_LANE) return { kind: 'assign', text: `Drop: gives it to ${laneName(lane)}`, driver: lane };
    return to === 'in_transit_to_center' || to === 'in_transit_back'
      ? { kind: 'refused', text: 'On the road it needs a driver' }
      : { kind: 'assign', text: `Drop: takes it from ${laneName(own)}`, driver: null };
  }
  const next = nextStatus(batch.status);
  const needs: readonly string[] = next ? steps[next].needs : [];
  if (to === next && lane !== NOBODY_LANE && needs.includes('driver')) {
    return { kind: 'step', text: `Drop: ${leaves[to] ?? 'goes'} with ${laneName(lane)}`, driver: lane };
  }
  return to === next
    ? { kind: 'refused', text: `Stays with ${laneName(own)} for this step` }
    : dropOn(batch, to, context);
}
