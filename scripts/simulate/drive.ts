import type { Point } from '@opsboard/shared/geo/distance';
import { distance } from '@opsboard/shared/geo/distance';

/** A drive along a line of streets: how far it has come, where that is and which way it goes. */
export class Drive {
  readonly metres: number;
  driven = 0;
  readonly #line: readonly Point[];
  /** Metres from the beginning to each point of the line. */
  readonly #along: readonly number[];

  /** @param line at least one point */
  constructor(line: readonly Point[]) {
    this.#line = line;
    let sum = 0;
    this.#along = line.map((point, i) => (sum += i === 0 ? 0 : distance(line[i - 1]!, point)));
    this.metres = sum;
  }

  get arrived(): boolean {
    return this.driven >= this.metres;
  }

  advance(metres: number): void {
    this.driven = Math.min(this.metres, this.driven + Math.max(0, metres));
  }

  get point(): Point {
    const i = this.#piece();
    const [from, to] = [this.#line[i]!, this.#line[i + 1]];
    if (!to) return from;
    const length = this.#along[i + 1]! - this.#along[i]!;
    const part = length === 0 ? 1 : (this.driven - this.#along[i]!) / length;
    return [from[0] + (to[0] - from[0]) * part, from[1] + (to[1] - from[1]) * part];
  }

  /** Degrees from north, clockwise. */
  get heading(): number {
    const i = Math.min(this.#piece(), this.#line.length - 2);
    const [from, to] = [this.#line[i], this.#line[i + 1]];
    if (!from || !to) return 0;
    const east = (to[0] - from[0]) * Math.cos((from[1] * Math.PI) / 180);
    const degrees = (Math.atan2(east, to[1] - from[1]) * 180) / Math.PI;
    return (degrees + 360) % 360;
  }

  /** The piece of the line that is being driven. */
  #piece(): number {
    const next = this.#along.findIndex((metres) => metres > this.driven);
    return next === -1 ? this.#line.length - 1 : Math.max(0, next - 1);
  }
}
