import type { Audience } from '@opsboard/shared/protocol/audiences';
import { audienceKey, seesAny } from '@opsboard/shared/protocol/audiences';
import type { Records } from '@opsboard/shared/protocol/kinds';
import type { Applied, OrgState } from '../journal/org-state.ts';
import type { Member } from '../live/member.ts';
import type { Clock } from '../platform/clock.ts';
import type { Latest } from './latest.ts';
import { keptFor } from './relay.ts';
import { PositionsRoom } from './room.ts';

/** Where the drivers of one organization are, by what their phones say to this process and to others. */
export class OrgPositions {
  readonly #state: OrgState;
  readonly #clock: Clock;
  readonly #held: () => boolean;
  readonly #ended: (driver: string, route: string) => void;
  readonly #latest = new Map<string, Latest>();
  /** Drivers whose phone said it to this process. */
  readonly #own = new Set<string>();
  /** Who is to be looked at again when a route changes. */
  readonly #onRoute = new Map<string, Set<string>>();
  readonly #rooms = new Map<string, PositionsRoom>();
  readonly #roomOf = new Map<Member, PositionsRoom>();
  readonly #unsubscribe: () => void;

  constructor(options: {
    state: OrgState;
    clock: Clock;
    /** Whether nothing is to be told for the time being; {@link OrgPositions.ask} when that ends. */
    held: () => boolean;
    /** A driver's position is of the past: for the other processes. */
    ended: (driver: string, route: string) => void;
  }) {
    this.#state = options.state;
    this.#clock = options.clock;
    this.#held = options.held;
    this.#ended = options.ended;
    this.#unsubscribe = options.state.onApplied((batch) => this.#applied(batch));
  }

  /** Whether nobody watches, and no phone has said anything to this process. */
  get empty(): boolean {
    return this.#roomOf.size === 0 && this.#own.size === 0;
  }
  get drivers(): number {
    return this.#latest.size;
  }
  get watchers(): number {
    return this.#roomOf.size;
  }

  watch(member: Member): void {
    if (this.#roomOf.has(member)) return;
    const key = audienceKey(member.audience);
    let room = this.#rooms.get(key);
    if (!room) {
      const sight = (driver: string) => this.#sightOf(member.audience, driver);
      this.#rooms.set(key, (room = new PositionsRoom(this.#latest.keys(), sight, this.#held, this.#clock)));
    }
    this.#roomOf.set(member, room);
    room.add(member);
  }

  leave(member: Member): void {
    const room = this.#roomOf.get(member);
    if (!room) return;
    this.#roomOf.delete(member);
    room.remove(member);
    if (room.size === 0) this.#rooms.delete(audienceKey(member.audience));
  }

  /** A phone of this process says where it is. @returns whether that is news */
  said(driver: string, latest: Latest): boolean {
    if (!this.#take(driver, latest)) return false;
    this.#own.add(driver);
    return true;
  }

  /** What phones have said to other processes. */
  heard(drivers: Iterable<readonly [driver: string, latest: Latest]>): void {
    const now = this.#clock.now();
    for (const [driver, latest] of drivers) {
      const status = this.#state.get('route', latest.route)?.status;
      // A route that this process has not heard of yet may be about to come.
      const over = latest.at < now - keptFor || (status !== undefined && !isComing(status));
      if (over) this.#ended(driver, latest.route);
      else if (this.#take(driver, latest)) this.#own.delete(driver);
    }
  }

  *own(): Generator<readonly [string, Latest]> {
    for (const driver of this.#own) yield [driver, this.#latest.get(driver)!];
  }

  /** Forgets what is too old to be worth anything, whatever the route says. */
  sweep(): void {
    const before = this.#clock.now() - keptFor;
    for (const [driver, { at }] of this.#latest) if (at < before) this.#drop(driver);
  }

  /** Sends what was held back while the process could not be believed. */
  ask(): void {
    for (const room of this.#rooms.values()) room.ask();
  }

  close(): void {
    this.#unsubscribe();
    for (const room of this.#rooms.values()) room.stop();
  }

  /** The newest wins, wherever it was heard. */
  #take(driver: string, latest: Latest): boolean {
    const before = this.#latest.get(driver);
    if (before && (before.at > latest.at || before.text === latest.text)) return false;
    if (before?.route !== latest.route) {
      if (before) this.#offRoute(driver, before.route);
      const drivers = this.#onRoute.get(latest.route);
      if (drivers) drivers.add(driver);
      else this.#onRoute.set(latest.route, new Set([driver]));
    }
    this.#latest.set(driver, latest);
    this.#changed(driver);
    return true;
  }

  #drop(driver: string): void {
    const latest = this.#latest.get(driver);
    if (!latest) return;
    this.#latest.delete(driver);
    this.#own.delete(driver);
    this.#offRoute(driver, latest.route);
    this.#ended(driver, latest.route);
    this.#changed(driver);
  }

  #offRoute(driver: string, route: string): void {
    const drivers = this.#onRoute.get(route);
    drivers?.delete(driver);
    if (drivers?.size === 0) this.#onRoute.delete(route);
  }

  #changed(driver: string): void {
    for (const room of this.#rooms.values()) room.changed(driver);
  }

  /** A position is told of to those who see the route, while it is under way and still this driver's ([G3]). */
  #sightOf(audience: Audience, driver: string): string | undefined {
    const latest = this.#latest.get(driver);
    const route = latest && this.#state.get('route', latest.route);
    return route?.status === 'under_way' && route.driver === driver && seesAny(audience, 'route', route)
      ? latest!.text
      : undefined;
  }

  #applied(batch: readonly Applied[]): void {
    for (const { entry, after } of batch) {
      if (entry.kind === 'route') {
        const status = (after as Records['route'] | undefined)?.status;
        for (const driver of [...(this.#onRoute.get(entry.id) ?? [])]) {
          if (status !== undefined && isComing(status)) this.#changed(driver);
          else this.#drop(driver);
        }
      } else if (entry.kind === 'person' && (after as Records['person'] | undefined)?.erasedAt !== undefined) {
        this.#drop(entry.id);
      }
    }
  }
}

/** Whether a route runs, or may be about to. */
const isComing = (status: Records['route']['status']): boolean => status === 'planned' || status === 'under_way';
