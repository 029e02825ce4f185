import { Random } from '../random.ts';
import type { Spot } from './ground.ts';
import { inside, warp } from './ground.ts';

/** The town's drawing board: lines every 165 m, each sixth a main street, each twelfth an avenue. */
const spacing = 165;
export const block = 6;
const reach = 42;

/** A crossing on the drawing board: column and row. */
export type Crossing = readonly [column: number, row: number];
export type Rectangle = readonly [west: number, south: number, east: number, north: number];

/** Streets before they have names: which stretches of which lines there are. */
export type Lattice = {
  spotOf(crossing: Crossing): Spot;
  /** Runs of crossings without a gap, each along one line. */
  runs: readonly { along: 'row' | 'column'; line: number; crossings: readonly Crossing[] }[];
};

export type Surroundings = {
  seed: number;
  water: readonly (readonly Spot[])[];
  parks: readonly Rectangle[];
  /** Columns that go over or under the water. */
  crossesWater: ReadonlySet<number>;
};

const isMain = (line: number): boolean => line % block === 0;
export const isAvenue = (line: number): boolean => line % (2 * block) === 0;
const keyOf = ([column, row]: Crossing): string => `${column},${row}`;

/** Lays the streets: main ones everywhere, side streets block by block, none in water and parks. */
export function lay({ seed, water, parks, crossesWater }: Surroundings): Lattice {
  const random = new Random(seed);
  const bend = warp(random);
  const spots = new Map<string, Spot>();
  const each: Crossing[] = [];
  for (let column = -reach; column <= reach; column++) {
    for (let row = -reach; row <= reach; row++) {
      const loose = isMain(column) || isMain(row) ? 8 : 22;
      const shift = [random.between(-loose, loose), random.between(-loose, loose)] as const;
      spots.set(keyOf([column, row]), bend([column * spacing + shift[0], row * spacing + shift[1]]));
      each.push([column, row]);
    }
  }
  const spotOf = (crossing: Crossing): Spot => spots.get(keyOf(crossing))!;

  const edge = new Map<string, [Crossing, Crossing]>();
  const patterns = new Map<string, { rows: ReadonlySet<number>; columns: ReadonlySet<number> }>();
  for (const from of each) {
    for (const to of [[from[0] + 1, from[1]] as const, [from[0], from[1] + 1] as const]) {
      if (to[0] > reach || to[1] > reach) continue;
      const chance = random.next();
      if (stands(from, to, chance)) edge.set(`${keyOf(from)} ${keyOf(to)}`, [from, to]);
    }
  }
  withoutStubs(edge);
  connected(edge);
  return { spotOf, runs: runsOf(edge) };

  function stands(from: Crossing, to: Crossing, chance: number): boolean {
    const vertical = from[0] === to[0];
    const line = vertical ? from[0] : from[1];
    const [a, b] = [spotOf(from), spotOf(to)];
    const centre: Spot = [(a[0] + b[0]) / 2, (a[1] + b[1]) / 2];
    const far = Math.hypot(...centre) / edgeOfTown(centre);
    if (far > (isAvenue(line) ? 1.5 : isMain(line) ? 1.12 : 1)) return false;
    const wet = water.some((ring) => inside(ring, a) || inside(ring, b) || inside(ring, centre));
    if (wet && !(vertical && crossesWater.has(line))) return false;
    if (parks.some((park) => crosses(park, from, to))) return false;
    if (isMain(line) || parks.some((park) => borders(park, from, to))) return true;
    const pattern = patternOf(Math.floor(from[0] / block), Math.floor(from[1] / block), far);
    const within = ((line % block) + block) % block;
    return (vertical ? pattern.columns : pattern.rows).has(within) && chance > 0.09;
  }

  /** How fine the side streets of a block are, and which way the long ones run. */
  function patternOf(column: number, row: number, far: number) {
    const key = `${column},${row}`;
    const known = patterns.get(key);
    if (known) return known;
    const fine = far < 0.52;
    const wide = random.pick(
      fine
        ? [
            [2, 4],
            [1, 3, 5],
            [2, 3, 5],
          ]
        : [[3], [2, 4], [2, 4], [1, 3, 5]],
    );
    const long = random.pick(
      fine
        ? [
            [1, 2, 3, 4, 5],
            [1, 2, 4, 5],
          ]
        : [
            [2, 4],
            [1, 3, 5],
            [1, 2, 4, 5],
          ],
    );
    const flat = random.next() < 0.5;
    const pattern = { rows: new Set(flat ? long : wide), columns: new Set(flat ? wide : long) };
    patterns.set(key, pattern);
    return pattern;
  }
}

/** Where the town ends, metres from its middle, in the direction of a spot. */
function edgeOfTown([x, y]: Spot): number {
  const angle = Math.atan2(y, x);
  return 5_050 + 420 * Math.sin(3 * angle + 1) + 260 * Math.sin(5 * angle + 2.4);
}

const crosses = ([west, south, east, north]: Rectangle, from: Crossing, to: Crossing): boolean => {
  const [x, y] = [(from[0] + to[0]) / 2, (from[1] + to[1]) / 2];
  return x > west && x < east && y > south && y < north;
};

const borders = ([west, south, east, north]: Rectangle, from: Crossing, to: Crossing): boolean => {
  const [x, y] = [(from[0] + to[0]) / 2, (from[1] + to[1]) / 2];
  const alongside = (x === west || x === east) && y >= south && y <= north;
  return alongside || ((y === south || y === north) && x >= west && x <= east);
};

/** Takes away side streets that end in nothing, twice: what is left of those is a short dead end here and there. */
function withoutStubs(edges: Map<string, [Crossing, Crossing]>): void {
  for (let round = 0; round < 2; round++) {
    const degree = new Map<string, number>();
    for (const ends of edges.values()) {
      for (const end of ends) degree.set(keyOf(end), (degree.get(keyOf(end)) ?? 0) + 1);
    }
    for (const [key, [from, to]] of edges) {
      const line = from[0] === to[0] ? from[0] : from[1];
      if (!isMain(line) && (degree.get(keyOf(from)) === 1 || degree.get(keyOf(to)) === 1)) edges.delete(key);
    }
  }
}

/** Keeps what can be reached from everywhere else. */
function connected(edges: Map<string, [Crossing, Crossing]>): void {
  const group = new Map<string, string>();
  const rootOf = (key: string): string => {
    let root = key;
    for (let up = group.get(root); up !== undefined && up !== root; up = group.get(root)) root = up;
    group.set(key, root);
    return root;
  };
  for (const [from, to] of edges.values()) group.set(rootOf(keyOf(from)), rootOf(keyOf(to)));
  const sizes = new Map<string, number>();
  for (const [from] of edges.values()) {
    const root = rootOf(keyOf(from));
    sizes.set(root, (sizes.get(root) ?? 0) + 1);
  }
  const [largest] = [...sizes].toSorted((a, b) => b[1] - a[1])[0]!;
  for (const [key, [from]] of edges) if (rootOf(keyOf(from)) !== largest) edges.delete(key);
}

function runsOf(edges: ReadonlyMap<string, [Crossing, Crossing]>): Lattice['runs'] {
  const runs: { along: 'row' | 'column'; line: number; crossings: Crossing[] }[] = [];
  for (const along of ['row', 'column'] as const) {
    for (let line = -reach; line <= reach; line++) {
      let run: Crossing[] = [];
      for (let at = -reach; at < reach; at++) {
        const [from, to]: [Crossing, Crossing] =
          along === 'row'
            ? [
                [at, line],
                [at + 1, line],
              ]
            : [
                [line, at],
                [line, at + 1],
              ];
        if (edges.has(`${keyOf(from)} ${keyOf(to)}`)) {
          if (run.length === 0) run.push(from);
          run.push(to);
        } else if (run.length > 0) {
          runs.push({ along, line, crossings: run });
          run = [];
        }
      }
      if (run.length > 0) runs.push({ along, line, crossings: run });
    }
  }
  return runs;
}
