import type { Point } from '@opsboard/shared/geo/distance';
import type { TrailPoint } from '@opsboard/shared/positions/schema';
import type { Route } from '@opsboard/shared/routes/schema';
import { call, type Result } from '#lib/socket/http.ts';
import type { Fix, Movements } from './marks.ts';

/** How much faster than it was a way is shown. */
export const speeds = [10, 30, 60, 120] as const;
/** How often the line of the way is drawn anew while it is shown, milliseconds. */
const lineEvery = 400;

/** Reads the whole way of a route, as far as it is kept; in pieces where it is long. */
export async function readTrail(route: string): Promise<Result<TrailPoint[]>> {
  const points: TrailPoint[] = [];
  for (let from: number | undefined; ;) {
    const query = from === undefined ? '' : `?from=${from}`;
    const piece = await call<{ points: TrailPoint[]; next?: number }>('GET', `/api/routes/${route}/trail${query}`);
    if (!piece.ok) return piece;
    points.push(...piece.value.points);
    from = piece.value.next;
    if (from === undefined) return { ok: true, value: points };
  }
}

const placeOf = ([, lon, lat]: TrailPoint): Point => [lon, lat];

/** Where somebody was at a moment: on the way between the two points around it. `points` holds at least one. */
export function fixAt(points: readonly TrailPoint[], at: number): Fix & { index: number } {
  let [low, high] = [0, points.length - 1];
  while (low < high) {
    const middle = Math.ceil((low + high) / 2);
    if (points[middle]![0] <= at) low = middle;
    else high = middle - 1;
  }
  const from = points[low]!;
  const to = points[low + 1] ?? from;
  const part = to[0] > from[0] ? Math.min(1, Math.max(0, (at - from[0]) / (to[0] - from[0]))) : 0;
  const point: Point = [from[1] + (to[1] - from[1]) * part, from[2] + (to[2] - from[2]) * part];
  const heading = to[3] ?? from[3] ?? undefined;
  return { at, point, index: low, ...(heading === undefined ? {} : { heading }) };
}

/** A way that was driven, shown again. The marks of the present are put away meanwhile. */
export class Replay {
  readonly route: Route;
  readonly driver: string;
  readonly points: readonly TrailPoint[];
  /** What is shown, milliseconds. */
  at = $state(0);
  playing = $state(false);
  speed = $state<number>(speeds[1]);
  /** Up to when the way is drawn as driven: a line is much more work for a map than a mark, and may lag behind it. */
  #line = $state(0);
  #drawn = 0;
  #follower: Parameters<Movements['follow']>[0] | undefined;
  #frame = 0;

  constructor(route: Route, driver: string, points: readonly TrailPoint[]) {
    this.route = route;
    this.driver = driver;
    this.points = points;
    this.at = this.#line = this.start;
  }

  get start(): number {
    return this.points[0]![0];
  }
  get end(): number {
    return this.points.at(-1)![0];
  }

  /** The way up to where it was last drawn. */
  get driven(): Point[] {
    const { point, index } = fixAt(this.points, this.#line);
    return [...this.points.slice(0, index + 1).map(placeOf), point];
  }
  /** The rest of it. */
  get ahead(): Point[] {
    const { point, index } = fixAt(this.points, this.#line);
    return [point, ...this.points.slice(index + 1).map(placeOf)];
  }

  /** For the map: one driver, where they were. */
  readonly movements: Movements = {
    now: () => this.at,
    each: (tell) => tell(this.driver, fixAt(this.points, this.at)),
    follow: (heard) => {
      this.#follower = heard;
      return () => (this.#follower = undefined);
    },
  };

  seek(at: number): void {
    this.at = Math.min(this.end, Math.max(this.start, at));
    const now = performance.now();
    if (!this.playing || this.at === this.end || now - this.#drawn > lineEvery) {
      this.#line = this.at;
      this.#drawn = now;
    }
    // Back is as good as forth: what comes is not older than what was.
    this.#follower?.gone(this.driver);
    this.#follower?.moved(this.driver, fixAt(this.points, this.at));
  }

  play(): void {
    if (this.at >= this.end) this.seek(this.start);
    this.playing = true;
    let last = performance.now();
    const frame = (now: number): void => {
      if (!this.playing) return;
      this.seek(this.at + (now - last) * this.speed);
      last = now;
      if (this.at >= this.end) this.playing = false;
      else this.#frame = requestAnimationFrame(frame);
    };
    this.#frame = requestAnimationFrame(frame);
  }

  pause(): void {
    this.playing = false;
    cancelAnimationFrame(this.#frame);
  }
}
