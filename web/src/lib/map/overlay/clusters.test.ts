import type { SlaStatus } from '@opsboard/shared/batches/sla';
import { describe, expect, it } from 'vitest';
import { clustersOf } from './clusters.ts';
import { Room } from './labels.ts';

/** The earth 76 × 4 pixels wide: four cells to a side. */
const scale = 4;
const mark = (id: string, x: number, y: number, sla: SlaStatus = 'on_track') => ({ id, x, y, sla });

describe('marks that lie on each other', () => {
  it('are one in the middle of them, with the worst of what they carry', () => {
    const [one, two, ...rest] = clustersOf(
      [mark('a', 1, 1), mark('b', 3, 1, 'at_risk'), mark('c', 2, 4), mark('far', 50, 50, 'breached')],
      scale,
    );
    expect(one).toEqual({ x: 2, y: 2, count: 3, sla: 'at_risk', first: 'a' });
    expect(two).toMatchObject({ count: 1, sla: 'breached', first: 'far' });
    expect(rest).toEqual([]);
  });

  it('are the same when the map is moved, and until the next whole zoom', () => {
    const marks = Array.from({ length: 200 }, (_, i) => mark(String(i), (i * 37) % 101, (i * 53) % 97));
    const groups = (at: number) => clustersOf(marks, at).map(({ first, count }) => `${first} ${count}`);
    expect(groups(4)).toEqual(groups(7.9));
    expect(groups(8).length, 'nearer, more of them stand alone').toBeGreaterThan(groups(4).length);
    expect(
      clustersOf(marks, 4).reduce((sum, { count }) => sum + count, 0),
      'nobody is lost',
    ).toBe(200);
  });
});

describe('labels', () => {
  const box = (left: number) => ({ left, top: 0, right: left + 10, bottom: 10 });
  it('are not written over each other; who comes first has the room', () => {
    const room = new Room();
    expect([room.take(box(0)), room.take(box(9)), room.take(box(10))]).toEqual([true, false, true]);
  });
  it('that must be seen are, and the others make room', () => {
    const room = new Room();
    room.take(box(0));
    room.claim(box(5));
    expect(room.take(box(12))).toBe(false);
  });
});
