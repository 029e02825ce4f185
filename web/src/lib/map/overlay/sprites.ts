import type { Colours } from '../colours.ts';
import type { Pen } from './paint.ts';

/** Pictures of marks that have been drawn once: thousands of them a frame are copied, not drawn. */
export class Sprites {
  readonly #kept = new Map<string, ImageBitmap>();
  readonly #half: number;
  readonly #ratio: number;
  readonly #colours: Colours;
  readonly #font: string;
  readonly #snapped: boolean;

  /**
   * @param half half the side of the largest picture, CSS pixels
   * @param ratio device pixels for a CSS pixel
   * @param snapped whether they are drawn at whole device pixels, where copying costs a fraction
   */
  constructor(half: number, ratio: number, colours: Colours, font: string, snapped = false) {
    this.#half = half;
    this.#ratio = ratio;
    this.#colours = colours;
    this.#font = font;
    this.#snapped = snapped;
  }

  /** Draws the picture called `key` at a spot of `onto`, CSS pixels; makes it first where it is not there yet. */
  draw(onto: Pen['ctx'], key: string, x: number, y: number, paint: (pen: Pen) => void): void {
    let sprite = this.#kept.get(key);
    if (!sprite) {
      // Initials, headings and states multiply; a day at the map must not.
      if (this.#kept.size > 4_000) this.#kept.clear();
      const side = Math.ceil(2 * this.#half * this.#ratio);
      const canvas = new OffscreenCanvas(side, side);
      const ctx = canvas.getContext('2d')!;
      ctx.setTransform(this.#ratio, 0, 0, this.#ratio, this.#half * this.#ratio, this.#half * this.#ratio);
      paint({ ctx, colours: this.#colours, font: this.#font });
      // A canvas would be looked at anew each time that it is copied: it could have changed.
      sprite = canvas.transferToImageBitmap();
      this.#kept.set(key, sprite);
    }
    const side = sprite.width / this.#ratio;
    const [left, top] = [x - this.#half, y - this.#half];
    if (this.#snapped) onto.drawImage(sprite, this.#whole(left), this.#whole(top), side, side);
    else onto.drawImage(sprite, left, top, side, side);
  }

  #whole(pixels: number): number {
    return Math.round(pixels * this.#ratio) / this.#ratio;
  }
}
