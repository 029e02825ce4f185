/** What waits behind a list whose rows are kept in their places. */
export type Waiting = {
  /** Rows that belong to the list and are not shown yet. */
  readonly fresh: number;
  /** Whether rows that are shown would stand elsewhere, or not be there, by now. */
  readonly moved: boolean;
};

export const nothingWaits: Waiting = { fresh: 0, moved: false };

type Row = { readonly id: string };

/**
 * What would change if a list were shown as it is now. Whoever points at a row, or stands on it with the keyboard, must
 * not find another one there a moment later: until they leave, rows keep their places.
 */
export function waitingOf(shown: readonly Row[], now: readonly Row[]): Waiting {
  if (shown === now) return nothingWaits;
  const places = new Map(shown.map(({ id }, at) => [id, at]));
  let fresh = 0;
  let last = -1;
  let ordered = true;
  for (const { id } of now) {
    const at = places.get(id);
    if (at === undefined) {
      fresh++;
      continue;
    }
    if (at < last) ordered = false;
    last = at;
  }
  const gone = shown.length > now.length - fresh;
  return { fresh, moved: !ordered || gone };
}

/** "3 new", "3 new, order changed"; empty when nothing waits. */
export function waitingWords({ fresh, moved }: Waiting): string {
  return [fresh > 0 ? `${fresh} new` : '', moved ? 'order changed' : ''].filter(Boolean).join(', ').replace(/^o/, 'O');
}
