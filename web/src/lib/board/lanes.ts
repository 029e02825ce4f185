import { statuses, type Status } from '@opsboard/shared/batches/steps';
import type { Lists } from './groups.ts';
import { passed } from './places.ts';

/** How a lane stands. */
export type LaneFigures = { readonly open: number; readonly breached: number; readonly today: number };

/** @param dayEnd the end of today in the organization's zone */
export function figuresOfLane(lists: Lists, now: number, dayEnd: number): LaneFigures {
  let [open, breached, today] = [0, 0, 0];
  for (const status of statuses) {
    if (status === 'completed') continue;
    open += lists[status].length;
    const over = passed(lists[status], now);
    breached += over;
    today += passed(lists[status], dayEnd) - over;
  }
  return { open, breached, today };
}

/** Worst first: most breached, then most due today, then most open; the name settles the rest. */
export function ranked(
  lanes: ReadonlyMap<string, Lists>,
  moment: { now: number; dayEnd: number },
  nameOf: (lane: string) => string,
): string[] {
  return [...lanes]
    .map(([lane, lists]) => ({ lane, name: nameOf(lane), ...figuresOfLane(lists, moment.now, moment.dayEnd) }))
    .filter(({ lane }) => statuses.some((status) => (lanes.get(lane)?.[status].length ?? 0) > 0))
    .toSorted((a, b) => b.breached - a.breached || b.today - a.today || b.open - a.open || a.name.localeCompare(b.name))
    .map(({ lane }) => lane);
}

/**
 * The order of lanes while somebody looks: as it was, new lanes at the end. Lanes must not swap places by themselves;
 * they are ranked anew when the page is opened, or when somebody asks.
 */
export function keptOrder(before: readonly string[], wanted: readonly string[]): readonly string[] {
  const there = new Set(before);
  const more = wanted.filter((lane) => !there.has(lane));
  return more.length === 0 ? before : [...before, ...more];
}

/** Rows of cards that a lane shows: at most so many, until it is unfolded; then so many, and the rest scrolls. */
export const FOLDED = { comfortable: 3, compact: 5 } as const;
export const UNFOLDED = { comfortable: 10, compact: 16 } as const;
/** Heights in a lane, pixels: a card, the gap under it, the line "8 more", and what the lane has around its cells. */
export const LANE = { comfortable: 44, compact: 28, gap: 4, more: 28, pad: 4, around: 17, least: 84 } as const;

/** What of a lane decides its height. */
export function laneRows(
  lists: Lists,
  size: 'comfortable' | 'compact',
  unfolded: boolean,
  shown: readonly Status[] = statuses,
): number {
  const most = Math.max(...shown.map((status) => lists[status].length));
  return Math.min(most, unfolded ? UNFOLDED[size] : FOLDED[size]);
}

/** The height of a lane with so many rows of cards, with what is around its cells. */
export function laneHeight(rows: number, size: 'comfortable' | 'compact'): number {
  return Math.max(LANE.least, rows * (LANE[size] + LANE.gap) + LANE.gap + LANE.more) + LANE.around;
}
