import { untrack } from 'svelte';
import { app } from '#lib/app.ts';

/** Up to so many records a list is put in order anew with every change; beyond, a few times a second. */
const small = 1_000;
const pause = 250;

/**
 * The version of the records, for work that grows with their number. It follows `app.version`, at once while there are
 * few records and no more than four times a second when there are many: two hundred changes a second must not have a
 * list of 10,000 put in order two hundred times. Rows themselves show every change at once.
 *
 * To be made where effects can be.
 */
export class PacedVersion {
  #version = $state(0);
  #timer: ReturnType<typeof setTimeout> | undefined;

  constructor() {
    $effect.pre(() => {
      void app.version;
      untrack(() => {
        if (app.all('batch').size <= small || this.#version === 0) return this.#now();
        this.#timer ??= setTimeout(() => this.#now(), pause);
      });
    });
    $effect(() => () => clearTimeout(this.#timer));
  }

  /** Reactive. */
  get version(): number {
    return this.#version;
  }

  #now(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    this.#version++;
  }
}
