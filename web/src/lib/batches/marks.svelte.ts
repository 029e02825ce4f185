import type { BatchInView } from '@opsboard/shared/batches/schema';
import type { Status } from '@opsboard/shared/batches/steps';
import { app } from '#lib/app.ts';
import { clock } from '#lib/time/clock.svelte.ts';

/** A change stays marked this long, so that somebody who looked away still sees it. */
export const MARK_MS = 45_000;

/** A batch that has just come into a status. */
export type Arrival = { readonly id: string; readonly to: Status; readonly at: number };

/** Which records have just changed, and when. */
class Marks {
  /** By id, the longest ago first. Plain: at 200 changes a second, telling every card of every mark costs too much. */
  readonly #at = new Map<string, number>();
  readonly #arrivals = new Map<string, Arrival>();
  #arrived = $state(0);

  /** The batches that came into a status while it is marked, the latest last. */
  arrivals(to: Status): readonly Arrival[] {
    void this.#arrived;
    return [...this.#arrivals.values()].filter((arrival) => arrival.to === to && clock.now - arrival.at < MARK_MS);
  }

  /**
   * Server time of the change, while it is marked. Only the clock is reactive: whoever shows a record reads it again
   * when the record is another one, and that is when the mark is.
   */
  of(id: string): number | undefined {
    const { now } = clock;
    const at = this.#at.get(id);
    return at !== undefined && now - at < MARK_MS ? at : undefined;
  }

  /** Starts marking. Returns the stop. Called once, by the root layout. */
  start(): () => void {
    const stop = app.onChange((change) => {
      if (change.kind !== 'batch') return;
      const now = clock.exact();
      // After a cut line, changes arrive late: what is old by then is not news.
      const when = change.cause?.at ?? now;
      if (now - when > MARK_MS) return;
      this.#at.delete(change.id);
      this.#at.set(change.id, when);
      for (const [id, at] of this.#at) {
        if (now - at <= MARK_MS) break;
        this.#at.delete(id);
      }
      const before = change.before as BatchInView | undefined;
      const after = change.after as BatchInView | undefined;
      if (!after || before?.status === after.status) return;
      this.#arrivals.delete(change.id);
      this.#arrivals.set(change.id, { id: change.id, to: after.status, at: when });
      for (const [id, { at }] of this.#arrivals) {
        if (now - at <= MARK_MS) break;
        this.#arrivals.delete(id);
      }
      this.#arrived++;
    });
    return stop;
  }
}

export const marks = new Marks();
