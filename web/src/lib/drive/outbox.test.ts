import { expect, it } from 'vitest';
import type { KeptFix, Sending } from './outbox.ts';
import { Outbox } from './outbox.ts';

const hour = 3_600_000;
const start = 1_790_000_000_000;
const kept = (n: number, route = 'r'): KeptFix => ({
  key: n,
  person: 'p',
  route,
  fix: { at: start + n * 1_000, point: [4.9, 52.37] },
  stamp: { wall: start + n * 1_000, offset: 0, after: 0 },
});
const keysOf = (sendings: readonly Sending[]) => sendings.map((one) => one.kept.map(({ key }) => key));
const upTo = (n: number) => Array.from({ length: n }, (_, i) => kept(i + 1));

it('the newest goes first and alone, the older ones after it, the oldest first', () => {
  const outbox = new Outbox();
  outbox.add(...upTo(4));
  expect(keysOf(outbox.take())).toEqual([[4], [1, 2, 3]]);
  expect(outbox.take(), 'each is on its way once').toEqual([]);
});

it('after a shift: 600 at a time, one report after the other, and the newest in between', () => {
  const outbox = new Outbox();
  outbox.add(...upTo(1_500));
  const [newest, first] = outbox.take();
  expect(first!.kept).toHaveLength(600);
  outbox.add(kept(1_501));
  expect(keysOf(outbox.take()), 'one that comes meanwhile does not wait').toEqual([[1_501]]);
  expect(outbox.settle(first!, 'taken')).toHaveLength(600);
  const [second] = outbox.take();
  expect(second!.kept[0]!.key).toBe(601);
  expect(second!.kept).toHaveLength(600);
  outbox.settle(newest!, 'taken');
  outbox.settle(second!, 'taken');
  const [last] = outbox.take();
  expect([last!.kept[0]!.key, last!.kept.at(-1)!.key]).toEqual([1_201, 1_499]);
  outbox.settle(last!, 'taken');
  expect(outbox.size).toBe(1);
});

it('what broke is sent again, in its place; what is refused is given up', () => {
  const outbox = new Outbox();
  outbox.add(...upTo(3));
  const [newest, older] = outbox.take();
  expect(outbox.settle(older!, 'again')).toEqual([]);
  expect(outbox.settle(newest!, 'again')).toEqual([]);
  expect(keysOf(outbox.take()), 'it is not the newest any more that was not sent').toEqual([[1, 2, 3]]);
  outbox.add(kept(4));
  const [four] = outbox.take();
  expect(outbox.settle(four!, 'refused').map(({ key }) => key)).toEqual([4]);
  expect(outbox.size).toBe(3);
});

it('two routes go in two reports', () => {
  const outbox = new Outbox();
  outbox.add(kept(1, 'a'), kept(2, 'a'), kept(3, 'b'), kept(4, 'b'));
  const [newest, older] = outbox.take();
  expect([newest!.route, ...keysOf([newest!])]).toEqual(['b', [4]]);
  expect([older!.route, ...keysOf([older!])]).toEqual(['a', [1, 2]]);
  outbox.settle(older!, 'taken');
  expect(keysOf(outbox.take())).toEqual([[3]]);
});

it('what an earlier page kept comes before, and what is older than a shift is given up', () => {
  const outbox = new Outbox();
  outbox.add(kept(20 * 3_600));
  outbox.restore([kept(1), kept(5 * 3_600)]);
  expect(outbox.expire(start + 20 * hour).map(({ key }) => key)).toEqual([1]);
  expect(keysOf(outbox.take())).toEqual([[20 * 3_600], [5 * 3_600]]);
});
