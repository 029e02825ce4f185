import { expect, it } from 'vitest';
import type { Entry } from '@opsboard/shared/protocol/entries';
import type { AnyRecord } from '@opsboard/shared/protocol/kinds';
import type { Applied, OrgState } from '../journal/org-state.ts';
import { History } from './history.ts';

/** Entries that count one field of one record up: the value after entry n is n. */
const entryOf = (seq: number): Entry => ({
  v: 1,
  org: 'o',
  seq,
  at: seq,
  done: seq,
  actor: { type: 'system', id: 'test' },
  commandId: `c${seq}`,
  verb: 'test',
  kind: 'customer',
  id: 'a',
  rev: seq,
  set: { slaHours: seq },
  unset: [],
  was: seq === 1 ? {} : { slaHours: seq - 1 },
});
const recordAt = (seq: number) =>
  seq === 0 ? undefined : ({ id: 'a', org: 'o', rev: seq, slaHours: seq } as AnyRecord);
const appliedAt = (seq: number): Applied => ({ entry: entryOf(seq), before: recordAt(seq - 1), after: recordAt(seq) });

function startAt(seq: number) {
  const state = { org: 'o', seq, get: () => recordAt(state.seq) } as unknown as OrgState & { seq: number };
  const reads: number[] = [];
  const entries = (_org: string, { from, to = 0 }: { from: number; to?: number }) => {
    reads.push(from);
    return Promise.resolve(Array.from({ length: to - from }, (_, i) => entryOf(from + 1 + i)));
  };
  const history = new History(state, { entries });
  const push = (count: number): void => {
    for (let i = 0; i < count; i++) history.push([appliedAt(++state.seq)]);
  };
  return { history, push, reads, state };
}

it('keeps what was folded, and forgets the oldest first', () => {
  const { history, push, state } = startAt(5);
  push(3);
  expect(history.covers(4)).toBe(false);
  expect(history.between(6, 8)).toEqual([appliedAt(7), appliedAt(8)]);
  push(20_000);
  expect(history.covers(8)).toBe(false);
  expect(history.between(state.seq - 1, state.seq)).toEqual([appliedAt(state.seq)]);
  expect(() => history.between(8, 9)).toThrow(/history begins/);
});

it('[L8] reads what lies further back, once for all who ask, with records as they were', async () => {
  const { history, push, reads } = startAt(3_000);
  push(2);
  expect(await Promise.all([history.reach(2_500), history.reach(2_600), history.reach(2_999)])).toEqual([
    true,
    true,
    true,
  ]);
  expect(reads).toEqual([2_000]);
  expect(history.between(2_000, 3_002)).toEqual(Array.from({ length: 1_002 }, (_, i) => appliedAt(2_001 + i)));
  expect(await history.reach(0)).toBe(true);
  expect(history.between(0, 1)).toEqual([appliedAt(1)]);
});

it('[L8] does not go back for ever', async () => {
  const { history } = startAt(100_000);
  expect(await history.reach(50_000)).toBe(false);
  expect(await history.reach(-1)).toBe(false);
});

it('takes the journal at its word only when it is whole', async () => {
  const state = { org: 'o', seq: 10, get: () => recordAt(10) } as unknown as OrgState;
  const history = new History(state, { entries: () => Promise.resolve([entryOf(9), entryOf(10)]) });
  expect(await history.reach(5)).toBe(false);
  expect(history.covers(5)).toBe(false);
});
