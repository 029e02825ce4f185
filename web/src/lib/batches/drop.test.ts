import type { BatchInView } from '@opsboard/shared/batches/schema';
import {
  decideArrive,
  decideComplete,
  decideDepart,
  decideDepartBack,
  decideSeal,
} from '@opsboard/shared/batches/decide';
import { statuses, steps, type Status, type StepTarget } from '@opsboard/shared/batches/steps';
import { expect, it } from 'vitest';
import { dropOn } from './drop.ts';

const names = { driver: 'Priya Nair', center: 'Lindqvist Repair' };
const batch = (status: Status, driver?: string): BatchInView => ({
  id: 'b',
  org: 'o',
  rev: 1,
  reference: 'B-2077',
  branch: 'x',
  customer: 'c',
  center: 'l',
  status,
  ...(driver ? { driver } : {}),
  since: 1,
  steps: {},
  partCount: 2,
  dueAt: 2,
  promisedAt: 2,
  createdAt: 1,
  createdBy: 'p',
});

const deciders = {
  sealed: decideSeal,
  in_transit_to_center: decideDepart,
  at_center: decideArrive,
  in_transit_back: decideDepartBack,
  completed: decideComplete,
};

it('calls exactly those drops a step that the rules accept', () => {
  for (const from of statuses) {
    for (const to of Object.keys(steps) as StepTarget[]) {
      if (from === to) continue;
      const decision = deciders[to](
        {
          get: ((kind: string) =>
            kind === 'batch' ? { ...batch(from, 'd'), parts: {} } : { id: 'd', role: 'driver' }) as never,
          all: () => [],
          openBatchOf: () => undefined,
          pointingAt: () => [],
          entriesOf: () => [],
        },
        { id: 'b', count: 2 },
        {
          now: 9,
          done: 9,
          principal: { type: 'person', org: 'o', id: 'p', role: 'admin' },
          nextReference: () => 'B-1',
        },
      );
      expect([from, to, dropOn(batch(from, 'd'), to, names).kind]).toEqual([
        from,
        to,
        decision.ok ? 'step' : 'refused',
      ]);
    }
  }
});

it('asks for a driver only where there is none', () => {
  expect(dropOn(batch('sealed'), 'in_transit_to_center', names)).toMatchObject({ asks: 'driver' });
  expect(dropOn(batch('sealed', 'd'), 'in_transit_to_center', names)).toEqual({
    kind: 'step',
    text: 'Drop: departs with Priya Nair',
  });
});

it('gives no two columns the same reason', () => {
  const reasons = statuses.map((to) => dropOn(batch('draft'), to, names)).filter(({ kind }) => kind === 'refused');
  expect(new Set(reasons.map(({ text }) => text)).size).toBe(reasons.length);
  expect(reasons).toHaveLength(4);
});
