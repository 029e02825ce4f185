import type { Point } from './distance.ts';
import type { Streets } from './streets.ts';

/** Wide ones come first: they are drawn above, and named from farther away. */
export const roadKinds = ['avenue', 'main', 'side'] as const;
export type RoadKind = (typeof roadKinds)[number];

/** A run of crossings that is drawn as one line. */
export type Road = {
  nodes: readonly number[];
  kind: RoadKind;
  name?: string;
  /** Below the water: drawn dashed; there is no network in there. */
  tunnel?: true;
};

/** A surface: its outline, first point not repeated. */
export type Area = { kind: 'water' | 'park' | 'block'; ring: readonly Point[] };

export type CityLabel = { kind: 'district' | 'park' | 'water'; name: string; at: Point };

/** An invented city to draw and to drive in, for boards that are shown to people. */
export type City = Pick<Streets, 'nodes'> & {
  name: string;
  /** Said on every map that shows it. */
  attribution: string;
  roads: readonly Road[];
  areas: readonly Area[];
  labels: readonly CityLabel[];
};
