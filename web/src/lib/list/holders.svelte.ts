import { partIdPattern } from '@opsboard/shared/batches/steps';
import { app } from '#lib/app.ts';
import { call } from '#lib/socket/http.ts';

type Listed = { batches: { id: string }[] };

/**
 * Which of the batches on the boards hold a part. Clients hold no part lists, so the server is asked: for the part that
 * a list is narrowed to, or for words that have the form of a part ID.
 *
 * To be made where effects can be.
 *
 * @param part the part ID, or words; undefined asks nothing
 */
export class Holders {
  #ids = $state.raw<ReadonlySet<string> | undefined>(undefined);
  #part: string | undefined;

  constructor(part: () => string | undefined) {
    $effect(() => {
      const asked = part()?.trim().toUpperCase();
      this.#part = asked !== undefined && partIdPattern.test(asked) ? asked : undefined;
      this.#ids = undefined;
      void this.#ask();
      // Parts come and go with their number, and with batches.
      const stop = app.onChange((change) => {
        if (change.kind !== 'batch') return;
        const count = (record: object | undefined) => (record as { partCount?: number } | undefined)?.partCount;
        if (count(change.before) !== count(change.after)) void this.#ask();
      });
      return stop;
    });
  }

  /** Reactive; undefined while nothing is known. */
  get ids(): ReadonlySet<string> | undefined {
    return this.#ids;
  }

  async #ask(): Promise<void> {
    const part = this.#part;
    if (part === undefined) return;
    const answer = await call<Listed>('GET', `/api/batches?completed=all&part=${encodeURIComponent(part)}`);
    if (answer.ok && part === this.#part) this.#ids = new Set(answer.value.batches.map(({ id }) => id));
  }
}
