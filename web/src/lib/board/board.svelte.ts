import type { BatchInView } from '@opsboard/shared/batches/schema';
import type { Status } from '@opsboard/shared/batches/steps';

/** A card in a hand, whichever hand: where it would land. */
export type InHand = {
  batch: BatchInView;
  /** The column it is over; undefined while it is over none. */
  over: Status | undefined;
  by: 'pointer' | 'keys';
  /** The lane it is over, where the board has lanes; undefined while it is over none. */
  lane?: string | undefined;
};

/** More changes than this within a second: cards appear where they are, without gliding there. */
const storm = 12;
/** A hand that has not moved for this long, milliseconds, is not about to point at anything. */
const idleAfter = 60_000;

/** How long the board still keeps still after a card was let go, milliseconds. */
const landing = 150;

/** What is going on with the cards of one board. */
export class BoardState {
  #hand = $state.raw<InHand | undefined>(undefined);
  /**
   * The board keeps still for a card in a hand, and a moment longer: first the card lands, then everything else goes to
   * where it belongs by now.
   */
  still = $state(false);
  #release: ReturnType<typeof setTimeout> | undefined;
  /** What a card of two lines says below its reference: where lanes are customers, each says its center. */
  readonly second: 'customer' | 'center';
  /** The card that the keyboard is on. */
  focus = $state<string | undefined>(undefined);
  /** Cards that went back, outlined until the message about them is gone. */
  refused = $state.raw<ReadonlySet<string>>(new Set());
  /** Cards whose picture is in the air: the real one waits unseen. */
  flying = $state.raw<ReadonlySet<string>>(new Set());

  /** So much changes that motion would explain nothing. */
  storm = $state(false);
  /** Nobody has touched mouse, keys or screen for a while: nothing has to keep still for them. */
  idle = $state(false);
  /** Batches that this person has just moved: they do not wait to be shown. Changes with the batches, so it is plain. */
  readonly own = new Set<string>();
  /** Grows with each of their moves: what keeps still makes room for it. */
  acts = $state(0);
  #changes = 0;
  #touched = performance.now();

  constructor(second: 'customer' | 'center' = 'customer') {
    this.second = second;
  }

  get hand(): InHand | undefined {
    return this.#hand;
  }
  set hand(hand: InHand | undefined) {
    this.#hand = hand;
    clearTimeout(this.#release);
    if (hand) this.still = true;
    else this.#release = setTimeout(() => (this.still = false), landing);
  }

  /** A batch changed on screen. */
  changed(id: string, mine: boolean): void {
    if (mine) {
      this.own.add(id);
      this.acts++;
    } else this.own.delete(id);
    if (++this.#changes > storm) this.storm = true;
  }

  /** Somebody moved a hand. */
  touched(): void {
    this.#touched = performance.now();
    this.idle = false;
  }

  /** Called each second. */
  tick(): void {
    this.storm = this.#changes > storm;
    this.#changes = 0;
    this.idle = performance.now() - this.#touched > idleAfter;
  }

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
