import { describe, expect, it } from 'vitest';
import type { Point } from './distance.ts';
import { StreetGraph } from './streets.ts';

// A ladder of two rungs: 0—1—2 below, 3—4—5 above, and a lane of its own, 6—7, that nothing joins.
const nodes: Point[] = [
  [5, 52],
  [5.01, 52],
  [5.02, 52],
  [5, 52.01],
  [5.01, 52.01],
  [5.02, 52.01],
  [5.1, 52],
  [5.11, 52],
];
const roads = [{ nodes: [0, 1, 2] }, { nodes: [3, 4, 5] }, { nodes: [0, 3] }, { nodes: [2, 5] }, { nodes: [6, 7] }];
const graph = new StreetGraph({ nodes, roads });

describe('roadBetween', () => {
  it('goes by street, with every bend', () => {
    expect(graph.roadBetween(nodes[1]!, nodes[3]!)).toEqual([nodes[1], nodes[0], nodes[3]]);
  });
  it('joins points beside the street by the shortest line', () => {
    const way = graph.roadBetween([5.004, 51.999], [5.016, 52.001]);
    expect(way).toHaveLength(5);
    expect(way[1]![0]).toBeCloseTo(5.004, 6);
    expect(way[1]![1]).toBeCloseTo(52, 6);
    expect(way[2]).toEqual(nodes[1]);
  });
  it('stays on one stretch when both are there', () => {
    expect(graph.roadBetween([5.002, 52], [5.008, 52])).toEqual([
      [5.002, 52],
      [5.008, 52],
    ]);
  });
  it('prefers the longer way where the shorter one is slow', () => {
    const slow = new StreetGraph({ nodes, roads: [{ nodes: [0, 1], slow: 9 }, ...roads.slice(1), { nodes: [1, 4] }] });
    expect(slow.roadBetween(nodes[0]!, nodes[1]!)).toEqual([nodes[0], nodes[3], nodes[4], nodes[1]]);
  });
  it('is the straight line where no way leads, and where there are no streets', () => {
    expect(graph.roadBetween(nodes[0]!, nodes[7]!)).toEqual([nodes[0], nodes[7]]);
    expect(new StreetGraph({ nodes: [], roads: [] }).roadBetween([1, 2], [3, 4])).toEqual([
      [1, 2],
      [3, 4],
    ]);
  });
});

it('measures as the earth does over a city', () => {
  // A hundredth of a degree of latitude is 1,112 m; of longitude at 52° north, 684.6 m.
  expect(graph.metres([5, 52], [5, 52.01])).toBeCloseTo(1_112, -1);
  expect(graph.metres([5, 52], [5.01, 52])).toBeCloseTo(684.6, -1);
});
