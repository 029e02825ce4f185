import { describe, expect, it } from 'vitest';
import type { Batch } from '@opsboard/shared/batches/schema';
import type { BatchFilter } from './queries.ts';
import { listLive, passes } from './queries.ts';

const hour = 3_600_000;
const now = 1_790_000_000_000;
const today: [number, number] = [now - 12 * hour, now + 12 * hour];
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

const yes = true;
const no = false;

describe('filters', () => {
  it.each<[string, Partial<Batch>, BatchFilter, boolean]>([
    ['nothing asked', {}, {}, yes],
    ['status in the list', {}, { status: ['draft', 'at_center'] }, yes],
    ['status not in the list', {}, { status: ['draft'] }, no],
    ['its branch', {}, { branch: id(901) }, yes],
    ['another branch', {}, { branch: id(1) }, no],
    ['no driver', {}, { driver: id(1) }, no],
    ['its driver', { driver: id(1) }, { driver: id(1) }, yes],
    ['two, one fails', {}, { customer: id(902), center: id(1) }, no],
    ['not yet breached at the very millisecond', { dueAt: now }, { sla: 'breached' }, no],
    ['breached one millisecond later', { dueAt: now - 1 }, { sla: 'breached' }, yes],
    ['breached is not on track', { dueAt: now - 1 }, { sla: 'on_track' }, no],
    ['completed late is on track', { dueAt: now - 1, status: 'completed' }, { sla: 'on_track' }, yes],
    ['due today', { dueAt: now + hour }, { due: 'today' }, yes],
    ['due earlier today', { dueAt: now - hour }, { due: 'today' }, yes],
    ['due at the next midnight', { dueAt: today[1] }, { due: 'today' }, no],
    ['completed is not due', { dueAt: now + hour, status: 'completed' }, { due: 'today' }, no],
    ['due soon', { dueAt: now + 72 * hour }, { due: 'soon' }, yes],
    ['due later', { dueAt: now + 72 * hour + 1 }, { due: 'soon' }, no],
    ['breached is not due soon', { dueAt: now - 1 }, { due: 'soon' }, no],
    ['its part', {}, { part: 'PMP-7' }, yes],
    ['the beginning of a part is not the part', {}, { part: 'PMP' }, no],
    ['what every object has is not a part', {}, { part: 'constructor' }, no],
    ['beginning of the reference', {}, { q: 'b-20' }, yes],
    ['beginning of the number', {}, { q: '2001' }, yes],
    ['middle of the reference', {}, { q: '001' }, no],
    ['beginning of a part', {}, { q: 'pmp' }, yes],
    ['middle of a part', {}, { q: '7' }, no],
  ])('%s', (_what, fields, filter, verdict) => {
    expect(passes(batch(1, fields), filter, now, today)).toBe(verdict);
  });
});

describe('pages', () => {
  const all = Array.from({ length: 25 }, (_, n) =>
    batch(n + 1, { dueAt: now + (n % 5) * hour, branch: n % 2 ? id(901) : id(900) }),
  );
  const state = { org: id(0), seq: 1, get: () => undefined, all: () => all } as never;
  const audience = { org: id(0), role: 'operations_manager' as const };

  it.each([
    [{ field: 'dueAt' as const, descending: false }],
    [{ field: 'dueAt' as const, descending: true }],
    [{ field: 'createdAt' as const, descending: false }],
    [{ field: 'createdAt' as const, descending: true }],
  ])('%j: pages of seven give every batch once, in the order of one page', (order) => {
    const whole = listLive(state, audience, {}, { order, limit: 500, now }).batches as Batch[];
    const paged: Batch[] = [];
    for (let after; ;) {
      const page = listLive(state, audience, {}, { order, limit: 7, now, after });
      paged.push(...(page.batches as Batch[]));
      after = page.next;
      if (!after) break;
    }
    expect(paged).toEqual(whole);
    expect(new Set(whole.map((b) => b.id)).size).toBe(25);
    const sorted = whole.map((b) => b[order.field]);
    expect(sorted).toEqual([...sorted].sort((a, b) => (order.descending ? b - a : a - b)));
  });

  it('leaves out what the audience does not see, and parts', () => {
    const page = listLive(
      state,
      { ...audience, branches: [id(900)] },
      {},
      { order: { field: 'dueAt', descending: false }, limit: 500, now },
    );
    expect(page.batches).toHaveLength(13);
    expect(page.next).toBeUndefined();
    expect(JSON.stringify(page.batches)).not.toContain('PMP-7');
    expect(JSON.stringify(page.batches)).not.toContain(id(901));
  });
});
