import type { Area, City, CityLabel, Road } from '@opsboard/shared/geo/city';
import type { Point } from '@opsboard/shared/geo/distance';
import { StreetGraph } from '@opsboard/shared/geo/streets';
import type { Spot } from './ground.ts';
import { band, inside, onEarth, smooth } from './ground.ts';
import type { Crossing, Lattice, Rectangle } from './lattice.ts';
import { block, isAvenue, lay } from './lattice.ts';

/** The river from where it comes in to the bay it ends in, and how wide it is at each of these, metres. */
const riverCourse: readonly (readonly [...Spot, width: number])[] = [
  [-9_500, 2_500, 60],
  [-6_800, 1_900, 110],
  [-4_500, 900, 150],
  [-2_500, -450, 170],
  [-400, -950, 190],
  [1_500, -650, 210],
  [3_000, -1_500, 280],
  [4_400, -3_000, 420],
];
const bayShore: readonly Spot[] = [
  [3_700, -2_300],
  [4_700, -2_150],
  [5_600, -1_300],
  [7_800, -1_000],
  [9_500, -3_800],
  [8_000, -7_600],
  [4_600, -7_400],
  [4_000, -5_600],
  [3_100, -4_200],
  [3_150, -3_000],
];
/** Columns of the drawing board that are bridges where there is water, and the one that goes below. */
const bridges = [-24, -12, -6, 0, 6];
const tunnel = 18;

const parks: readonly { name: string; at: Rectangle }[] = [
  { name: 'Weir Park', at: [-18, 6, -14, 11] },
  { name: 'Orchard Fields', at: [6, 12, 10, 17] },
  { name: 'Saint Anne’s Green', at: [-3, 2, 0, 4] },
  { name: 'Harbour Gardens', at: [7, -12, 11, -8] },
  { name: 'Mill Meadow', at: [-18, -18, -13, -12] },
  { name: 'Eastbank Park', at: [22, 2, 24, 6] },
  { name: 'South Common', at: [0, -24, 6, -20] },
];

const districts: readonly (readonly [name: string, at: Spot])[] = [
  ['Northgate', [-600, 3_250]],
  ['Weir', [-3_700, 2_350]],
  ['Oldtown', [-1_250, 500]],
  ['Quayside', [1_450, 620]],
  ['Castor Hill', [3_250, 2_700]],
  ['Eastbank', [4_350, -350]],
  ['Millfield', [-3_250, -2_350]],
  ['Harbour', [1_350, -2_550]],
  ['Southmead', [-700, -3_500]],
];

/** Main streets by line of the drawing board; what has no name here has none. */
const rowNames: Readonly<Record<number, string>> = {
  [-24]: 'Southmead Road',
  [-18]: 'Halden Street',
  [-12]: 'Mill Lane',
  [-6]: 'South Quay',
  0: 'Market Street',
  6: 'Canal Works',
  12: 'Foundry Lane',
  18: 'North Quay',
  24: 'Ring Road North',
};
const columnNames: Readonly<Record<number, string>> = {
  [-24]: 'Ropewalk',
  [-18]: 'Weir Street',
  [-12]: 'Mill Street',
  [-6]: 'Tannery Row',
  0: 'North Gate',
  6: 'Glass Street',
  12: 'Quay Street',
  18: 'Harbour Tunnel Road',
  24: 'Eastbank Road',
};

const course = smooth(
  riverCourse.map(([x, y]) => [x, y]),
  150,
);
const river = band(course, (index) => {
  const along = (index / (course.length - 1)) * (riverCourse.length - 1);
  const [before, after] = [
    riverCourse[Math.floor(along)]!,
    riverCourse[Math.min(riverCourse.length - 1, Math.ceil(along))]!,
  ];
  return before[2] + (after[2] - before[2]) * (along % 1);
});
const bay = smooth([...bayShore, bayShore[0]!], 250).slice(0, -1);
const water = [river, bay];
const lattice = lay({
  seed: 4_711,
  water,
  parks: parks.map(({ at }) => at),
  crossesWater: new Set([...bridges, tunnel]),
});

/** Aldermoor, the invented city of the demo world: always the same. */
export const city: City = draw(lattice);

/** People drive round by the main streets rather than straight through the side streets. */
const slow = { avenue: 1, main: 1.1, side: 1.7 };
const graph = new StreetGraph({
  nodes: city.nodes,
  roads: city.roads.map(({ nodes, kind }) => ({ nodes, slow: slow[kind] })),
});

/** The quickest way by street from one place to another, every bend included: where the demo's drivers drive. */
export const roadBetween = (from: Point, to: Point): Point[] => graph.roadBetween(from, to);

/** Metres between two places as the crow flies. */
export const metresBetween = (from: Point, to: Point): number => graph.metres(from, to);

/** The crossing of streets nearest to a place: where the demo's branches, centers and customers have their doors. */
export function crossingNear(place: Point): [number, number] {
  let best = city.nodes[0]!;
  for (const node of city.nodes) if (graph.metres(node, place) < graph.metres(best, place)) best = node;
  return [...best];
}

const tunnels = city.roads.filter((road) => road.tunnel).map((road) => road.nodes.map((node) => city.nodes[node]!));

/** Whether a place on the streets is in the tunnel, where there is no network. */
export function inTunnel(place: Point): boolean {
  return tunnels.some((line) => {
    const longest = graph.metres(line[0]!, line.at(-1)!);
    return graph.metres(line[0]!, place) < longest && graph.metres(line.at(-1)!, place) < longest;
  });
}

function draw({ spotOf, runs }: Lattice): City {
  const nodes: Point[] = [];
  const numbers = new Map<string, number>();
  const numberOf = (crossing: Crossing): number => {
    const key = crossing.join();
    const known = numbers.get(key);
    if (known !== undefined) return known;
    numbers.set(key, nodes.length);
    return nodes.push(onEarth(spotOf(crossing))) - 1;
  };
  const roads: Road[] = [];
  for (const { along, line, crossings } of runs) {
    const kind = isAvenue(line) ? 'avenue' : line % block === 0 ? 'main' : 'side';
    const name = (along === 'row' ? rowNames : columnNames)[line];
    const below = along === 'column' && line === tunnel;
    const add = (part: readonly Crossing[], under: boolean): void => {
      if (part.length < 2) return;
      roads.push({ nodes: part.map(numberOf), kind, ...(name ? { name } : {}), ...(under ? { tunnel: true } : {}) });
    };
    const wet = crossings.map((crossing) => below && water.some((ring) => inside(ring, spotOf(crossing))));
    const [first, last] = [wet.indexOf(true), wet.lastIndexOf(true)];
    if (first === -1) add(crossings, false);
    else {
      add(crossings.slice(0, first), false);
      add(crossings.slice(Math.max(0, first - 1), last + 2), true);
      add(crossings.slice(last + 1), false);
    }
  }
  const order = { side: 0, main: 1, avenue: 2 };
  return {
    name: 'Aldermoor',
    attribution: 'Aldermoor, invented streets, Opsboard',
    nodes,
    roads: roads.toSorted((a, b) => order[a.kind] - order[b.kind]),
    areas: [
      ...builtUp(spotOf).map((ring): Area => ({ kind: 'block', ring })),
      ...parks.map(({ at }): Area => ({ kind: 'park', ring: outline(spotOf, at) })),
      ...water.map((ring): Area => ({ kind: 'water', ring: ring.map(onEarth) })),
    ],
    labels: [
      ...districts.map(([name, at]): CityLabel => ({ kind: 'district', name, at: onEarth(at) })),
      ...parks.map(({ name, at: [west, south, east, north] }): CityLabel => {
        const spot = spotOf([Math.round((west + east) / 2), Math.round((south + north) / 2)]);
        return { kind: 'park', name, at: onEarth(spot) };
      }),
      { kind: 'water', name: 'River Lenn', at: onEarth([-3_500, 230]) },
      { kind: 'water', name: 'Alder Bay', at: onEarth([5_600, -3_900]) },
    ],
  };
}

/** The blocks of the inner town, whose ground is a shade darker. */
function builtUp(spotOf: Lattice['spotOf']): Point[][] {
  const rings: Point[][] = [];
  for (let column = -4; column < 4; column++) {
    for (let row = -4; row < 4; row++) {
      const middle = spotOf([column * block + 3, row * block + 3]);
      if (Math.hypot(...middle) < 3_400) {
        rings.push(outline(spotOf, [column * block, row * block, (column + 1) * block, (row + 1) * block]));
      }
    }
  }
  return rings;
}

function outline(spotOf: Lattice['spotOf'], [west, south, east, north]: Rectangle): Point[] {
  const ring: Crossing[] = [];
  for (let column = west; column < east; column++) ring.push([column, south]);
  for (let row = south; row < north; row++) ring.push([east, row]);
  for (let column = east; column > west; column--) ring.push([column, north]);
  for (let row = north; row > south; row--) ring.push([west, row]);
  return ring.map((crossing) => onEarth(spotOf(crossing)));
}
