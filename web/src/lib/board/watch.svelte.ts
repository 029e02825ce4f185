import type { BatchInView } from '@opsboard/shared/batches/schema';
import { tick, untrack } from 'svelte';
import { app } from '#lib/app.ts';
import { clock } from '#lib/time/clock.svelte.ts';
import type { BoardState } from './board.svelte.ts';
import { flights, type Flights } from './flights.ts';

/**
 * What every board does as batches change: cards fly to where they went, the focus goes with its card, and the board
 * knows how busy it is. Called while the board is set up.
 *
 * @param root the board, once it is on the page
 * @param focus puts the focus on a card that has gone elsewhere
 */
export function watchBoard(
  board: BoardState,
  root: () => HTMLElement | undefined,
  focus: (id: string) => void,
): Flights {
  const flying = flights(root, (id, inTheAir) => board.setFlying(id, inTheAir));
  $effect(() =>
    app.onChange((change) => {
      if (change.kind !== 'batch') return;
      board.changed(change.id, change.mine);
      const before = change.before as BatchInView | undefined;
      const after = change.after as BatchInView | undefined;
      if (!before || !after || (before.status === after.status && before.driver === after.driver)) return;
      // The page still shows the card where it was: whoever was on it goes with it.
      const active = document.activeElement;
      if (active instanceof HTMLElement && active.dataset['card'] === change.id && root()?.contains(active)) {
        // A busy page shows it with its next drawing.
        requestAnimationFrame(() => void tick().then(() => focus(change.id)));
      }
      if (change.mine || !board.storm) flying.from(change.id);
    }),
  );
  $effect(() => {
    void clock.now;
    untrack(() => board.tick());
  });
  return flying;
}
