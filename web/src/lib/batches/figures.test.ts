import type { BatchInView } from '@opsboard/shared/batches/schema';
import { describe, expect, it } from 'vitest';
import { byDay, figuresOf, groupByStatus } from './figures.ts';
import { filterFrom, matcher, narrowing, noFilter, queryOf } from '@opsboard/shared/batches/filter';

const HOUR = 3_600_000;
const zone = 'Europe/Amsterdam';
/** Thu 15 Oct 2026, 14:32 in Amsterdam. */
const now = Date.UTC(2026, 9, 15, 12, 32);

function batch(id: string, more: Partial<BatchInView> = {}): BatchInView {
  const createdAt = now - 30 * HOUR;
  return {
    id,
    org: 'o',
    rev: 1,
    reference: `B-${id}`,
    branch: 'harbour',
    customer: 'vantor',
    center: 'lindqvist',
    status: 'draft',
    since: createdAt,
    steps: { draft: { at: createdAt, by: 'p' } },
    partCount: 3,
    dueAt: now + 5 * HOUR,
    promisedAt: now + 5 * HOUR,
    createdAt,
    createdBy: 'p',
    ...more,
  };
}

const context = {
  now,
  zone,
  nameOf: (_: string, id: string) => ({ vantor: 'Vantor Retail', lindqvist: 'Lindqvist Repair' })[id] ?? '',
};
const completed = (id: string, at: number, dueAt: number): BatchInView =>
  batch(id, {
    status: 'completed',
    since: at,
    dueAt,
    promisedAt: dueAt,
    steps: { draft: { at: at - 40 * HOUR, by: 'p' }, completed: { at, by: 'p' } },
  });

describe('figures', () => {
  it('counts a batch as breached only after its date, and never once it is completed', () => {
    const figures = figuresOf(
      [
        batch('over', { dueAt: now - 1 }),
        batch('due', { dueAt: now }),
        completed('late', now - HOUR, now - 2 * HOUR),
        completed('early', now - HOUR, now + 2 * HOUR),
      ],
      now,
      zone,
    );
    expect(figures.breached.map(({ id }) => id)).toEqual(['over']);
    expect(figures.dueToday.map(({ id }) => id)).toEqual(['due']);
    expect([figures.completedToday.length, figures.completedInTime, figures.open]).toEqual([2, 1, 2]);
  });

  it('parts today from later at the midnight of the organization', () => {
    const midnight = Date.UTC(2026, 9, 15, 22);
    const figures = figuresOf(
      [batch('a', { dueAt: midnight - 1 }), batch('b', { dueAt: midnight }), batch('c', { dueAt: now + 73 * HOUR })],
      now,
      zone,
    );
    expect(figures.dueToday.map(({ id }) => id)).toEqual(['a']);
    expect(figures.dueLater.map(({ id }) => id)).toEqual(['b']);
    expect(figures.ahead).toHaveLength(3);
  });

  it('has one order on every screen, whatever order the records came in', () => {
    const same = [batch('1'), batch('2'), batch('3', { dueAt: now + HOUR })];
    const order = (list: BatchInView[]): string[] => groupByStatus(list).draft.map(({ id }) => id);
    expect(order(same)).toEqual(['3', '1', '2']);
    expect(order(same.toReversed())).toEqual(['3', '1', '2']);
  });

  it('lists days in order', () => {
    const days = byDay(
      [batch('a'), batch('b', { dueAt: now + 24 * HOUR }), batch('c', { dueAt: now + 25 * HOUR })],
      zone,
    );
    expect(days.map(({ start, batches }) => [new Date(start).toISOString(), batches.length])).toEqual([
      ['2026-10-14T22:00:00.000Z', 1],
      ['2026-10-15T22:00:00.000Z', 2],
    ]);
  });
});

describe('filters', () => {
  it('come back from an address as they went into it', () => {
    const filter = {
      ...noFilter,
      status: ['sealed', 'at_center'] as const,
      driver: ['none', 'd1'],
      sla: ['breached'] as const,
      due: 'today' as const,
      completed: 'all' as const,
      q: 'rail & co',
    };
    expect(filterFrom(new URLSearchParams(queryOf(filter)))).toEqual(filter);
    expect(queryOf(noFilter)).toBe('');
    expect(narrowing(filter)).toBe(5);
  });

  it('leave out what an old link names and nobody knows', () => {
    expect(filterFrom(new URLSearchParams('status=lost&sla=blue&due=never'))).toEqual(noFilter);
  });

  it.each([
    ['by status', { status: ['sealed'] as const }, ['s']],
    ['to those without a driver', { driver: ['none'] }, ['o', 's', 'w']],
    ['to a driver', { driver: ['d1'] }, ['d']],
    ['to what is breached, completed ones aside', { sla: ['breached'] as const }, ['o']],
    ['to what is due today', { due: 'today' as const }, ['d', 's']],
    ['to what is due within three days', { due: 'soon' as const }, ['d', 's', 'w']],
    ['by words in a name', { q: ' vantor ' }, ['d', 'o', 's', 'w']],
    [
      'to the completed ones that are still here',
      { completed: 'all' as const, status: ['completed'] as const },
      ['x', 'y'],
    ],
    ['to the completed ones of today', { status: ['completed'] as const }, ['y']],
  ])('narrow %s', (_, filter, expected) => {
    const all = [
      batch('d', { driver: 'd1' }),
      batch('o', { dueAt: now - HOUR }),
      batch('s', { status: 'sealed' }),
      batch('w', { dueAt: now + 40 * HOUR }),
      { ...completed('x', now - 20 * HOUR, now), driver: 'd2', customer: 'other' },
      { ...completed('y', now - HOUR, now - 2 * HOUR), driver: 'd2', customer: 'other' },
    ];
    const found = all.filter(matcher({ ...noFilter, ...filter }, context)).map(({ id }) => id);
    expect(found.toSorted()).toEqual(expected);
  });
});
