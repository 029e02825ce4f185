import type { BatchInView } from '@opsboard/shared/batches/schema';
import type { Status } from '@opsboard/shared/batches/steps';
import { app } from '#lib/app.ts';
import { clock } from '#lib/time/clock.svelte.ts';
import { SvelteMap } from 'svelte/reactivity';

/** A change stays marked this long, so that somebody who looked away still sees it. */
export const MARK_MS = 45_000;

/** A batch that has just come into a status. */
export type Arrival = { readonly id: string; readonly to: Status; readonly at: number };

/** Which records have just changed, and when. */
class Marks {
  readonly #at = new SvelteMap<string, number>();
  #arrivals = $state.raw<readonly Arrival[]>([]);

  /** The batches that came into a status while it is marked, the latest last. */
  arrivals(to: Status): readonly Arrival[] {
    return this.#arrivals.filter((arrival) => arrival.to === to && clock.now - arrival.at < MARK_MS);
  }

  /** Server time of the change, while it is marked. */
  of(id: string): number | undefined {
    const at = this.#at.get(id);
    return at !== undefined && clock.now - at < MARK_MS ? at : undefined;
  }

  /** Starts marking. Returns the stop. Called once, by the root layout. */
  start(): () => void {
    const stop = app.onChange((change) => {
      if (change.kind !== 'batch') return;
      const now = clock.exact();
      // After a cut line, changes arrive late: what is old by then is not news.
      const when = change.cause?.at ?? now;
      if (now - when > MARK_MS) return;
      this.#at.set(change.id, when);
      for (const [id, at] of this.#at) if (now - at > MARK_MS) this.#at.delete(id);
      const before = change.before as BatchInView | undefined;
      const after = change.after as BatchInView | undefined;
      if (!after || before?.status === after.status) return;
      const fresh = this.#arrivals.filter(({ id, at }) => id !== change.id && now - at < MARK_MS);
      this.#arrivals = [...fresh, { id: change.id, to: after.status, at: when }];
    });
    return stop;
  }
}

export const marks = new Marks();
