import type { Batch } from '@opsboard/shared/batches/schema';
import { expectedCount } from '@opsboard/shared/batches/steps';
import type { Point } from '@opsboard/shared/geo/distance';
import type { Route } from '@opsboard/shared/routes/schema';
import { hasEnded, nextStop, undoneAt } from '@opsboard/shared/routes/stops';
import { newId } from '../../server/src/platform/ids.ts';
import type { Random } from '../demo/random.ts';
import { inTunnel, roadBetween } from '../demo/city/city.ts';
import { Drive } from './drive.ts';
import type { Pace } from './pace.ts';
import { Phone } from './phone.ts';
import type { Places } from './places.ts';
import type { Worker } from './worker.ts';

/** How often a phone tells where it is, milliseconds. */
const tick = 1_000;
/** What a stop takes before and after the parts are counted, and each batch, milliseconds at speed 1. */
const parking = 45_000;
const counting = 30_000;

/** One driver: drives the routes of the day along the streets and makes their stops, with everything that goes wrong. */
export class Driver {
  readonly #worker: Worker;
  readonly #phone: Phone;
  readonly #pace: Pace;
  readonly #random: Random;
  readonly #speed: number;
  readonly #places: Places;
  #here: Point | undefined;

  constructor(worker: Worker, options: { pace: Pace; random: Random; speed: number; places: Places }) {
    this.#worker = worker;
    this.#phone = new Phone(worker);
    this.#pace = options.pace;
    this.#random = options.random;
    this.#speed = options.speed;
    this.#places = options.places;
  }

  close(): void {
    this.#phone.close();
  }

  /** Looks for a route and drives it. @returns milliseconds until it is worth looking again */
  async work(today: string): Promise<number> {
    await this.#worker.ready();
    await this.#phone.setOnline(true);
    await this.#phone.flush();
    const { routes } = await this.#worker.get<{ routes: Route[] }>('/api/routes?status=planned,under_way&limit=20');
    const route =
      routes.find(({ status }) => status === 'under_way') ??
      routes
        .filter(({ status, day, order, startAt = 0 }) => {
          return status === 'planned' && day <= today && order.length > 0 && startAt <= Date.now();
        })
        .sort((one, other) => (one.day < other.day ? -1 : 1))[0];
    if (!route) return this.#random.between(10_000, 20_000) / Math.min(this.#speed, 5);
    await this.#drive(route.id, route);
    return 2_000;
  }

  async #drive(id: string, first: Route): Promise<void> {
    let route = first;
    if (route.status === 'planned') {
      this.#here = this.#places.of({ kind: 'branch', id: route.branch });
      const refusal = await this.#phone.act('route.start', { id });
      if (refusal) return this.#say(`${route.reference} could not be started: ${refusal.message}`);
    }
    this.#here ??= lastPlace(route) ?? this.#places.of({ kind: 'branch', id: route.branch });
    for (let visits = 0; visits < 200 && !this.#pace.stopped; visits++) {
      route = (await this.#read(id)) ?? route;
      if (route.status !== 'under_way' && route.status !== 'planned') break;
      if (route.acknowledged?.plan !== route.plan) await this.#phone.act('route.acknowledge', { id, plan: route.plan });
      const stop = nextStop(route);
      if (stop === undefined) {
        await this.#phone.act('route.finish', { id });
        break;
      }
      await this.#visit(route, stop);
    }
    this.#phone.rest();
  }

  /** The route as the server has it; undefined without network: the phone goes on with what it knows. */
  async #read(id: string): Promise<Route | undefined> {
    await this.#phone.setOnline(true);
    await this.#phone.flush();
    return this.#worker.get<{ route: Route }>(`/api/routes/${id}`).then(
      ({ route }) => route,
      () => undefined,
    );
  }

  async #visit(route: Route, stopId: string): Promise<void> {
    const stop = route.stops[stopId]!;
    const to = route.places?.[stopId]?.position ?? this.#places.of(stop.place);
    const work = undoneAt(stop);
    const counts = new Map<string, number>();
    for (const { batch } of work) {
      const found = await this.#worker.get<{ batch: Batch }>(`/api/batches/${batch}`).catch(() => undefined);
      if (found) counts.set(batch, expectedCount(found.batch));
    }
    // Now and then there is no network around a stop: what is done there is sent later.
    const deadSpot = this.#random.next() < 0.12;
    if (!stop.arrived) {
      if (to) await this.#along(route.id, to, deadSpot);
      if (this.#pace.stopped) return;
      await this.#phone.act('route.arrive', { id: route.id, stop: stopId });
    }
    await this.#dwell(route.id, parking / 2);
    if (this.#random.next() < 0.05) await this.#report(route.id, stopId);
    for (const { batch, what } of work) {
      if (this.#pace.stopped) return;
      const count = counts.get(batch);
      if (count !== undefined) await this.#handle(route.id, stopId, { batch, what, count });
      await this.#dwell(route.id, counting);
    }
    await this.#dwell(route.id, parking / 2);
    if (this.#pace.stopped) return;
    const refusal = await this.#phone.act('route.depart', { id: route.id, stop: stopId });
    if (refusal?.code === 'illegal_step')
      await this.#phone.act('route.skip', { id: route.id, stop: stopId, reason: 'Not ready yet' });
  }

  /** Counts, wrong now and then: counted once more, or taken with the reason. */
  async #handle(id: string, stop: string, work: { batch: string; what: string; count: number }): Promise<void> {
    const { batch, what, count } = work;
    const name = what === 'pick_up' ? 'route.pickUp' : 'route.handOver';
    const receiver = what === 'hand_over' ? { receiver: this.#random.pick(receivers) } : {};
    const args = { id, stop, batch, ...receiver };
    const wrong = this.#phone.online && count > 1 && this.#random.next() < 0.08;
    if (wrong) {
      await this.#phone.act(name, { ...args, count: count - 1 });
      await this.#dwell(id, counting);
      if (this.#random.next() < 0.3) {
        await this.#phone.act(name, { ...args, count: count - 1, reason: 'One part is not in the box' });
        return;
      }
    }
    const refusal = await this.#phone.act(name, { ...args, count });
    if (refusal && refusal.code !== 'nothing_to_change' && refusal.code !== 'illegal_step')
      this.#say(`${name} refused, ${refusal.message}`);
  }

  async #report(id: string, stop: string): Promise<void> {
    const [reason, text] = this.#random.pick(problems);
    await this.#phone.act('route.report', { id, problem: newId(), reason, stop, text });
  }

  /** Drives there along the streets, and says where it is. */
  async #along(route: string, to: Point, deadSpot: boolean): Promise<void> {
    const from = this.#here ?? to;
    const drive = new Drive(roadBetween(from, to));
    const loses = drive.metres * this.#random.between(0.6, 0.95);
    for (let at = Date.now(); !drive.arrived && !this.#pace.stopped;) {
      await this.#pace.sleep(tick);
      const now = Date.now();
      // Slower at corners and lights than on a free road.
      const pace = this.#random.between(5, 12) * this.#speed;
      drive.advance((pace * (now - at)) / 1_000);
      at = now;
      this.#here = drive.point;
      const away = inTunnel(drive.point) || (deadSpot && drive.driven > loses);
      await this.#phone.setOnline(!away);
      const fix = { at: now, point: drive.point, heading: drive.heading, speed: Math.min(pace, 40), accuracy: 8 };
      this.#phone.moved(route, { ...fix, point: [fix.point[0], fix.point[1]] });
    }
  }

  /** Stands, and says where. */
  async #dwell(route: string, ms: number): Promise<void> {
    const end = Date.now() + (ms * this.#random.between(0.6, 1.4)) / this.#speed;
    while (Date.now() < end && !this.#pace.stopped) {
      await this.#pace.sleep(Math.min(tick * 5, end - Date.now()));
      if (this.#here)
        this.#phone.moved(route, { at: Date.now(), point: [this.#here[0], this.#here[1]], speed: 0, accuracy: 12 });
    }
  }

  #say(text: string): void {
    console.log(`${this.#worker.login}: ${text}`);
  }
}

const receivers = ['M. Visser', 'J. Brand', 'T. Osei', 'A. Lindqvist', 'R. Castor', 'E. Mulder'] as const;
const problems = [
  ['road', 'Road works at the gate, ten minutes late'],
  ['nobody_there', 'Rang twice, nobody opened'],
  ['closed', 'The desk is closed for lunch'],
  ['damaged', 'One box is dented'],
] as const;

/** Where the last stop that was reached is. */
function lastPlace(route: Route): Point | undefined {
  const last = route.order.filter((id) => route.stops[id]!.arrived !== undefined || hasEnded(route.stops[id]!)).at(-1);
  return last === undefined ? undefined : route.places?.[last]?.position;
}
