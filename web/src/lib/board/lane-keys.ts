import type { BatchInView } from '@opsboard/shared/batches/schema';
import type { Status } from '@opsboard/shared/batches/steps';
import { tick } from 'svelte';
import { goto } from '$app/navigation';
import { app } from '#lib/app.ts';
import { plainKey } from '#lib/shell/keys.ts';
import { focusWhenThere } from '#lib/ui/focus-when-there.ts';
import type { BoardState } from './board.svelte.ts';
import type { Groups } from './groups.ts';
import type { laneHands } from './lane-hands.svelte.ts';
import { besides } from './places.ts';

/** A lane on the page, as its keys need it. */
export type LaneOnPage = {
  cards(status: Status): readonly BatchInView[];
  reveal(status: Status, id: string): void;
};

/** What the keyboard needs to know of a board with lanes. */
type LaneBoard = {
  board: BoardState;
  hands: () => ReturnType<typeof laneHands>;
  groups: () => Groups;
  lanes: () => readonly string[];
  columns: () => readonly Status[];
  ownLane: (batch: BatchInView) => string;
  onPage: (lane: string) => LaneOnPage | undefined;
  root: () => HTMLElement | undefined;
  unfold: (lane: string) => void;
  /** Brings a lane into sight. */
  show: (lane: string) => void;
};

/** The keyboard's way over a board with lanes: from card to card, lane to lane, column to column. */
export function laneKeys({ board, hands, groups, lanes, columns, ownLane, onPage, root, unfold, show }: LaneBoard) {
  const countIn = (lane: string, status: Status): number => groups().lanes.get(lane)?.[status].length ?? 0;
  function cardsIn(lane: string, status: Status): readonly BatchInView[] {
    return onPage(lane)?.cards(status) ?? groups().lanes.get(lane)?.[status] ?? [];
  }
  function find(
    id: string | undefined,
  ): { lane: string; status: Status; index: number; batch: BatchInView } | undefined {
    const batch = id === undefined ? undefined : app.get('batch', id);
    if (!batch) return undefined;
    const lane = ownLane(batch);
    const index = cardsIn(lane, batch.status).findIndex((one) => one.id === id);
    return index < 0 ? undefined : { lane, status: batch.status, index, batch };
  }

  async function focusCard(id: string | undefined): Promise<void> {
    const batch = id === undefined ? undefined : app.get('batch', id);
    if (!batch || id === undefined) return;
    const lane = ownLane(batch);
    board.focus = id;
    await tick();
    // Below the fold: whoever goes there wants to see it.
    if (onPage(lane) && !cardsIn(lane, batch.status).some((one) => one.id === id)) unfold(lane);
    if (!onPage(lane)) show(lane);
    // The lane, and in it the card, may only now be put on the page.
    const element = await focusWhenThere(() => {
      onPage(lane)?.reveal(batch.status, id);
      return root()?.querySelector<HTMLElement>(`[data-card="${CSS.escape(id)}"]`);
    }, 6);
    element?.scrollIntoView({ block: 'nearest' });
  }
  function go(lane: string, status: Status, index: number): void {
    const list = cardsIn(lane, status);
    const batch = list[Math.max(0, Math.min(index, list.length - 1))];
    if (batch) void focusCard(batch.id);
  }
  /** The nearest lane up or down that has cards in a column. */
  function laneBeside(lane: string, status: Status, step: -1 | 1): string | undefined {
    for (let i = lanes().indexOf(lane) + step; i >= 0 && i < lanes().length; i += step) {
      if (countIn(lanes()[i]!, status) > 0) return lanes()[i];
    }
    return undefined;
  }
  const moreIn = (lane: string, status: Status): HTMLElement | null =>
    root()?.querySelector<HTMLElement>(`[data-cell="${status}"][data-cell-lane="${CSS.escape(lane)}"] [data-more]`) ??
    null;

  /** A key on "8 more". */
  function onMore(event: KeyboardEvent, key: string, more: HTMLElement): void {
    const status = more.dataset['more'] as Status;
    const lane = more.closest<HTMLElement>('[data-cell-lane]')?.dataset['cellLane'] ?? '';
    if (key === 'ArrowUp') go(lane, status, Infinity);
    else if (key === 'ArrowDown') {
      const next = laneBeside(lane, status, 1);
      if (next === undefined) return;
      go(next, status, 0);
    } else if (key === 'Enter' || key === ' ') {
      const at = cardsIn(lane, status).length;
      unfold(lane);
      // The cell first takes the cards in.
      void tick().then(() => go(lane, status, at));
    } else return;
    event.preventDefault();
  }

  function onkeydown(event: KeyboardEvent): void {
    const key = plainKey(event);
    if (key === undefined || !(event.target instanceof HTMLElement)) return;
    if (board.hand?.by === 'keys') return hands().inHand(event, key);
    if (event.target.hasAttribute('data-more')) return onMore(event, key, event.target);
    const at = find(board.focus);
    if (!at || !event.target.hasAttribute('data-card')) return;
    const { lane, status, index, batch } = at;
    switch (key) {
      case 'ArrowDown': {
        const more = moreIn(lane, status);
        const next = laneBeside(lane, status, 1);
        if (index < cardsIn(lane, status).length - 1) go(lane, status, index + 1);
        else if (more) more.focus();
        else if (next !== undefined) go(next, status, 0);
        break;
      }
      case 'ArrowUp': {
        const next = laneBeside(lane, status, -1);
        if (index > 0) go(lane, status, index - 1);
        else if (next !== undefined) go(next, status, Infinity);
        break;
      }
      case 'PageDown':
      case 'PageUp': {
        const next = laneBeside(lane, status, key === 'PageDown' ? 1 : -1);
        if (next !== undefined) go(next, status, 0);
        break;
      }
      case 'Home':
      case 'End': {
        const all = lanes().filter((one) => countIn(one, status) > 0);
        const to = key === 'Home' ? all[0] : all.at(-1);
        if (to !== undefined) go(to, status, 0);
        break;
      }
      case 'ArrowLeft':
      case 'ArrowRight': {
        const step = key === 'ArrowLeft' ? -1 : 1;
        let to = besides(status, step);
        while (to && countIn(lane, to) === 0) to = besides(to, step);
        if (to && columns().includes(to)) go(lane, to, index);
        break;
      }
      case 'm':
      case ' ':
        hands().pickUp(batch);
        break;
      case 'Enter':
        void goto(`/operations/batches/${batch.id}`);
        break;
      default:
        return;
    }
    event.preventDefault();
  }

  return { focusCard, onkeydown };
}
