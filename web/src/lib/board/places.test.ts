import type { BatchInView } from '@opsboard/shared/batches/schema';
import { describe, expect, it } from 'vitest';
import { byDue } from '#lib/batches/figures.ts';
import { besides, passed, slotIn } from './places.ts';

const batch = (id: string, dueAt: number): BatchInView => ({
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
  dueAt,
  promisedAt: dueAt,
  createdAt: 0,
  createdBy: 'p',
});

describe('places in a column', () => {
  const column = [10, 20, 20, 30, 50].map((dueAt, i) => batch(`b${i}`, dueAt));

  it('shows the slot exactly where the card then stands', () => {
    for (let dueAt = 0; dueAt <= 60; dueAt += 5) {
      for (const id of ['a', 'b1', 'z']) {
        const dropped = batch(`${id}-new`, dueAt);
        const after = [...column, dropped].sort(byDue);
        expect(slotIn(column, 'sealed', dropped)).toBe(after.indexOf(dropped));
      }
    }
  });

  it('puts what is completed on top', () => expect(slotIn(column, 'completed', batch('z', 99))).toBe(0));

  it.each([
    [5, 0],
    [10, 0],
    [11, 1],
    [25, 3],
    [99, 5],
  ])('counts what is past %d', (at, count) => expect(passed(column, at)).toBe(count));
});

it('ends at the edges of the board', () => {
  expect(besides('draft', -1)).toBeUndefined();
  expect(besides('draft', 1)).toBe('sealed');
  expect(besides('completed', 1)).toBeUndefined();
});
