import type { Batch, BatchInView } from '@opsboard/shared/batches/schema';
import type { Point } from '@opsboard/shared/geo/distance';
import { roadTime, timeAtStop } from '@opsboard/shared/routes/arrival';
import { proposeOrder, proposeStops } from '@opsboard/shared/routes/propose';
import type { PlannedStop, Route } from '@opsboard/shared/routes/schema';
import { newId } from '../../server/src/platform/ids.ts';
import type { Random } from '../demo/random.ts';
import type { Places } from './places.ts';
import type { Worker } from './worker.ts';

/** Batches of one route, and of these at most so many of a sort. */
const mostBatches = 8;
/** A route that is planned waits so long for its driver to begin, milliseconds at speed 1. */
const lead = 60_000;
const windowLength = 30 * 60_000;

type Listed = Omit<Batch, 'parts'>;

/** The operations desk: plans routes for what waits, by the same proposal as everybody, and answers what drivers report. */
export class Planner {
  readonly #desk: Worker;
  readonly #places: Places;
  readonly #random: Random;
  readonly #speed: number;

  constructor(desk: Worker, options: { places: Places; random: Random; speed: number }) {
    this.#desk = desk;
    this.#places = options.places;
    this.#random = options.random;
    this.#speed = options.speed;
  }

  /** One look at the routes. @returns milliseconds until the next */
  async work(today: string, drivers: readonly string[]): Promise<number> {
    const routes = await this.#open();
    await this.#answer(routes);
    const busy = new Set(routes.map(({ driver }) => driver));
    const free = drivers.filter((driver) => !busy.has(driver));
    // Not all at once: a desk plans one after the other.
    if (free.length > 0) await this.#plan(today, this.#random.pick(free));
    return this.#random.between(20_000, 40_000) / Math.min(this.#speed, 10);
  }

  async #open(): Promise<Route[]> {
    return (await this.#desk.get<{ routes: Route[] }>('/api/routes?status=planned,under_way&limit=200')).routes;
  }

  async #plan(today: string, driver: string): Promise<void> {
    const branch = this.#random.pick(this.#places.branches);
    const batches = [
      ...(await this.#waiting('sealed', branch)).slice(0, mostBatches / 2),
      // What came last is still being repaired.
      ...(await this.#waiting('at_center', branch)).slice(0, mostBatches / 2),
    ];
    if (batches.length < 2) return;
    const stops = proposeStops(batches as unknown as BatchInView[], () => newId());
    const start = this.#places.of({ kind: 'branch', id: branch });
    const placed = stops.map((stop) => ({ ...stop, position: this.#places.of(stop.place) }));
    const startAt = Date.now() + lead / this.#speed;
    const { order } = proposeOrder(placed, start, startAt);
    const byId = new Map(stops.map((stop) => [stop.id, stop]));
    const args = {
      id: newId(),
      branch,
      day: today,
      driver,
      vehicle: this.#random.pick(vehicles),
      startAt: Math.round(startAt),
      stops: this.#timed(
        order.map((id) => byId.get(id)!),
        start,
        startAt,
      ),
    };
    const refusal = await this.#desk.command('route.create', args);
    // Somebody else was first with a batch: the next look finds others.
    const usual = ['illegal_step', 'in_use', 'unknown_reference'];
    if (refusal && !usual.includes(refusal)) console.log(`${this.#desk.login}: route.create refused, ${refusal}`);
  }

  /** Batches of a branch that are on no route, those that wait longest first. */
  async #waiting(status: string, branch: string): Promise<Listed[]> {
    const path = `/api/batches?status=${status}&branch=${branch}&limit=200`;
    const { batches } = await this.#desk.get<{ batches: Listed[] }>(path);
    return batches.filter(({ route }) => route === undefined).sort((one, other) => one.since - other.since);
  }

  /** When each stop is planned to be reached, with a window around it. */
  #timed(stops: readonly PlannedStop[], start: Point | undefined, startAt: number): PlannedStop[] {
    let [at, from] = [startAt, start];
    return stops.map((stop) => {
      const position = this.#places.of(stop.place);
      at += roadTime(from, position) / this.#speed;
      from = position ?? from;
      const plannedAt = Math.round(at);
      at += timeAtStop / this.#speed;
      return { ...stop, plannedAt, to: plannedAt + Math.round(windowLength / this.#speed) };
    });
  }

  /** What drivers have reported is looked at after a while. */
  async #answer(routes: readonly Route[]): Promise<void> {
    for (const { id, problems = {} } of routes) {
      for (const [problem, { at, resolved }] of Object.entries(problems)) {
        if (resolved || Date.now() - at < 90_000 / this.#speed || this.#random.next() < 0.5) continue;
        await this.#desk.command('route.resolve', { id, problem, how: this.#random.pick(answers) });
      }
    }
  }
}

const vehicles = ['VX-114-K', 'VX-207-B', 'TR-318-D', 'TR-402-H', 'KB-559-S'] as const;
const answers = ['Called them, go on', 'Told the customer', 'Noted, nothing to do'] as const;
