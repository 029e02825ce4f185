/** A rectangle on the screen, CSS pixels. */
export type Box = { left: number; top: number; right: number; bottom: number };

/** Keeps labels from being written over each other: who comes first has the room. */
export class Room {
  readonly #taken: Box[] = [];

  /** Takes a place if it is free. */
  take(box: Box): boolean {
    if (this.#taken.some((one) => overlap(one, box))) return false;
    this.#taken.push(box);
    return true;
  }

  /** Takes it whether it is free or not: what must be seen. */
  claim(box: Box): void {
    this.#taken.push(box);
  }
}

const overlap = (a: Box, b: Box): boolean =>
  a.left < b.right && b.left < a.right && a.top < b.bottom && b.top < a.bottom;
