/** Motion explains: a card flies from where it was to where it is. */

const MOVE_MS = 260;
const EASE = 'cubic-bezier(0.2, 0, 0, 1)';
/** More at once is a storm, not an explanation. */
const MOST = 6;

const still = (): boolean => matchMedia('(prefers-reduced-motion: reduce)').matches;

const cardOf = (root: HTMLElement, id: string): HTMLElement | null =>
  root.querySelector<HTMLElement>(`[data-card="${CSS.escape(id)}"]`);

/** Where a card is now, if it can be seen. */
export function seenAt(root: HTMLElement, id: string): DOMRect | undefined {
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
export function fly(
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
