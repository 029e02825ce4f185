import type { BatchInView } from '@opsboard/shared/batches/schema';
import type { Status } from '@opsboard/shared/batches/steps';
import { describe, expect, it } from 'vitest';
import { dropInLane, type LaneDropContext } from './lane-drop.ts';
import type { LaneField } from './looks.ts';

const batch = (status: Status, driver?: string): BatchInView => ({
  id: 'b',
  org: 'o',
  rev: 1,
  reference: 'B-2001',
  branch: 'x',
  customer: 'c',
  center: 'l',
  status,
  ...(driver ? { driver } : {}),
  since: 0,
  steps: {},
  partCount: 1,
  dueAt: 9,
  promisedAt: 9,
  createdAt: 0,
  createdBy: 'p',
});
const context = (field: LaneField, own: string): LaneDropContext => ({
  field,
  own,
  laneName: (lane) => lane.toUpperCase(),
  driver: 'ANNA',
  center: 'LINDQVIST',
});

describe('a drop in a lane', () => {
  it.each<[string, LaneField, Status, Status, string, string, string]>([
    ['its own lane: the step', 'center', 'sealed', 'in_transit_to_center', 'l', 'step', 'Drop: departs with ANNA'],
    ['its own place', 'center', 'sealed', 'sealed', 'l', 'here', 'B-2001 is from here'],
    ['another center', 'center', 'sealed', 'in_transit_to_center', 'm', 'refused', 'Belongs to L'],
    ['another SLA status', 'sla', 'sealed', 'sealed', 'breached', 'refused', 'Time decides the lane'],
    ['another driver, same status', 'driver', 'sealed', 'sealed', 'ben', 'assign', 'Drop: gives it to BEN'],
    ['nobody', 'driver', 'sealed', 'sealed', 'none', 'assign', 'Drop: takes it from ANNA'],
    [
      'nobody, on the road',
      'driver',
      'in_transit_back',
      'in_transit_back',
      'none',
      'refused',
      'On the road it needs a driver',
    ],
    ['another driver, departing', 'driver', 'sealed', 'in_transit_to_center', 'ben', 'step', 'Drop: departs with BEN'],
    ['another driver, fetching', 'driver', 'at_center', 'in_transit_back', 'ben', 'step', 'Drop: returns with BEN'],
    ['another driver, sealing', 'driver', 'draft', 'sealed', 'ben', 'refused', 'Stays with ANNA for this step'],
    ['another driver, two steps on', 'driver', 'draft', 'at_center', 'ben', 'refused', 'Comes after To center'],
    ['another driver, completed', 'driver', 'completed', 'completed', 'ben', 'refused', 'Completed: its driver stays'],
  ])('%s', (_, field, from, to, lane, kind, text) => {
    const own = field === 'driver' ? 'anna' : field === 'sla' ? 'on_track' : 'l';
    expect(dropInLane(batch(from, 'anna'), to, lane, context(field, own))).toMatchObject({ kind, text });
  });

  it('says who drives and who no longer does', () => {
    expect(dropInLane(batch('sealed', 'anna'), 'sealed', 'ben', context('driver', 'anna'))).toMatchObject({
      driver: 'ben',
    });
    expect(dropInLane(batch('draft', 'anna'), 'draft', 'none', context('driver', 'anna'))).toMatchObject({
      driver: null,
    });
  });
});
