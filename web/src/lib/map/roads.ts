import type { City } from '@opsboard/shared/geo/city';
import type { Point } from '@opsboard/shared/geo/distance';
import { StreetGraph } from '@opsboard/shared/geo/streets';

/** How ways between places are drawn: along streets where we have any, else straight. */
export class Roads {
  readonly #graph: StreetGraph | undefined;
  readonly #known = new Map<string, readonly Point[]>();

  constructor(city: City | undefined) {
    this.#graph = city && new StreetGraph(city);
  }

  /** The line through all of these. */
  through(points: readonly Point[]): Point[] {
    return points.slice(1).flatMap((to, i) => {
      const way = this.#between(points[i]!, to);
      return i === 0 ? way : way.slice(1);
    });
  }

  #between(from: Point, to: Point): readonly Point[] {
    if (!this.#graph) return [from, to];
    const key = `${from.join()} ${to.join()}`;
    let way = this.#known.get(key);
    if (!way) {
      // Drivers move: what was the way from where they were a minute ago is of no use.
      if (this.#known.size > 2_000) this.#known.clear();
      way = this.#graph.roadBetween(from, to);
      this.#known.set(key, way);
    }
    return way;
  }
}
