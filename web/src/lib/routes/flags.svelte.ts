import type { BatchInView } from '@opsboard/shared/batches/schema';
import type { Route } from '@opsboard/shared/routes/schema';
import { app } from '#lib/app.ts';
import { flagsOf } from './flags.ts';

/** What is wrong with batches on their routes, for the board. */
class RouteFlags {
  readonly #all = $derived.by(() => {
    void app.namesVersion;
    return flagsOf(app.all('route').values() as Iterable<Route>);
  });

  /** In words; undefined: nothing that a desk has to look at. */
  of(batch: BatchInView): string | undefined {
    const flag = this.#all.get(batch.id);
    // What was counted wrong at a step is old news once the batch has gone on.
    return flag && (flag.of === 'problem' || flag.at >= batch.since) ? flag.words : undefined;
  }
}

export const routeFlags = new RouteFlags();
