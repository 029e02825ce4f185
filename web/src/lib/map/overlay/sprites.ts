import type { Colours } from '../colours.ts';
import type { Pen } from './paint.ts';

/** Pictures of marks that have been drawn once: thousands of them a frame are copied, not drawn. */
export class Sprites {
  readonly #kept = new Map<string, HTMLCanvasElement>();
  readonly #half: number;
  readonly #ratio: number;
  readonly #colours: Colours;
  readonly #font: string;

  /**
   * @param half half the side of the largest picture, CSS pixels
   * @param ratio device pixels for a CSS pixel
   */
  constructor(half: number, ratio: number, colours: Colours, font: string) {
    this.#half = half;
    this.#ratio = ratio;
    this.#colours = colours;
    this.#font = font;
  }

  /** Draws the picture called `key` at a spot of `onto`, CSS pixels; makes it first where it is not there yet. */
  draw(onto: CanvasRenderingContext2D, key: string, x: number, y: number, paint: (pen: Pen) => void): void {
    let sprite = this.#kept.get(key);
    if (!sprite) {
      // Initials, headings and states multiply; a day at the map must not.
      if (this.#kept.size > 4_000) this.#kept.clear();
      sprite = document.createElement('canvas');
      sprite.width = sprite.height = Math.ceil(2 * this.#half * this.#ratio);
      const ctx = sprite.getContext('2d')!;
      ctx.setTransform(this.#ratio, 0, 0, this.#ratio, this.#half * this.#ratio, this.#half * this.#ratio);
      paint({ ctx, colours: this.#colours, font: this.#font });
      this.#kept.set(key, sprite);
    }
    onto.drawImage(sprite, x - this.#half, y - this.#half, 2 * this.#half, 2 * this.#half);
  }
}
