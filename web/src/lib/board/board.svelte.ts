import type { BatchInView } from '@opsboard/shared/batches/schema';
import type { Status } from '@opsboard/shared/batches/steps';

/** A card in a hand, whichever hand: where it would land. */
export type InHand = {
  batch: BatchInView;
  /** The column it is over; undefined while it is over none. */
  over: Status | undefined;
  by: 'pointer' | 'keys';
};

/** What is going on with the cards of one board. */
export class BoardState {
  hand = $state.raw<InHand | undefined>(undefined);
  /** The card that the keyboard is on. */
  focus = $state<string | undefined>(undefined);
  /** Cards that went back, outlined until the message about them is gone. */
  refused = $state.raw<ReadonlySet<string>>(new Set());
  /** Cards whose picture is in the air: the real one waits unseen. */
  flying = $state.raw<ReadonlySet<string>>(new Set());

  markRefused(id: string, on: boolean): void {
    const next = new Set(this.refused);
    if (on) next.add(id);
    else next.delete(id);
    this.refused = next;
  }

  setFlying(id: string, on: boolean): void {
    const next = new Set(this.flying);
    if (on) next.add(id);
    else next.delete(id);
    this.flying = next;
  }
}
