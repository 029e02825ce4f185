import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { OrderedEntries, type Ranked } from './ordered.ts';

interface Item extends Ranked {
  readonly key: string;
}

const before = (a: Item, b: Item): number => (a.key < b.key ? -1 : a.key > b.key ? 1 : a.rid - b.rid);

describe('ordered entries', () => {
  test('agree with a sorted list, whatever was added and removed, in both directions and for any range', () => {
    const letter = fc.constantFrom(...'abcdefgh');
    const key = fc.array(letter, { minLength: 1, maxLength: 2 }).map((letters) => letters.join(''));
    const steps = fc.array(fc.record({ key, remove: fc.boolean() }), { maxLength: 3000, size: 'max' });
    fc.assert(
      fc.property(steps, key, key, (list, one, other) => {
        const entries = new OrderedEntries<Item>();
        let model: Item[] = [];
        list.forEach((step, rid) => {
          const victim = step.remove ? model.find((item) => item.key === step.key) : undefined;
          if (victim) {
            expect(entries.remove(victim.key, victim)).toBe(true);
            model = model.filter((item) => item !== victim);
          } else {
            const item = { key: step.key, rid };
            entries.add(item.key, item);
            model.push(item);
          }
        });
        model.sort(before);
        const [from, to] = one < other ? [one, other] : [other, one];
        const inRange = model.filter((item) => item.key >= from && item.key < to);
        expect(entries.size).toBe(model.length);
        expect([...entries.range('', '\xff')]).toEqual(model);
        expect([...entries.range(from, to)]).toEqual(inRange);
        expect([...entries.range(from, to, true)]).toEqual(inRange.toReversed());
        expect(entries.count(from, to)).toBe(inRange.length);
        expect(entries.first(from)).toBe(model.find((item) => item.key === from));
      }),
      { numRuns: 30 },
    );
  });

  test('a walk that stands still while entries come and go meets each that stayed exactly once', () => {
    for (const backwards of [false, true]) {
      const entries = new OrderedEntries<Item>();
      const items = Array.from({ length: 2000 }, (_, rid) => ({ key: String(rid).padStart(5, '0'), rid }));
      for (const item of items) entries.add(item.key, item);
      const met: number[] = [];
      for (const item of entries.range('', '\xff', backwards)) {
        met.push(item.rid);
        if (item.rid % 10 !== 0) continue;
        // The one it stands on, one behind it and one in front of it go; others come on both sides.
        entries.remove(item.key, item);
        for (const away of [-3, 3]) {
          const neighbour = items[item.rid + away];
          if (neighbour && neighbour.rid % 10 !== 0) entries.remove(neighbour.key, neighbour);
        }
        const fresh = { key: `${item.key}~`, rid: 10_000 + item.rid };
        entries.add(fresh.key, fresh);
      }
      const old = met.filter((rid) => rid < 10_000);
      expect(new Set(old).size).toBe(old.length);
      for (const { rid } of items) if (![0, 3, 7].includes(rid % 10)) expect(old).toContain(rid);
    }
  });

  test('removing what is not there changes nothing', () => {
    const entries = new OrderedEntries<Item>();
    entries.add('a', { key: 'a', rid: 1 });
    expect(entries.remove('a', { key: 'a', rid: 2 })).toBe(false);
    expect(entries.remove('b', { key: 'b', rid: 1 })).toBe(false);
    expect(entries.size).toBe(1);
  });
});
