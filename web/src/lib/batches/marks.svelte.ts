import { app } from '#lib/app.ts';
import { clock } from '#lib/time/clock.svelte.ts';
import { SvelteMap } from 'svelte/reactivity';

/** A change stays marked this long, so that somebody who looked away still sees it. */
export const MARK_MS = 45_000;

/** Which records have just changed, and when. */
class Marks {
  readonly #at = new SvelteMap<string, number>();

  /** Server time of the change, while it is marked. */
  of(id: string): number | undefined {
    const at = this.#at.get(id);
    return at !== undefined && clock.now - at < MARK_MS ? at : undefined;
  }

  /** Starts marking. Returns the stop. Called once, by the root layout. */
  start(): () => void {
    const stop = app.onChange((change) => {
      if (change.kind !== 'batch') return;
      this.#at.set(change.id, clock.exact());
      for (const [id, at] of this.#at) if (clock.exact() - at > MARK_MS) this.#at.delete(id);
    });
    return stop;
  }
}

export const marks = new Marks();
