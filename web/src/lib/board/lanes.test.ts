import type { BatchInView } from '@opsboard/shared/batches/schema';
import type { Status } from '@opsboard/shared/batches/steps';
import { describe, expect, it } from 'vitest';
import { byDue } from '#lib/batches/figures.ts';
import { Grouping } from './groups.ts';
import { laneOf } from './lane-of.ts';
import { figuresOfLane, keptOrder, laneHeight, laneRows, ranked } from './lanes.ts';

let made = 0;
const batch = (center: string, dueAt: number, status: Status = 'sealed', driver?: string): BatchInView => ({
  id: `b${++made}`,
  org: 'o',
  rev: 1,
  reference: `B-${made}`,
  branch: 'x',
  customer: 'c',
  center,
  status,
  ...(driver ? { driver } : {}),
  since: 0,
  steps: {},
  partCount: 1,
  dueAt,
  promisedAt: dueAt,
  createdAt: 0,
  createdBy: 'p',
});
const lanesOf = (batches: BatchInView[]) =>
  new Grouping().rebuild(batches.toSorted(byDue), { matches: () => true, laneOf: ({ center }) => center }).lanes;
const moment = { now: 100, dayEnd: 200 };

describe('lanes', () => {
  it('stand worst first: breached, then due today, then open, then by name', () => {
    const lanes = lanesOf([
      ...[300, 300, 300, 300].map((due) => batch('calm', due)),
      batch('burning', 50),
      batch('pressing', 150),
      batch('pressing', 160),
      batch('alike', 300),
      batch('Also', 300),
      batch('over', 50, 'completed'),
    ]);
    const names = { alike: 'Beta', Also: 'Alpha' } as { [lane: string]: string };
    expect(ranked(lanes, moment, (lane) => names[lane] ?? lane)).toEqual([
      'burning',
      'pressing',
      'calm',
      'Also',
      'alike',
      'over',
    ]);
  });

  it('count what is open, breached and due today; completed batches count for nothing', () => {
    const lanes = lanesOf([batch('l', 50), batch('l', 150), batch('l', 999), batch('l', 50, 'completed')]);
    expect(figuresOfLane(lanes.get('l')!, 100, 200)).toEqual({ open: 3, breached: 1, today: 1 });
  });

  it('keep their places while somebody looks; new ones come last', () => {
    const before = ['b', 'a'];
    expect(keptOrder(before, ['a', 'c', 'b'])).toEqual(['b', 'a', 'c']);
    expect(keptOrder(before, ['a'])).toBe(before);
  });

  it('are as high as their fullest cell, up to a limit', () => {
    const lists = lanesOf([1, 2, 3, 4, 5].map((due) => batch('l', due))).get('l')!;
    expect(laneRows(lists, 'comfortable', false)).toBe(3);
    expect(laneRows(lists, 'comfortable', true)).toBe(5);
    expect(laneHeight(3, 'comfortable')).toBeGreaterThan(laneHeight(1, 'comfortable'));
  });

  it.each([
    ['center', 'near'],
    ['driver', 'none'],
    ['sla', 'breached'],
  ] as const)('by %s', (field, lane) => expect(laneOf(field, 100)(batch('near', 50))).toBe(lane));
});
