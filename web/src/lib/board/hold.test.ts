import type { BatchInView } from '@opsboard/shared/batches/schema';
import { describe, expect, it } from 'vitest';
import { byDue } from '#lib/batches/figures.ts';
import { hold, shownOf, waitingWords } from './hold.ts';

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
const nobody = new Set<string>();
const ids = (list: readonly BatchInView[]): string => list.map(({ id }) => id).join('');

describe('a column under a hand', () => {
  const list = [batch('a', 10), batch('b', 20), batch('c', 30)];
  const held = hold(list);

  it('keeps its places while others come, leave and move', () => {
    const now = [batch('n', 5), batch('c', 12, 2), batch('a', 15, 2)].sort(byDue);
    const shown = shownOf(held, now, nobody, byDue);
    expect(ids(shown.list)).toBe('abc');
    expect(shown).toMatchObject({ fresh: 1, moved: 2 });
    expect([...shown.gone]).toEqual(['b']);
    expect(waitingWords(shown)).toBe('1 new, 2 moved');
  });

  it('lets what changes in place change: nothing waits', () => {
    const shown = shownOf(held, [batch('a', 10, 2), batch('b', 20, 7), batch('c', 30)], nobody, byDue);
    expect(shown).toMatchObject({ fresh: 0, moved: 0 });
    expect(shown.list).toBe(list);
    expect(waitingWords(shown)).toBe('');
  });

  it('shows at once what the person did: a card put in, taken out, given another date', () => {
    const own = new Set(['n', 'b', 'a']);
    const now = [batch('n', 25), batch('c', 30), batch('a', 40, 2)].sort(byDue);
    const shown = shownOf(held, now, own, byDue);
    expect(ids(shown.list)).toBe('nca');
    expect(shown).toMatchObject({ fresh: 0, moved: 0 });
    expect([...shown.gone]).toEqual([]);
  });
});
