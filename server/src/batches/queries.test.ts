import { describe, expect, it } from 'vitest';
import { noFilter } from '@opsboard/shared/batches/filter';
import type { Batch } from '@opsboard/shared/batches/schema';
import type { BatchSort } from '@opsboard/shared/batches/sort';
import { sortFields } from '@opsboard/shared/batches/sort';
import { listLive } from './queries.ts';

const hour = 3_600_000;
const now = 1_790_000_000_000;
const id = (n: number) => `0190a0a0-0000-7000-8000-${String(n).padStart(12, '0')}`;

function batch(n: number, fields: Partial<Batch> = {}): Batch {
  return {
    id: id(n),
    org: id(0),
    rev: 1,
    reference: `B-${2000 + n}`,
    branch: id(901),
    customer: id(902),
    center: id(903),
    status: 'at_center',
    since: now,
    steps: {},
    parts: { 'PMP-7': { addedAt: now } },
    partCount: 1,
    dueAt: now + 24 * hour,
    promisedAt: now + 24 * hour,
    createdAt: now - n,
    createdBy: id(904),
    ...fields,
  };
}

describe('pages', () => {
  const people = ['Ida', 'Ole', 'Zoë'].map((name, n) => ({ id: id(800 + n), org: id(0), name }));
  const all = Array.from({ length: 25 }, (_, n) =>
    batch(n + 1, {
      dueAt: now + (n % 5) * hour,
      branch: n % 2 ? id(901) : id(900),
      status: n % 4 === 0 ? 'completed' : 'at_center',
      ...(n % 3 === 0 ? {} : { driver: id(800 + (n % 4)) }),
    }),
  );
  const state = {
    org: id(0),
    seq: 1,
    get: (kind: string, asked: string) => (kind === 'person' ? people.find((one) => one.id === asked) : undefined),
    all: () => all,
  } as never;
  const audience = { org: id(0), role: 'operations_manager' as const };
  const filter = { ...noFilter, completed: 'all' as const };

  it.each(
    sortFields.flatMap((field): BatchSort[] => [
      { field, descending: false },
      { field, descending: true },
    ]),
  )('%j: pages of seven give every batch once, in the order of one page', (sort) => {
    const whole = listLive(state, audience, filter, { sort, limit: 500, now }).batches as Batch[];
    const paged: Batch[] = [];
    for (let after; ;) {
      const page = listLive(state, audience, filter, { sort, limit: 7, now, after });
      paged.push(...(page.batches as Batch[]));
      after = page.next;
      if (!after) break;
    }
    expect(paged).toEqual(whole);
    expect(new Set(whole.map((b) => b.id)).size).toBe(25);
  });

  it('leaves out what the audience does not see, and parts', () => {
    const page = listLive(state, { ...audience, branches: [id(900)] }, filter, {
      sort: { field: 'dueAt', descending: false },
      limit: 500,
      now,
    });
    expect(page.batches).toHaveLength(13);
    expect(page.next).toBeUndefined();
    expect(JSON.stringify(page.batches)).not.toContain('PMP-7');
    expect(JSON.stringify(page.batches)).not.toContain(id(901));
  });
});
