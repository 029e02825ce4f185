import { flat } from './projection.ts';
import type { Fix } from '../marks.ts';

/** A leap farther than this, or after a longer silence, is not drawn as a drive: nobody knows the way between. */
const leap = 1_500 / 40_075_000;
const silence = 60_000;
/** A way between two positions is driven on screen in about the time it took, milliseconds. */
const shortest = 300;
const longest = 4_000;

/**
 * Somebody who moves: drawn on the way from where they were shown to where they are known to be, so that a position
 * each second looks like driving.
 */
export class Mover {
  readonly id: string;
  at = 0;
  heading: number | undefined;
  /** Where from and to, web Mercator, and when the way between began and how long it takes, page milliseconds. */
  fromX = 0;
  fromY = 0;
  toX = 0;
  toY = 0;
  began = 0;
  takes = 0;
  /** On which side of a place it is drawn while it is there, radians. */
  aside = Math.PI;
  /** Where it is drawn now. */
  x = 0;
  y = 0;

  constructor(id: string) {
    this.id = id;
  }

  /**
   * A new position; an older one than the last is ignored.
   *
   * @param now page milliseconds
   * @param still whether it jumps there, for people who asked for less motion
   */
  moveTo(fix: Fix, now: number, still: boolean): void {
    if (this.at > 0 && fix.at <= this.at) return;
    const { x, y } = flat(fix.point);
    const since = fix.at - this.at;
    const jumps = still || this.at === 0 || since > silence || Math.hypot(x - this.toX, y - this.toY) > leap;
    this.place(now);
    [this.fromX, this.fromY] = jumps ? [x, y] : [this.x, this.y];
    [this.toX, this.toY] = [x, y];
    this.began = now;
    this.takes = jumps ? 0 : Math.min(longest, Math.max(shortest, since));
    this.at = fix.at;
    if (fix.heading !== undefined) this.heading = fix.heading;
    this.place(now);
  }

  /** Sets `x` and `y` to where it is at `now`; whether it is still on its way. */
  place(now: number): boolean {
    const part = this.takes === 0 ? 1 : (now - this.began) / this.takes;
    if (part >= 1) {
      [this.x, this.y] = [this.toX, this.toY];
      return false;
    }
    this.x = this.fromX + (this.toX - this.fromX) * part;
    this.y = this.fromY + (this.toY - this.fromY) * part;
    return true;
  }

  /** How fast it goes over the earth, web Mercator units a millisecond. */
  get pace(): number {
    return this.takes === 0 ? 0 : Math.hypot(this.toX - this.fromX, this.toY - this.fromY) / this.takes;
  }
}
