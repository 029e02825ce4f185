import { describe, expect, it } from 'vitest';
import type { StateView } from '../protocol/decision.ts';
import { decideCreateRoute } from './decide.ts';

const batch = (status: 'sealed' | 'at_center') => ({
  id: 'batch',
  reference: 'B-1',
  branch: 'branch',
  customer: 'customer',
  center: 'center',
  status,
  handover: { at: 1, by: 'desk', to: 'first' },
});
const people = ['first', 'second'].map((id) => ({ id, role: 'driver', name: id }));

function outcome(status: 'sealed' | 'at_center') {
  const records: { [kind: string]: { readonly id: string }[] } = {
    batch: [batch(status)],
    person: people,
    branch: [{ id: 'branch' }],
    center: [{ id: 'center' }],
  };
  const state = {
    get: (kind: string, id: string) => records[kind]?.find((record) => record.id === id),
    all: () => [],
  } as unknown as StateView;
  const [branch, center] = [
    { kind: 'branch' as const, id: 'branch' },
    { kind: 'center' as const, id: 'center' },
  ];
  const [from, to] = status === 'sealed' ? [branch, center] : [center, branch];
  const decision = decideCreateRoute(
    state,
    {
      id: 'route',
      branch: 'branch',
      day: '2026-10-15',
      driver: 'second',
      stops: [
        { id: 'a', place: from, pickUp: ['batch'], handOver: [] },
        { id: 'b', place: to, pickUp: [], handOver: ['batch'] },
      ],
    },
    {
      now: 2,
      done: 2,
      principal: { type: 'person', org: 'org', id: 'desk', role: 'operations_manager' },
      nextReference: () => 'R-1',
    },
  );
  return decision.ok ? decision.changes.find(({ kind }) => kind === 'batch') : decision.error.code;
}

describe('a batch that a driver took over before it departed', () => {
  it('is that driver’s to pick up while it is sealed', () => expect(outcome('sealed')).toBe('illegal_step'));
  it('is anybody’s to fetch from its center, and keeps who took it there', () =>
    expect(outcome('at_center')).toMatchObject({ set: { route: 'route', driver: 'second' }, unset: [] }));
});
