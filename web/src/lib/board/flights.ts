import { tick } from 'svelte';

/** Motion explains: a card flies from where it was to where it is. */

const MOVE_MS = 260;
const EASE = 'cubic-bezier(0.2, 0, 0, 1)';
/** More at once is a storm, not an explanation. */
const MOST = 6;

const still = (): boolean => matchMedia('(prefers-reduced-motion: reduce)').matches;

const cardOf = (root: HTMLElement, id: string): HTMLElement | null =>
  root.querySelector<HTMLElement>(`[data-card="${CSS.escape(id)}"]`);

/** Where a card is now, if it can be seen. */
function seenAt(root: HTMLElement, id: string): DOMRect | undefined {
  const card = cardOf(root, id);
  if (!card) return undefined;
  const box = card.getBoundingClientRect();
  const frame = (card.closest<HTMLElement>('[data-column]') ?? root).getBoundingClientRect();
  return box.bottom > frame.top && box.top < frame.bottom ? box : undefined;
}

/**
 * Flies pictures of cards from their old places to their new ones, above the columns, which would cut them off. A card
 * whose old or new place is not in sight appears where it is.
 */
function fly(
  root: HTMLElement,
  from: ReadonlyMap<string, DOMRect>,
  inTheAir: (id: string, flying: boolean) => void,
): void {
  if (still() || document.hidden) return;
  for (const [id, start] of [...from].slice(0, MOST)) {
    const end = seenAt(root, id);
    const card = cardOf(root, id);
    if (!end || !card) continue;
    if (Math.abs(end.left - start.left) < 2 && Math.abs(end.top - start.top) < 2) continue;
    const picture = card.cloneNode(true) as HTMLElement;
    picture.removeAttribute('data-card');
    picture.removeAttribute('id');
    picture.setAttribute('aria-hidden', 'true');
    picture.inert = true;
    Object.assign(picture.style, {
      position: 'fixed',
      left: `${end.left}px`,
      top: `${end.top}px`,
      width: `${end.width}px`,
      height: `${end.height}px`,
      margin: '0',
      zIndex: '20',
      pointerEvents: 'none',
      opacity: '1',
      boxShadow: 'var(--shadow-3)',
      transition: 'none',
    });
    root.append(picture);
    inTheAir(id, true);
    const land = (): void => {
      picture.remove();
      inTheAir(id, false);
    };
    const flight = picture.animate(
      [{ transform: `translate(${start.left - end.left}px, ${start.top - end.top}px)` }, { transform: 'none' }],
      { duration: MOVE_MS, easing: EASE },
    );
    flight.finished.then(land, land);
  }
}

/** What has to fly: where cards were, noted before they moved, until the page shows them where they are. */
export type Flights = {
  /** A card is about to move, and the page still shows it where it was. */
  from(id: string): void;
  /** A card was let go of at a point of the window: it flies from the hand, not from its old place. */
  letGo(id: string, point: { x: number; y: number }): void;
  /** What was let go of stays where it was: back from the hand. */
  back(id: string): void;
};

/** @param root the board, once it is on the page */
export function flights(root: () => HTMLElement | undefined, inTheAir: (id: string, flying: boolean) => void): Flights {
  let waiting: Map<string, DOMRect> | undefined;
  let hand: { id: string; rect: DOMRect } | undefined;
  return {
    from: (id) => {
      const board = root();
      if (!board || (waiting && waiting.size >= MOST)) return;
      const rect = hand?.id === id ? hand.rect : seenAt(board, id);
      if (hand?.id === id) hand = undefined;
      if (!rect) return;
      if (waiting) {
        waiting.set(id, rect);
        return;
      }
      const places = (waiting = new Map([[id, rect]]));
      void tick().then(() => {
        // The virtual columns place their cards one frame later.
        requestAnimationFrame(() => {
          waiting = undefined;
          const there = root();
          if (there) fly(there, places, inTheAir);
        });
      });
    },
    letGo: (id, point) => {
      const board = root();
      const { width, height } = (board && seenAt(board, id)) ?? { width: 200, height: 114 };
      hand = { id, rect: new DOMRect(point.x - width / 2, point.y - 24, width, height) };
    },
    back: (id) => {
      const board = root();
      if (board && hand?.id === id) fly(board, new Map([[id, hand.rect]]), inTheAir);
      hand = undefined;
    },
  };
}
