import { matcher } from '@opsboard/shared/batches/filter';
import { sortBatches } from '@opsboard/shared/batches/sort';
import { untrack } from 'svelte';
import { live, nameOf, standIn } from '#lib/batches/live.svelte.ts';
import { clock } from '#lib/time/clock.svelte.ts';
import { zone } from '#lib/time/zone.svelte.ts';
import type { ListAsked } from './asked.svelte.ts';
import { Holders } from './holders.svelte.ts';
import { PacedVersion } from './paced.svelte.ts';

const nobody: ReadonlySet<string> = new Set();

/** The batches on the boards that a list shows, in its order. To be made where effects can be. */
export class FoundBatches {
  readonly #asked: ListAsked;
  readonly #paced = new PacedVersion();
  readonly #ofWords: Holders;
  readonly #ofPart: Holders;

  constructor(asked: ListAsked) {
    this.#asked = asked;
    this.#ofWords = new Holders(() => (asked.archived ? undefined : asked.filter.q));
    this.#ofPart = new Holders(() => (asked.archived ? undefined : asked.filter.part));
  }

  /** Only what a second can change is looked at each second; the rest waits for the minute. */
  readonly #moment = $derived.by(() => {
    const { filter, sort } = this.#asked;
    const bySecond = filter.sla.length > 0 || filter.due !== undefined || sort.field === 'sla';
    return bySecond ? clock.shown : Math.floor(clock.shown / 60_000) * 60_000;
  });

  readonly list = $derived.by(() => {
    void this.#paced.version;
    const { filter, sort } = this.#asked;
    const now = this.#moment;
    const part = filter.part === undefined ? undefined : (this.#ofPart.ids ?? nobody);
    const q = this.#ofWords.ids;
    const context = {
      now,
      zone: zone.name,
      nameOf,
      standsFor: standIn,
      holders: { ...(part ? { part } : {}), ...(q ? { q } : {}) },
    };
    // Names are looked up in here: each look would follow every change by itself, at its own pace.
    return untrack(() => sortBatches(live.sorted.filter(matcher(filter, context)), sort, { now, nameOf }));
  });
}
