import { tick } from 'svelte';

/**
 * Moves the focus to what may only now be put on the page, as a row that is scrolled to; gives up after some frames.
 *
 * @param find looked up anew after each frame
 * @returns what has the focus now
 */
export async function focusWhenThere(
  find: () => HTMLElement | null | undefined,
  frames = 4,
): Promise<HTMLElement | undefined> {
  for (let frame = 0; frame < frames; frame++) {
    await tick();
    const element = find();
    if (element) {
      element.focus({ preventScroll: true });
      return element;
    }
    await new Promise(requestAnimationFrame);
  }
  return undefined;
}
