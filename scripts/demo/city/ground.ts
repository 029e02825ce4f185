import type { Point } from '@opsboard/shared/geo/distance';
import type { Random } from '../random.ts';

/** Metres east and north of the city's middle. */
export type Spot = readonly [east: number, north: number];

/** Where on earth the invented city lies. */
const middle: Point = [4.9, 52.372];
const perLatitude = 111_195;
const perLongitude = perLatitude * Math.cos((middle[1] * Math.PI) / 180);
const rounded = (degrees: number): number => Math.round(degrees * 100_000) / 100_000;

/** To degrees, five decimals: a metre. */
export const onEarth = ([east, north]: Spot): Point => [
  rounded(middle[0] + east / perLongitude),
  rounded(middle[1] + north / perLatitude),
];

/** A few waves of different length and direction on top of each other: smooth, and nowhere the same. */
function waves(random: Random, lengths: readonly (readonly [metres: number, height: number])[]) {
  const parts = lengths.map(([metres, height]) => {
    const direction = random.between(0, 2 * Math.PI);
    const turn = (2 * Math.PI) / metres;
    return { x: turn * Math.cos(direction), y: turn * Math.sin(direction), height, phase: random.between(0, 7) };
  });
  return (x: number, y: number): number =>
    parts.reduce((sum, wave) => sum + wave.height * Math.sin(wave.x * x + wave.y * y + wave.phase), 0);
}

/** Bends a drawing board's straight lines into those of a town that has grown. */
export function warp(random: Random): (spot: Spot) => Spot {
  const lengths = [
    [5_200, 260],
    [2_900, 120],
    [1_300, 34],
  ] as const;
  const [east, north] = [waves(random, lengths), waves(random, lengths)];
  return ([x, y]) => [x + east(x, y), y + north(x, y)];
}

/** A smooth line through the given spots, a point about every `step` metres. */
export function smooth(spots: readonly Spot[], step: number): Spot[] {
  const line: Spot[] = [];
  for (let i = 0; i + 1 < spots.length; i++) {
    const [before, from, to, after] = [
      spots[i - 1] ?? spots[i]!,
      spots[i]!,
      spots[i + 1]!,
      spots[i + 2] ?? spots[i + 1]!,
    ];
    const pieces = Math.max(1, Math.round(Math.hypot(to[0] - from[0], to[1] - from[1]) / step));
    for (let piece = 0; piece < pieces; piece++) {
      const t = piece / pieces;
      const along = (axis: 0 | 1): number =>
        0.5 *
        (2 * from[axis] +
          (to[axis] - before[axis]) * t +
          (2 * before[axis] - 5 * from[axis] + 4 * to[axis] - after[axis]) * t * t +
          (3 * from[axis] - before[axis] - 3 * to[axis] + after[axis]) * t * t * t);
      line.push([along(0), along(1)]);
    }
  }
  line.push(spots.at(-1)!);
  return line;
}

/** A band around a line: `width` metres at each point of it, by index. */
export function band(line: readonly Spot[], width: (index: number) => number): Spot[] {
  const side = (sign: 1 | -1): Spot[] =>
    line.map(([x, y], i) => {
      const [before, after] = [line[Math.max(0, i - 1)]!, line[Math.min(line.length - 1, i + 1)]!];
      const [dx, dy] = [after[0] - before[0], after[1] - before[1]];
      const length = Math.hypot(dx, dy) || 1;
      const half = (sign * width(i)) / 2;
      return [x - (dy / length) * half, y + (dx / length) * half];
    });
  return [...side(1), ...side(-1).reverse()];
}

/** Whether a spot is inside an outline. */
export function inside(ring: readonly Spot[], [x, y]: Spot): boolean {
  let within = false;
  for (let i = 0, j = ring.length - 1; i < ring.length; j = i++) {
    const [[ax, ay], [bx, by]] = [ring[i]!, ring[j]!];
    if (ay > y !== by > y && x < ((bx - ax) * (y - ay)) / (by - ay) + ax) within = !within;
  }
  return within;
}
