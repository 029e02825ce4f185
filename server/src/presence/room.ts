import type { PersonHere } from '@opsboard/shared/presence/schema';
import { NewsRoom } from '../live/news-room.ts';
import type { Packet } from '../live/packet.ts';
import { packetOf } from '../live/packet.ts';
import type { Clock } from '../platform/clock.ts';

/** Shortest time between two messages to the same client, milliseconds; in a larger room as many as it has clients. */
const shortest = 250;
/** People told of in one message, newcomers' first one aside. */
const mostNews = 100;
/** People that an audience is told of at all. */
const mostPeople = 1_000;

/** The clients of one audience that are told who is here ([P5]). */
export class PresenceRoom extends NewsRoom {
  /** What the audience is told of a person now; undefined: nothing. */
  readonly #sight: (person: string) => PersonHere | undefined;
  /** By person, as JSON. */
  readonly #told = new Map<string, string>();
  /** Of whom something may have changed: those who take a card or lay it down first, then in the order of change. */
  readonly #urgent = new Set<string>();
  readonly #changed = new Set<string>();
  #whole: Packet | undefined;

  /** @param people those who are here when the room is opened */
  constructor(
    people: Iterable<string>,
    sight: (person: string) => PersonHere | undefined,
    held: () => boolean,
    clock: Clock,
  ) {
    super(held, clock);
    this.#sight = sight;
    for (const person of people) {
      if (this.#told.size >= mostPeople) this.#changed.add(person);
      else {
        const here = sight(person);
        if (here) this.#told.set(person, JSON.stringify(here));
      }
    }
  }

  /** Something may have changed of these people; `urgent`: what they have in hand. */
  changed(people: Iterable<string>, urgent = false): void {
    for (const person of people) (urgent ? this.#urgent : this.#changed).add(person);
    this.ask();
  }

  protected get waiting(): boolean {
    return this.#urgent.size + this.#changed.size > 0 && this.#told.size < mostPeople;
  }

  protected pause(): number {
    return Math.max(shortest, this.size);
  }

  protected whole(): Packet {
    return (this.#whole ??= packetOf('presence', `{"all":true,"here":[${[...this.#told.values()].join()}]}`));
  }

  protected news(): Packet | undefined {
    const here: string[] = [];
    const gone: string[] = [];
    for (const waiting of [this.#urgent, this.#changed]) {
      for (const person of waiting) {
        if (here.length + gone.length >= mostNews) break;
        const now = this.#sight(person);
        const told = this.#told.get(person);
        if (now && told === undefined && this.#told.size >= mostPeople) continue;
        waiting.delete(person);
        const text = now && JSON.stringify(now);
        if (text === told) continue;
        if (text === undefined) {
          this.#told.delete(person);
          gone.push(person);
        } else {
          this.#told.set(person, text);
          here.push(text);
        }
      }
    }
    if (here.length + gone.length === 0) return undefined;
    this.#whole = undefined;
    const left = gone.length > 0 ? `,"gone":${JSON.stringify(gone)}` : '';
    return packetOf('presence', `{"here":[${here.join()}]${left}}`);
  }
}
