import type { BatchInView } from '@opsboard/shared/batches/schema';
import { statuses } from '@opsboard/shared/batches/steps';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { byDue } from '#lib/batches/figures.ts';
import type { Touched } from '#lib/batches/live-order.ts';
import { emptyLists, Grouping, type Groups, type Placement } from './groups.ts';

const batch = (id: string, more: Partial<BatchInView> = {}): BatchInView => ({
  id,
  org: 'o',
  rev: 1,
  reference: id,
  branch: 'x',
  customer: 'c',
  center: 'l',
  status: 'sealed',
  since: 0,
  steps: {},
  partCount: 1,
  dueAt: 0,
  promisedAt: 0,
  createdAt: 0,
  createdBy: 'p',
  ...more,
});

const byCenter: Placement = { matches: ({ customer }) => customer !== 'hidden', laneOf: ({ center }) => center };
const plain = ({ all, lanes, count }: Groups): unknown => ({
  all,
  // A lane that has become empty is no difference.
  lanes: Object.fromEntries([...lanes].filter(([, lists]) => statuses.some((status) => lists[status].length > 0))),
  count,
});

describe('the groups of a board', () => {
  it('are what grouping everything anew would give, whatever happens', () => {
    const happening = fc.record({
      id: fc.integer({ min: 0, max: 30 }),
      gone: fc.boolean(),
      dueAt: fc.integer({ min: 0, max: 5 }),
      since: fc.integer({ min: 0, max: 5 }),
      status: fc.constantFrom(...statuses),
      center: fc.constantFrom('near', 'far', 'wide'),
      customer: fc.constantFrom('shown', 'hidden'),
    });
    fc.assert(
      fc.property(fc.array(fc.array(happening, { maxLength: 8 })), (turns) => {
        const now = new Map<string, BatchInView>();
        const grouping = new Grouping();
        grouping.rebuild([], byCenter);
        for (const turn of turns) {
          const touched: Touched[] = turn.map(({ id, gone, ...fields }) => {
            const before = now.get(`b${id}`);
            const after = gone ? undefined : batch(`b${id}`, fields);
            if (after) now.set(after.id, after);
            else now.delete(`b${id}`);
            return { before, after };
          });
          const found = grouping.apply(touched);
          expect(plain(found)).toEqual(plain(new Grouping().rebuild([...now.values()].sort(byDue), byCenter)));
        }
      }),
    );
  });

  it('leave the lists that a change does not touch as they are, and all of them where none is touched', () => {
    const grouping = new Grouping();
    const [near, far] = [batch('a', { center: 'near' }), batch('b', { center: 'far', status: 'draft' })];
    const first = grouping.rebuild([near, far], byCenter);
    expect(grouping.apply([{ before: undefined, after: batch('c', { customer: 'hidden' }) }])).toBe(first);
    const second = grouping.apply([{ before: near, after: batch('a', { center: 'near', dueAt: 9 }) }]);
    expect(second.all.draft).toBe(first.all.draft);
    expect(second.all.sealed).not.toBe(first.all.sealed);
    expect(second.lanes.get('far')).toBe(first.lanes.get('far'));
    expect(first.all.sealed[0]!.dueAt).toBe(0);
  });

  it('share one empty lane that nothing is ever put into', () => {
    const grouping = new Grouping();
    grouping.rebuild([], byCenter);
    grouping.apply([{ before: undefined, after: batch('a') }]);
    expect(statuses.every((status) => emptyLists[status].length === 0)).toBe(true);
  });
});
