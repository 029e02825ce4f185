import type { Status } from '@opsboard/shared/batches/steps';
import type { Attachment } from 'svelte/attachments';
import type * as Dragging from './dragging.ts';

/** Where a card can be dropped: a column, and where the board has lanes, the cell of one. */
export type Target = { readonly status: Status; readonly lane: string | undefined };

/** What is heard of a drag. */
export type Drags = {
  start(batch: string): void;
  over(target: Target | undefined): void;
  /** `target` undefined: let go beside the columns. `point` is where, in the window. */
  drop(batch: string, target: Target | undefined, point: { x: number; y: number }): void;
};

/**
 * What drags cards is fetched when a pointer first moves over the page: a board that is read, or gone through by keys,
 * never needs it.
 */
const fetchLibrary = async (...signs: ('pointermove' | 'pointerdown')[]): Promise<typeof Dragging> => {
  await new Promise<void>((resolve) => {
    for (const sign of signs) addEventListener(sign, () => resolve(), { once: true, passive: true });
  });
  // Where the line is cut, the next press tries again.
  return import('./dragging.ts').catch(() => fetchLibrary('pointerdown'));
};
const library = fetchLibrary('pointermove', 'pointerdown');

/** Does something with the library when it is here, and ends it when asked to, also before. */
function withLibrary(begin: (given: typeof Dragging) => () => void): () => void {
  let end: (() => void) | undefined;
  let over = false;
  void library.then((given) => {
    if (!over) end = begin(given);
  });
  return () => {
    over = true;
    end?.();
  };
}

/** Makes an element a card that can be dragged. */
export const card =
  (id: string, enabled: () => boolean): Attachment<HTMLElement> =>
  (element) =>
    withLibrary((given) => given.card(element, id, enabled));

/** Makes an element a place that cards are dropped on. */
export const column =
  (status: Status, lane?: string): Attachment<HTMLElement> =>
  (element) =>
    withLibrary((given) => given.column(element, { status, lane }));

/** Follows every drag of a card; returns the stop. */
export const followDrags = (on: Drags): (() => void) => withLibrary((given) => given.followDrags(on));
