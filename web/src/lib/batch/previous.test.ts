import type { BatchInView } from '@opsboard/shared/batches/schema';
import { expect, it } from 'vitest';
import { previousOf, usualTurnaround } from './previous.ts';

const hour = 3_600_000;
const back = (id: string, createdAt: number, hours: number, more: Partial<BatchInView> = {}): BatchInView => ({
  id,
  org: 'o',
  rev: 1,
  reference: `B-${id}`,
  branch: 'x',
  customer: 'c',
  center: 'l',
  status: 'completed',
  since: createdAt + hours * hour,
  steps: { draft: { at: createdAt, by: 'p' }, completed: { at: createdAt + hours * hour, by: 'p' } },
  partCount: 1,
  dueAt: createdAt + 48 * hour,
  promisedAt: createdAt + 48 * hour,
  createdAt,
  createdBy: 'p',
  ...more,
});

it('lists those that came back, the latest first, each once, with how they kept their promise', () => {
  const list = previousOf(
    [
      back('1', 0, 40),
      back('2', 10 * hour, 50),
      back('2', 10 * hour, 50),
      back('me', 0, 1),
      back('open', 0, 1, { status: 'at_center' }),
    ],
    'me',
  );
  expect(list.map(({ batch, turnaround, margin }) => [batch.id, turnaround / hour, margin / hour])).toEqual([
    ['2', 50, -2],
    ['1', 40, 8],
  ]);
});

it('the usual turnaround is the one in the middle, and needs three', () => {
  const of = (...hours: number[]) =>
    usualTurnaround(
      previousOf(
        hours.map((h, i) => back(`${i}`, 0, h)),
        'me',
      ),
    );
  expect(of(1, 2)).toBeUndefined();
  expect(of(90, 40, 41)).toBe(41 * hour);
  expect(of(90, 40, 41, 43)).toBe(42 * hour);
});
