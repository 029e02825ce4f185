import { expect, it } from 'vitest';
import { Mover } from './mover.ts';
import { flat } from './projection.ts';

const home: [number, number] = [4.9, 52.37];
/** About 14 metres to the east. */
const along: [number, number] = [4.9002, 52.37];
const far: [number, number] = [5.2, 52.37];

/** Somebody who was seen at home at server time 10,000, page time 0. */
function mover(): Mover {
  const one = new Mover('d');
  one.moveTo({ at: 10_000, point: home }, 0, false);
  return one;
}
const degrees = ({ x }: { x: number }): number => Number(((x - 0.5) * 360).toFixed(6));

it('is drawn on the way between two positions for as long as it took', () => {
  const one = mover();
  one.moveTo({ at: 11_000, point: along }, 5_000, false);
  expect([one.place(5_000), degrees(one)]).toEqual([true, 4.9]);
  expect([one.place(5_500), degrees(one)]).toEqual([true, 4.9001]);
  expect([one.place(6_000), degrees(one)]).toEqual([false, 4.9002]);
  expect(one.pace).toBeCloseTo((flat(along).x - flat(home).x) / 1_000, 15);
});

it('goes on from where it is drawn when the next position comes early', () => {
  const one = mover();
  one.moveTo({ at: 11_000, point: along }, 5_000, false);
  one.moveTo({ at: 12_000, point: home }, 5_500, false);
  expect([one.place(5_500), degrees(one)], 'no leap').toEqual([true, 4.9001]);
  expect([one.place(6_500), degrees(one)]).toEqual([false, 4.9]);
});

it('ignores what is older than what it knows', () => {
  const one = mover();
  one.moveTo({ at: 9_999, point: far }, 100, false);
  one.moveTo({ at: 10_000, point: far }, 100, false);
  expect([one.place(10_000), degrees(one)]).toEqual([false, 4.9]);
});

it.each<[string, { at: number; point: [number, number] }, boolean]>([
  ['far away', { at: 11_000, point: far }, false],
  ['after a long silence', { at: 80_000, point: along }, false],
  ['for who asked for less motion', { at: 11_000, point: along }, true],
])('jumps %s', (_, fix, still) => {
  const one = mover();
  one.moveTo(fix, 5_000, still);
  expect([one.place(5_000), degrees(one), one.pace]).toEqual([false, fix.point[0], 0]);
});

it('keeps its heading while it stands', () => {
  const one = new Mover('d');
  one.moveTo({ at: 1, point: home, heading: 90 }, 0, false);
  one.moveTo({ at: 2, point: home }, 10, false);
  expect(one.heading).toBe(90);
});
