import type { Point } from './distance.ts';

/** Streets as they are written down: crossings, and roads as runs of them by index. */
export type Streets = {
  nodes: readonly Point[];
  /** `slow`: how much longer a metre of it feels than one of the quickest road, at least 1. */
  roads: readonly { nodes: readonly number[]; slow?: number }[];
};

/** One end of an edge, seen from the other: which crossing, and how far it feels, metres of the quickest road. */
type Step = { to: number; cost: number };

/** Where a point meets the streets: on the edge from crossing `a` to crossing `b`, and how far each feels. */
type Footing = { at: Point; a: number; b: number; fromA: number; fromB: number; metres: number };

const degree = Math.PI / 180;
const metresPerDegree = 6_371_008.8 * degree;

/**
 * Streets to drive on. Distances are those of a plane around the streets' middle, which over a city differ from the
 * earth's by less than a metre in a kilometre.
 */
export class StreetGraph {
  readonly #nodes: readonly Point[];
  readonly #steps: Step[][];
  readonly #edges: { a: number; b: number; cost: number }[] = [];
  /** Metres for a degree of longitude here. */
  readonly #perLongitude: number;

  constructor({ nodes, roads }: Streets) {
    this.#nodes = nodes;
    this.#steps = nodes.map(() => []);
    const latitude = nodes.reduce((sum, [, lat]) => sum + lat, 0) / Math.max(1, nodes.length);
    this.#perLongitude = metresPerDegree * Math.cos(latitude * degree);
    for (const road of roads) {
      for (let i = 1; i < road.nodes.length; i++) this.#join(road.nodes[i - 1]!, road.nodes[i]!, road.slow ?? 1);
    }
  }

  /** The nearest place on a street. The point itself where there are no streets. */
  nearest(point: Point): Point {
    return this.#footing(point)?.at ?? point;
  }

  /** Metres as the crow flies. */
  metres([lonA, latA]: Point, [lonB, latB]: Point): number {
    return Math.hypot((lonB - lonA) * this.#perLongitude, (latB - latA) * metresPerDegree);
  }

  /**
   * The quickest way by street, from `from` to `to` with every bend between. Points beside the streets are joined to
   * them by the shortest line. Where no way leads, the straight line.
   */
  roadBetween(from: Point, to: Point): Point[] {
    const start = this.#footing(from);
    const end = this.#footing(to);
    if (!start || !end) return [from, to];
    const between = this.#crossings(start, end);
    if (!between) return [from, to];
    return withoutRepeats([from, start.at, ...between.map((node) => this.#nodes[node]!), end.at, to]);
  }

  #join(a: number, b: number, slow: number): void {
    const cost = slow * this.metres(this.#nodes[a]!, this.#nodes[b]!);
    this.#edges.push({ a, b, cost });
    this.#steps[a]!.push({ to: b, cost });
    this.#steps[b]!.push({ to: a, cost });
  }

  #footing(point: Point): Footing | undefined {
    let best: Footing | undefined;
    const [x, y] = [point[0] * this.#perLongitude, point[1] * metresPerDegree];
    for (const { a, b, cost } of this.#edges) {
      const [lonA, latA] = this.#nodes[a]!;
      const [lonB, latB] = this.#nodes[b]!;
      const [ax, ay] = [lonA * this.#perLongitude, latA * metresPerDegree];
      const [dx, dy] = [lonB * this.#perLongitude - ax, latB * metresPerDegree - ay];
      const along = Math.min(1, Math.max(0, ((x - ax) * dx + (y - ay) * dy) / (dx * dx + dy * dy || 1)));
      const metres = Math.hypot(ax + along * dx - x, ay + along * dy - y);
      if (best && metres >= best.metres) continue;
      const at: Point = [lonA + along * (lonB - lonA), latA + along * (latB - latA)];
      best = { at, a, b, fromA: along * cost, fromB: (1 - along) * cost, metres };
    }
    return best;
  }

  /** The crossings of the quickest way, by A*; undefined when no way leads there. */
  #crossings(start: Footing, end: Footing): number[] | undefined {
    const left = (node: number): number => this.metres(this.#nodes[node]!, end.at);
    const cost = new Map<number, number>([[start.a, start.fromA]]);
    const before = new Map<number, number>();
    const heap = new Heap();
    heap.push(start.a, start.fromA + left(start.a));
    if (start.fromB < (cost.get(start.b) ?? Infinity)) {
      cost.set(start.b, start.fromB);
      heap.push(start.b, start.fromB + left(start.b));
    }
    const done = new Set<number>();
    // On one stretch there is the direct way; it may still be the slower one.
    const direct = start.a === end.a && start.b === end.b;
    let best = direct ? Math.abs(start.fromA - end.fromA) : Infinity;
    let last: number | undefined;
    for (let next = heap.pop(); next && next.rank < best; next = heap.pop()) {
      const { node } = next;
      if (done.has(node)) continue;
      done.add(node);
      const here = cost.get(node)!;
      const rest = node === end.a ? end.fromA : node === end.b ? end.fromB : undefined;
      if (rest !== undefined && here + rest < best) [best, last] = [here + rest, node];
      for (const step of this.#steps[node]!) {
        const there = here + step.cost;
        if (there >= (cost.get(step.to) ?? Infinity)) continue;
        cost.set(step.to, there);
        before.set(step.to, node);
        heap.push(step.to, there + left(step.to));
      }
    }
    if (last === undefined) return direct ? [] : undefined;
    const way = [last];
    for (let node = before.get(last); node !== undefined; node = before.get(node)) way.push(node);
    return way.reverse();
  }
}

function withoutRepeats(line: readonly Point[]): Point[] {
  return line.filter(([lon, lat], i) => i === 0 || lon !== line[i - 1]![0] || lat !== line[i - 1]![1]);
}

/** The least rank first. */
class Heap {
  readonly #items: { node: number; rank: number }[] = [];

  push(node: number, rank: number): void {
    const items = this.#items;
    let at = items.push({ node, rank }) - 1;
    while (at > 0) {
      const up = (at - 1) >> 1;
      if (items[up]!.rank <= items[at]!.rank) return;
      [items[up], items[at]] = [items[at]!, items[up]!];
      at = up;
    }
  }

  pop(): { node: number; rank: number } | undefined {
    const items = this.#items;
    const top = items[0];
    const last = items.pop();
    if (top === undefined || last === undefined || items.length === 0) return top;
    items[0] = last;
    for (let at = 0; ;) {
      let least = at;
      for (const child of [2 * at + 1, 2 * at + 2]) {
        if (child < items.length && items[child]!.rank < items[least]!.rank) least = child;
      }
      if (least === at) return top;
      [items[least], items[at]] = [items[at]!, items[least]!];
      at = least;
    }
  }
}
