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

/** Where the words of a mark are written: how far their middle is to the right of it, and their upper edge below it. */
export type Spot = { right: number; top: number };

/**
 * The first spot around a mark that is free: below, above, at its right, at its left; those that would run off the screen
 * come last.
 *
 * @param size half the mark's side, pixels
 * @param words half their width, and their height
 * @param width of the screen, pixels
 */
export function spotFor(
  room: Room,
  mark: { x: number; y: number; size: number },
  words: { half: number; height: number },
  width: number,
): Spot | undefined {
  const { x, y, size } = mark;
  const { half, height } = words;
  const spots: Spot[] = [
    { right: 0, top: size + 4 },
    { right: 0, top: -size - 4 - height },
    { right: size + 4 + half, top: -height / 2 },
    { right: -size - 4 - half, top: -height / 2 },
  ];
  const off = ({ right }: Spot): number => (x + right < half || x + right > width - half ? 1 : 0);
  return spots
    .toSorted((a, b) => off(a) - off(b))
    .find(({ right, top }) =>
      room.take({ left: x + right - half, right: x + right + half, top: y + top, bottom: y + top + height }),
    );
}
