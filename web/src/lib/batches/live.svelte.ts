import { keyTitle } from '@opsboard/shared/keys/words';
import type { BatchInView } from '@opsboard/shared/batches/schema';
import { standsFor } from '@opsboard/shared/directory/stands-for';
import { app } from '#lib/app.ts';
import { clock } from '#lib/time/clock.svelte.ts';
import { zone } from '#lib/time/zone.svelte.ts';
import { breachedOf, byDue, figuresOf, type Figures } from './figures.ts';
import { ChangeLog, reordered, type Touched } from './live-order.ts';
import type { StoryContext } from './story.ts';

/** What became of batches since somebody last asked; undefined: begin afresh with all of them. */
export type FollowBatches = () => readonly Touched[] | undefined;

/** What every view of batches shares: the records in order, and what they add up to now. */
class LiveBatches {
  readonly #log = new ChangeLog<Touched>();
  readonly #next = this.follow();
  #order: readonly BatchInView[] = [];

  constructor() {
    app.onBatch((before, after) => this.#log.add({ before, after }));
  }

  /** Every batch in view, the nearest expected return date first. */
  readonly sorted: readonly BatchInView[] = $derived.by(() => {
    void app.version;
    const touched = this.#next();
    this.#order = touched ? reordered(this.#order, touched, byDue) : this.now();
    return this.#order;
  });

  /**
   * Every batch in the same order, as of this very moment: `sorted` may be one drawing behind. Whoever begins afresh
   * while following must begin with this, or what was touched in between is lost to them.
   */
  now(): BatchInView[] {
    return [...app.all('batch').values()].sort(byDue);
  }

  /** Past the expected return date and not completed, the longest over first. */
  readonly breached: readonly BatchInView[] = $derived(breachedOf(this.sorted, clock.shown));

  /** The counts at this second. */
  readonly figures: Figures = $derived(figuresOf(this.sorted, clock.shown, zone.name));

  /**
   * For whoever keeps something in step with the batches: each call gives what was touched since the call before. Read
   * `app.version` first.
   */
  follow(): FollowBatches {
    let table: unknown;
    let at = 0;
    return () => {
      const now: unknown = app.all('batch');
      // A snapshot replaces the table as a whole.
      const touched = now === table ? this.#log.since(at) : undefined;
      table = now;
      at = this.#log.end;
      return touched;
    };
  }
}

export const live = new LiveBatches();

/** The name of a record that a batch points at; a dash while it is not known. */
export function nameOf(kind: 'branch' | 'customer' | 'center' | 'person', id: string | undefined): string {
  void app.namesVersion;
  const name = id === undefined ? undefined : app.get(kind, id)?.name;
  // What people do, other systems do by their keys.
  return name ?? (kind === 'person' && id !== undefined ? keyName(id) : undefined) ?? '–';
}

/** The record that stands for one today, as a filter needs it that was written before two were merged. */
export const standIn = (kind: 'branch' | 'customer' | 'center', id: string): string => standsFor(app, kind, id);

/** What an API key is called where it did something; undefined when it is none that is known. */
export function keyName(id: string): string | undefined {
  const key = app.get('apiKey', id);
  return key && keyTitle(key.name);
}

/** The name of a batch's driver, if it has one. */
export function driverOf(batch: BatchInView): string | undefined {
  void app.namesVersion;
  return batch.driver === undefined ? undefined : app.get('person', batch.driver)?.name;
}

/** What stories of entries look up, as it is known now. */
export function storyContext(): StoryContext {
  void app.version;
  return {
    zone: zone.name,
    personName: (id) => app.get('person', id)?.name,
    batch: (id) => {
      const batch = app.get('batch', id);
      return (
        batch && {
          reference: batch.reference,
          center: app.get('center', batch.center)?.name,
          branch: app.get('branch', batch.branch)?.name,
          driver: batch.driver,
        }
      );
    },
    keyName,
    routeReference: (id) => app.get('route', id)?.reference,
    recordName: (kind, id) => app.get(kind, id)?.name,
  };
}

/**
 * The drivers who may take a batch, by name, each with how much they have as the list is asked for. It does not follow
 * each change of a batch: a menu that was made anew 60 times a second would answer nobody.
 */
export function drivers(): { value: string; label: string; hint: string }[] {
  void app.namesVersion;
  const load = new Map<string, number>();
  for (const batch of app.all('batch').values()) {
    if (batch.driver !== undefined && batch.status !== 'completed')
      load.set(batch.driver, (load.get(batch.driver) ?? 0) + 1);
  }
  return [...app.all('person').values()]
    .filter((person) => person.role === 'driver' && person.inactiveAt === undefined)
    .map(({ id, name }) => ({ value: id, label: name, hint: `${load.get(id) ?? 0} open` }))
    .toSorted((a, b) => a.label.localeCompare(b.label));
}

/** The records of a directory kind that may be chosen, by name. */
export function choices(kind: 'branch' | 'customer' | 'center'): { value: string; label: string }[] {
  void app.namesVersion;
  return [...app.all(kind).values()]
    .filter((record) => record.archivedAt === undefined)
    .map(({ id, name }) => ({ value: id, label: name }))
    .toSorted((a, b) => a.label.localeCompare(b.label));
}
