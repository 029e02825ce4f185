import type { BatchInView } from '@opsboard/shared/batches/schema';
import { statuses, type Status } from '@opsboard/shared/batches/steps';
import { describe, expect, it } from 'vitest';
import { actRights, actsOf, statusBefore } from './acts.ts';

const by = 'p';
const batch = (status: Status, more: Partial<BatchInView> = {}): BatchInView => ({
  id: 'b',
  org: 'o',
  rev: 1,
  reference: 'B-1',
  branch: 'x',
  customer: 'c',
  center: 'l',
  status,
  since: 0,
  steps: { draft: { at: 0, by } },
  partCount: 3,
  dueAt: 99,
  promisedAt: 99,
  createdAt: 0,
  createdBy: by,
  ...more,
});
const names = (given: BatchInView): string[] => actsOf(given, () => true).map(({ name }) => name);

describe('what may be done with a batch', () => {
  it.each<[Status, string[]]>([
    ['draft', ['driver', 'dueDate', 'correctPart', 'cancel']],
    ['sealed', ['handOver', 'driver', 'dueDate', 'correctPart', 'settle', 'split', 'takeBack']],
    ['in_transit_to_center', ['driver', 'dueDate', 'correctPart', 'settle', 'split', 'takeBack']],
    ['at_center', ['driver', 'dueDate', 'correctPart', 'settle', 'split', 'takeBack']],
    ['in_transit_back', ['driver', 'dueDate', 'correctPart', 'settle', 'split', 'takeBack']],
    ['completed', ['reopen']],
  ])('%s', (status, expected) => expect(names(batch(status))).toEqual(expected));

  it('a batch that left the boards can only be reopened', () => {
    expect(names(batch('draft', { cancelledAt: 5, archivedAt: 5 }))).toEqual(['reopen']);
    expect(names(batch('completed', { archivedAt: 5 }))).toEqual(['reopen']);
  });

  it('offers to put back only where something is lost, and says what else lacks', () => {
    expect(names(batch('at_center', { outCount: 1 }))).toContain('found');
    const acts = actsOf(batch('at_center', { outCount: 2 }), () => true);
    expect(acts.find(({ name }) => name === 'split')).toMatchObject({ why: 'One part must stay in each batch' });
    expect(acts.find(({ name }) => name === 'settle')).not.toHaveProperty('why');
  });

  it('leaves out what the person has no right to', () => {
    const acts = actsOf(batch('at_center'), (right) => right !== actRights.takeBack);
    expect(acts.map(({ name }) => name)).not.toContain('takeBack');
    expect(actsOf(batch('at_center'), () => false)).toEqual([]);
  });

  it('a step is taken back to the one before it, except the first and the last', () => {
    expect(statuses.map(statusBefore)).toEqual([
      undefined,
      'draft',
      'sealed',
      'in_transit_to_center',
      'at_center',
      undefined,
    ]);
  });
});
