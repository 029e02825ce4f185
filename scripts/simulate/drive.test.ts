import { expect, it } from 'vitest';
import { distance } from '@opsboard/shared/geo/distance';
import { city, roadBetween } from '../demo/city/city.ts';
import { Drive } from './drive.ts';

it('goes east, then north, and stays where it ends', () => {
  const drive = new Drive([
    [4.9, 52.37],
    [4.91, 52.37],
    [4.91, 52.38],
  ]);
  expect(drive.metres).toBeGreaterThan(1_700);
  expect([drive.point, Math.round(drive.heading)]).toEqual([[4.9, 52.37], 90]);
  drive.advance(300);
  expect(distance([4.9, 52.37], drive.point)).toBeCloseTo(300, 0);
  drive.advance(700);
  expect([drive.point[0], Math.round(drive.heading)]).toEqual([4.91, 0]);
  drive.advance(10_000);
  expect([drive.arrived, drive.point, Math.round(drive.heading)]).toEqual([true, [4.91, 52.38], 0]);
});

it('of one point has arrived before it began', () => {
  const drive = new Drive([[4.9, 52.37]]);
  expect([drive.arrived, drive.point, drive.heading]).toEqual([true, [4.9, 52.37], 0]);
});

it('keeps to the streets of the city, step by step', () => {
  const [from, to] = [city.nodes[0]!, city.nodes.at(-1)!];
  const line = roadBetween(from, to);
  const drive = new Drive(line);
  for (let before = drive.point; !drive.arrived; before = drive.point) {
    drive.advance(40);
    expect(distance(before, drive.point)).toBeLessThanOrEqual(40.1);
  }
  expect(distance(drive.point, to)).toBeLessThan(60);
});
