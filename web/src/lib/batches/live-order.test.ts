import type { BatchInView } from '@opsboard/shared/batches/schema';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { byDue } from './figures.ts';
import { ChangeLog, reordered, type Touched } from './live-order.ts';

const batch = (id: string, dueAt: number, rev = 1): BatchInView => ({
  id,
  org: 'o',
  rev,
  reference: id,
  branch: 'x',
  customer: 'c',
  center: 'l',
  status: 'sealed',
  since: 0,
  steps: {},
  partCount: 1,
  dueAt,
  promisedAt: dueAt,
  createdAt: 0,
  createdBy: 'p',
});

describe('a list kept in order', () => {
  it('is what sorting everything anew would give, whatever happens', () => {
    const happening = fc.record({ id: fc.integer({ min: 0, max: 40 }), dueAt: fc.integer({ min: 0, max: 9 }) });
    const turns = fc.array(fc.array(fc.record({ gone: fc.boolean(), it: happening }), { maxLength: 30 }));
    fc.assert(
      fc.property(turns, (all) => {
        const now = new Map<string, BatchInView>();
        let list: readonly BatchInView[] = [];
        let rev = 0;
        for (const turn of all) {
          const touched: Touched[] = turn.map(({ gone, it: { id, dueAt } }) => {
            const before = now.get(`b${id}`);
            const after = gone ? undefined : batch(`b${id}`, dueAt, ++rev);
            if (after) now.set(after.id, after);
            else now.delete(`b${id}`);
            return { before, after };
          });
          list = reordered(list, touched, byDue);
          expect(list).toEqual([...now.values()].sort(byDue));
        }
      }),
    );
  });

  it('is the same list where nothing was touched', () => {
    const list = [batch('a', 1)];
    expect(reordered(list, [], byDue)).toBe(list);
  });
});

describe('a log of changes', () => {
  it('tells each reader what came after their last reading', () => {
    const log = new ChangeLog<number>();
    log.add(1);
    const at = log.end;
    log.add(2);
    log.add(3);
    expect([log.since(0), log.since(at), log.since(log.end)]).toEqual([[1, 2, 3], [2, 3], []]);
  });

  it('says to begin afresh to whoever is too far behind, and holds only so much', () => {
    const log = new ChangeLog<number>();
    for (let i = 0; i < 20_000; i++) log.add(i);
    expect(log.since(0)).toBeUndefined();
    expect(log.since(log.end - 3)).toEqual([19_997, 19_998, 19_999]);
  });
});
