import type { BatchInView } from '@opsboard/shared/batches/schema';
import type { Batch } from '@opsboard/shared/batches/schema';
import { expectedCount } from '@opsboard/shared/batches/steps';
import { arrivals } from '@opsboard/shared/routes/arrival';
import type { Route, Stop } from '@opsboard/shared/routes/schema';
import { app } from '#lib/app.ts';
import { clock } from '#lib/time/clock.svelte.ts';
import { dayKey } from '#lib/time/format.ts';
import { zone } from '#lib/time/zone.svelte.ts';
import { phonePosition } from './position.svelte.ts';
import { driversDay, type DriversDay } from './progress.ts';
import type { Named } from './words.ts';

/** A place as the driver is told of it. */
export type Place = { name: string; address?: string; phone?: string; position?: readonly [number, number] };

/** The driver's routes, and what the ids on them stand for. */
class Day {
  /** The organization's calendar day. */
  readonly today: string = $derived(dayKey(clock.now, zone.name));

  readonly routes: DriversDay = $derived.by(() => {
    void app.version;
    return driversDay(app.all('route').values() as Iterable<Route>, app.session.me?.id ?? '', this.today);
  });

  /** When each stop of a route is expected to be reached, by id. To the minute: what is shown does not tremble. */
  arrivals(route: Route): ReturnType<typeof arrivals> {
    const branch = app.get('branch', route.branch);
    const { point } = phonePosition;
    return arrivals(route, {
      now: Math.floor(clock.now / 60_000) * 60_000,
      ...(point ? { position: point } : {}),
      ...(branch?.position ? { start: branch.position } : {}),
    });
  }

  route(id: string): Route | undefined {
    void app.version;
    return app.get('route', id) as Route | undefined;
  }

  batch(id: string): BatchInView | undefined {
    void app.version;
    return app.get('batch', id);
  }

  /** The part list of a batch, where the phone has it. */
  parts(id: string): Batch['parts'] | undefined {
    return (this.batch(id) as Partial<Pick<Batch, 'parts'>> | undefined)?.parts;
  }

  /** What the driver is told of a stop's place: as it was planned, else by the name in the directory. */
  place(route: Route, id: string): Place {
    const known = route.places?.[id];
    if (known) return known as Place;
    void app.namesVersion;
    const at: Stop['place'] | undefined = route.stops[id]?.place;
    const entry = at && app.get(at.kind, at.id);
    return { name: entry?.name ?? 'A place that is not known' };
  }

  customer(batch: BatchInView): string {
    void app.namesVersion;
    return app.get('customer', batch.customer)?.name ?? '';
  }

  /** For sentences. */
  readonly named: Named = {
    reference: (batch) => this.batch(batch)?.reference ?? 'A batch',
    place: (route, stop) => {
      const found = this.route(route);
      return found ? this.place(found, stop).name : 'a stop';
    },
    parts: (id) => {
      const batch = this.batch(id);
      return batch && expectedCount(batch);
    },
  };
}

export const day = new Day();
