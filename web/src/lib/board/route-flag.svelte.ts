import type { BatchInView } from '@opsboard/shared/batches/schema';
import type { Component } from 'svelte';
import { app } from '#lib/app.ts';

/** What flags cards for what went wrong on their routes; nothing while there is no route. */
class RouteFlag {
  view = $state.raw<Component<{ batch: BatchInView }> | undefined>(undefined);

  /** Fetches it when there is a route to look at. Called once, by the board, while it is set up. */
  follow(): void {
    $effect(() => {
      void app.namesVersion;
      if (this.view || app.all('route').size === 0) return;
      void import('#lib/routes/RouteFlag.svelte').then(
        (module) => (this.view = module.default),
        () => undefined,
      );
    });
  }
}

export const routeFlag = new RouteFlag();
