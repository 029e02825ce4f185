import type { BatchInView } from '@opsboard/shared/batches/schema';
import { expect, it } from 'vitest';
import { ledgerOf } from './ledger.ts';

const by = 'p';
const batch = (steps: BatchInView['steps'], more: Partial<BatchInView> = {}): BatchInView => ({
  id: 'b',
  org: 'o',
  rev: 1,
  reference: 'B-1',
  branch: 'x',
  customer: 'c',
  center: 'l',
  status: 'draft',
  since: 0,
  steps,
  partCount: 1,
  dueAt: 99,
  promisedAt: 99,
  createdAt: 0,
  createdBy: by,
  ...more,
});

it('parts the whole time among those who held it, without a gap', () => {
  const ledger = ledgerOf(
    batch({
      draft: { at: 0, by },
      sealed: { at: 10, by },
      in_transit_to_center: { at: 15, by },
      at_center: { at: 20, by },
      in_transit_back: { at: 60, by },
      completed: { at: 70, by },
    }),
    500,
  );
  expect(ledger).toEqual([
    { who: 'us', from: 0, to: 15 },
    { who: 'driver', from: 15, to: 20 },
    { who: 'center', from: 20, to: 60 },
    { who: 'driver', from: 60, to: 70 },
  ]);
});

it('runs on to now while the batch is open', () => {
  expect(ledgerOf(batch({ draft: { at: 0, by }, sealed: { at: 10, by } }), 50)).toEqual([
    { who: 'us', from: 0, to: 50 },
  ]);
});

it('what was handed over is the driver’s before it departs, and a cancelled draft stops', () => {
  const steps = { draft: { at: 0, by }, sealed: { at: 10, by }, in_transit_to_center: { at: 30, by } };
  expect(ledgerOf(batch(steps, { handover: { at: 20, by, to: 'd' } }), 50)).toEqual([
    { who: 'us', from: 0, to: 20 },
    { who: 'driver', from: 20, to: 50 },
  ]);
  expect(ledgerOf(batch({ draft: { at: 0, by } }, { cancelledAt: 40, archivedAt: 40 }), 90)).toEqual([
    { who: 'us', from: 0, to: 40 },
  ]);
});
