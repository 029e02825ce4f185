import { planChanges, planChangeWords } from '@opsboard/shared/routes/changes';
import type { Route, Stop } from '@opsboard/shared/routes/schema';
import { untrack } from 'svelte';
import { app } from '#lib/app.ts';
import { day } from './day.svelte.ts';

/** A route's plan as the driver knows it, with the names that may be gone by the time a change is told. */
type Known = Pick<Route, 'plan' | 'order'> &
  Partial<Pick<Route, 'startAt' | 'vehicle'>> & {
    day: string;
    driver?: string;
    stops: { [id: string]: Stop };
    places: { [stop: string]: string };
    references: { [batch: string]: string };
  };

const key = 'opsboard.drive.plans';

/** The plans that the driver knows: what a desk changes since is told until the driver has seen it. */
class Plans {
  #known = $state.raw<{ readonly [route: string]: Known }>(read());

  /** What changed since the driver saw the plan last, as sentences; undefined: nothing. */
  changesOf(route: Route): readonly string[] | undefined {
    const known = this.#known[route.id];
    const behind = (route.acknowledged?.plan ?? route.plan) < route.plan;
    // A phone that was not there when it changed knows no more than that.
    if (!known) return behind ? ['It was changed before this phone had it. Look at the stops.'] : undefined;
    if (route.status !== 'planned' && route.status !== 'under_way') return undefined;
    const names = {
      place: (stop: string) => (route.stops[stop] ? day.place(route, stop).name : (known.places[stop] ?? 'A stop')),
      batch: (id: string) => day.batch(id)?.reference ?? known.references[id] ?? 'a batch',
    };
    const words = planChanges(known as Parameters<typeof planChanges>[0], route)
      // Within one plan stops change by what the driver does: what was to be fetched at a skipped stop is not delivered.
      .filter((change) => known.plan < route.plan || !('stop' in change))
      .map((change) => planChangeWords(change, names));
    if (words.length > 0) return words;
    return known.plan < route.plan && behind ? ['The stops are as you knew them.'] : undefined;
  }

  /** The driver has seen the plan as it is now. */
  seen(route: Route): void {
    this.#keep({ ...this.#known, [route.id]: knownOf(route) });
  }

  /** Remembers routes as they are first shown, and forgets those that are gone. Called once, while a page is set up. */
  follow(): void {
    $effect(() => {
      const { current, today, later } = day.routes;
      const routes = [...(current ? [current] : []), ...today, ...later];
      untrack(() => {
        if (!app.loaded) return;
        const known = Object.fromEntries(
          routes.flatMap((route): [string, Known][] => {
            const before = this.#known[route.id];
            if (before && before.plan >= route.plan) {
              const { stops, order, places } = knownOf(route);
              return [[route.id, { ...before, stops, order, places: { ...before.places, ...places } }]];
            }
            // Seen on another phone, or never before on this one.
            const unseen = (route.acknowledged?.plan ?? route.plan) < route.plan;
            if (before && (unseen || route.acknowledged === undefined)) return [[route.id, before]];
            return unseen ? [] : [[route.id, knownOf(route)]];
          }),
        );
        if (JSON.stringify(known) !== JSON.stringify(this.#known)) this.#keep(known);
      });
    });
  }

  /** Nobody is signed in here any more. */
  forget(): void {
    this.#keep({});
  }

  #keep(known: { readonly [route: string]: Known }): void {
    this.#known = known;
    try {
      if (Object.keys(known).length === 0) localStorage.removeItem(key);
      else localStorage.setItem(key, JSON.stringify(known));
    } catch {
      // A change is then told only to whoever has the page open.
    }
  }
}

function knownOf(route: Route): Known {
  const { plan, order, startAt, vehicle, driver, stops } = route;
  const references: { [batch: string]: string } = {};
  for (const { pickUp, handOver } of Object.values(stops)) {
    for (const id of [...pickUp, ...handOver]) {
      const reference = day.batch(id)?.reference;
      if (reference !== undefined) references[id] = reference;
    }
  }
  return {
    plan,
    order,
    day: route.day,
    stops,
    places: Object.fromEntries(order.map((id) => [id, day.place(route, id).name])),
    references,
    ...(startAt === undefined ? {} : { startAt }),
    ...(vehicle === undefined ? {} : { vehicle }),
    ...(driver === undefined ? {} : { driver }),
  };
}

function read(): { readonly [route: string]: Known } {
  try {
    return JSON.parse(localStorage.getItem(key) ?? '{}') as { readonly [route: string]: Known };
  } catch {
    return {};
  }
}

export const plans = new Plans();
