import { app } from '#lib/app.ts';
import { clock } from '#lib/time/clock.svelte.ts';
import { queue } from './queue.svelte.ts';

/** Quicker than this nobody is told: most actions are answered at once, most pages have their line in a second. */
const patience = 2_500;

/** How a phone stands to the server: in step, or what keeps it from that. */
export type Standing = 'in_step' | 'offline' | 'signed_out' | 'sending';

class Step {
  /** Since when it has not been so, by the server's clock. */
  #since = $state<{ standing: Standing; at: number }>({ standing: 'in_step', at: 0 });

  readonly #now: Standing = $derived.by(() => {
    if (app.session.state === 'expired') return 'signed_out';
    if (queue.line === 'offline' || queue.line === 'stale') return 'offline';
    return queue.waiting.length > 0 ? 'sending' : 'in_step';
  });

  /** What is told: what has just begun, and may be over in a moment, is not. */
  readonly standing: Standing = $derived.by(() => {
    const now = this.#now;
    if (now === 'signed_out' || now === 'in_step') return now;
    // The network is gone as a whole: the phone itself says so.
    if (now === 'offline' && !navigator.onLine) return now;
    return this.#since.standing === now && clock.now - this.#since.at >= patience ? now : 'in_step';
  });

  /** Follows the line and what waits. Called once, while the layout of the driver's pages is set up. */
  follow(): void {
    $effect(() => {
      this.#since = { standing: this.#now, at: clock.exact() };
    });
  }
}

export const step = new Step();
