/** Somebody who may stand at a place; `aside` is the side on which they are drawn there, radians. */
export type Standing = { aside: number };

/** So far apart two marks can both be read, pixels. */
export const apart = 28;
/** Nearer than this, which side of a place somebody is on is chance: the side where they were last is kept. */
const chance = 3;

/**
 * Where a mark is drawn that would lie on a place's: at its rim, on the side from which it came. A driver at a stop
 * would hide the stop, and the stop's sign would look like the driver's.
 *
 * @param x where the driver is, CSS pixels from the left; `y` from the top
 * @param places the middles of the places' marks
 */
export function beside(
  who: Standing,
  x: number,
  y: number,
  places: readonly { x: number; y: number }[],
): { x: number; y: number } {
  let nearest: { x: number; y: number } | undefined;
  let away = apart;
  for (const place of places) {
    if (Math.abs(place.x - x) >= away || Math.abs(place.y - y) >= away) continue;
    const distance = Math.hypot(place.x - x, place.y - y);
    if (distance < away) [nearest, away] = [place, distance];
  }
  if (!nearest) return { x, y };
  if (away > chance) who.aside = Math.atan2(y - nearest.y, x - nearest.x);
  return { x: nearest.x + apart * Math.cos(who.aside), y: nearest.y + apart * Math.sin(who.aside) };
}
