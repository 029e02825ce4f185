import { describe, expect, test } from 'vitest';
import { OrderedEntries, type Ranked } from './ordered.ts';

interface Item extends Ranked {
  readonly key: string;
}

const before = (a: Item, b: Item): number => (a.key < b.key ? -1 : a.key > b.key ? 1 : a.rid - b.rid);
const rids = (items: Iterable<Item>): string => Array.from(items, ({ rid }) => rid).join(' ');

/** A small generator, so that a failing run can be repeated. */
function numbers(seed: number): (below: number) => number {
  let state = seed;
  return (below) => {
    state = (Math.imul(state, 1_103_515_245) + 12_345) & 0x7fffffff;
    return (state >>> 8) % below;
  };
}

describe('ordered entries', () => {
  test.each([1, 2, 3, 4, 5, 6])('agree with a sorted list, whatever was added and removed (seed %i)', (seed) => {
    const next = numbers(seed);
    const randomKey = (): string => 'abcdefgh'[next(8)] + (next(2) === 0 ? 'abcdefgh'.charAt(next(8)) : '');
    const entries = new OrderedEntries<Item>();
    const model = new Set<Item>();
    let removedAll = true;
    for (let rid = 0; rid < 4000; rid++) {
      const key = randomKey();
      const victim = next(10) < 4 ? [...model].find((item) => item.key === key) : undefined;
      if (victim) {
        removedAll &&= entries.remove(victim.key, victim);
        model.delete(victim);
      } else {
        const item = { key, rid };
        entries.add(key, item);
        model.add(item);
      }
    }
    expect(removedAll).toBe(true);
    const sorted = [...model].sort(before);
    expect(entries.size).toBe(sorted.length);
    expect(rids(entries.range('', '\xff'))).toBe(rids(sorted));
    for (let index = 0; index < 20; index++) {
      const [from, to] = [randomKey(), randomKey()].sort() as [string, string];
      const inRange = sorted.filter((item) => item.key >= from && item.key < to);
      expect(rids(entries.range(from, to))).toBe(rids(inRange));
      expect(rids(entries.range(from, to, true))).toBe(rids(inRange.toReversed()));
      expect(entries.count(from, to)).toBe(inRange.length);
      expect(entries.first(from)).toBe(sorted.find((item) => item.key === from));
    }
  });

  test.each([false, true])(
    'a walk that stands still while entries come and go meets each that stayed once (backwards: %s)',
    (backwards) => {
      const entries = new OrderedEntries<Item>();
      const items = Array.from({ length: 2000 }, (_, rid) => ({ key: String(rid).padStart(5, '0'), rid }));
      for (const item of items) entries.add(item.key, item);
      const met: number[] = [];
      for (const item of entries.range('', '\xff', backwards)) {
        met.push(item.rid);
        if (item.rid % 10 !== 0) continue;
        // The one it stands on goes, and one on each side; others come on both sides.
        for (const away of [-3, 0, 3]) {
          const gone = items[item.rid + away];
          if (gone) entries.remove(gone.key, gone);
        }
        for (const key of [`${item.key}~`, `${String(item.rid - 5).padStart(5, '0')}~`])
          entries.add(key, { key, rid: 10_000 + met.length });
      }
      const old = met.filter((rid) => rid < 10_000);
      expect(new Set(old).size).toBe(old.length);
      const stayed = items.filter(({ rid }) => ![0, 3, 7].includes(rid % 10)).map(({ rid }) => rid);
      expect(stayed.filter((rid) => !old.includes(rid))).toEqual([]);
    },
  );

  test('removing what is not there changes nothing', () => {
    const entries = new OrderedEntries<Item>();
    entries.add('a', { key: 'a', rid: 1 });
    expect(entries.remove('a', { key: 'a', rid: 2 })).toBe(false);
    expect(entries.remove('b', { key: 'b', rid: 1 })).toBe(false);
    expect(entries.size).toBe(1);
  });
});
