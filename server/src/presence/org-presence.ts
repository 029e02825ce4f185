import type { PersonColour, Whereabouts } from '@opsboard/shared/presence/schema';
import { silentAfter } from '@opsboard/shared/presence/times';
import { audienceKey } from '@opsboard/shared/protocol/audiences';
import type { Records } from '@opsboard/shared/protocol/kinds';
import type { Applied, OrgState } from '../journal/org-state.ts';
import type { Member } from '../live/member.ts';
import type { Clock } from '../platform/clock.ts';
import { PresenceRoom } from './room.ts';
import type { Said } from './said.ts';
import { batchesIn, mergeSaid, saidOf } from './said.ts';
import { coloursOf, sightOf } from './sight.ts';

/** How long somebody who has lost the line stays: a page that is loaded again is back before that. Milliseconds. */
const grace = 1_500;

/** What one tab of this process said last; `heardAt` by the monotonic clock. */
type Tab = { text: string; said: Said; heardAt: number };

/** What another process says of its people. */
export type Others = ReadonlyMap<string, Said>;

/** Who of one organization is here: those of this process, and those that other processes tell of. */
export class OrgPresence {
  readonly #state: OrgState;
  readonly #clock: Clock;
  readonly #sayOwn: (person: string) => void;
  readonly #held: () => boolean;
  readonly #tabs = new Map<Member, Tab>();
  readonly #tabsOf = new Map<string, Set<Member>>();
  readonly #others = new Map<string, Others>();
  /** Everybody who is here, merged from all of the above. */
  readonly #people = new Map<string, Said>();
  /** Who is to be looked at again when a batch comes into or out of somebody's sight. */
  readonly #named = new Map<string, Set<string>>();
  readonly #rooms = new Map<string, PresenceRoom>();
  readonly #unsubscribe: () => void;
  #colours: Map<string, PersonColour> | undefined;

  constructor(options: {
    state: OrgState;
    clock: Clock;
    /** Whether nothing is to be told for the time being; {@link OrgPresence.ask} when that ends. */
    held: () => boolean;
    /** Something changed of a person's tabs on this process: for the other processes. */
    sayOwn: (person: string) => void;
  }) {
    this.#state = options.state;
    this.#clock = options.clock;
    this.#held = options.held;
    this.#sayOwn = options.sayOwn;
    this.#unsubscribe = options.state.onApplied((batch) => this.#applied(batch));
  }

  /** Whether no tab of this process says where it is. */
  get empty(): boolean {
    return this.#tabs.size === 0;
  }

  /** How many people are here. */
  get size(): number {
    return this.#people.size;
  }

  /** A tab says where it is ([P1]); from then on it is told who else is here ([P2]). */
  say(member: Member, whereabouts: Whereabouts): void {
    const text = JSON.stringify(whereabouts);
    const known = this.#tabs.get(member);
    if (known?.text === text) {
      known.heardAt = this.#clock.monotonic();
      return;
    }
    const said = saidOf(whereabouts, this.#clock.now());
    if (!said) return this.#remove(member);
    this.#tabs.set(member, { text, said, heardAt: this.#clock.monotonic() });
    if (!known) {
      const tabs = this.#tabsOf.get(member.who.id);
      if (tabs) tabs.add(member);
      else this.#tabsOf.set(member.who.id, new Set([member]));
    }
    this.#own(member.who.id);
    if (!known) this.#roomOf(member).add(member);
  }

  /** A tab has lost its line: it is told nothing more, has nothing in hand, and is forgotten after the grace. */
  leave(member: Member): void {
    const tab = this.#tabs.get(member);
    if (!tab) return;
    this.#leaveRoom(member);
    this.#tabs.set(member, {
      text: '',
      said: { at: tab.said.at },
      heardAt: this.#clock.monotonic() - silentAfter + grace,
    });
    if (tab.said.moving) this.#own(member.who.id);
  }

  /** Forgets the tabs that have fallen silent ([P6]): a line that broke without a word is not heard to end for long. */
  sweep(): void {
    const before = this.#clock.monotonic() - silentAfter;
    for (const [member, { heardAt }] of [...this.#tabs]) if (heardAt < before) this.#remove(member);
  }

  /** The people of this process, for the others. */
  own(): Map<string, Said> {
    return new Map([...this.#tabsOf.keys()].map((person) => [person, this.ownOf(person)!]));
  }

  ownOf(person: string): Said | undefined {
    return mergeSaid([...(this.#tabsOf.get(person) ?? [])].map((member) => this.#tabs.get(member)!.said));
  }

  /** What another process says of its people (undefined: it is there no more), and of whom something changed. */
  heard(process: string, others: Others | undefined, changed: Iterable<string>): void {
    if (others) this.#others.set(process, others);
    else this.#others.delete(process);
    for (const person of new Set(changed)) this.#merge(person);
  }

  /** Sends what was held back while the process could not be believed. */
  ask(): void {
    for (const room of this.#rooms.values()) room.ask();
  }

  close(): void {
    this.#unsubscribe();
    for (const room of this.#rooms.values()) room.stop();
  }

  #remove(member: Member): void {
    if (!this.#tabs.delete(member)) return;
    const tabs = this.#tabsOf.get(member.who.id);
    tabs?.delete(member);
    if (tabs?.size === 0) this.#tabsOf.delete(member.who.id);
    this.#leaveRoom(member);
    this.#own(member.who.id);
  }

  #leaveRoom(member: Member): void {
    const key = audienceKey(member.audience);
    const room = this.#rooms.get(key);
    room?.remove(member);
    if (room?.size === 0) this.#rooms.delete(key);
  }

  #own(person: string): void {
    this.#merge(person);
    this.#sayOwn(person);
  }

  #merge(person: string): void {
    const words = [this.ownOf(person)];
    for (const others of this.#others.values()) words.push(others.get(person));
    const before = this.#people.get(person);
    const now = mergeSaid(words.filter((word) => word !== undefined));
    for (const batch of batchesIn(before)) {
      const people = this.#named.get(batch);
      people?.delete(person);
      if (people?.size === 0) this.#named.delete(batch);
    }
    for (const batch of batchesIn(now)) {
      const people = this.#named.get(batch);
      if (people) people.add(person);
      else this.#named.set(batch, new Set([person]));
    }
    if (now) this.#people.set(person, now);
    else this.#people.delete(person);
    this.#changed([person], before?.moving?.batch !== now?.moving?.batch);
  }

  #changed(people: Iterable<string>, urgent = false): void {
    for (const room of this.#rooms.values()) room.changed(people, urgent);
  }

  #roomOf({ audience }: Member): PresenceRoom {
    const key = audienceKey(audience);
    let room = this.#rooms.get(key);
    if (!room) {
      const sight = (person: string) =>
        sightOf(
          audience,
          this.#state,
          this.#state.get('person', person),
          this.#people.get(person),
          this.#colourOf(person),
        );
      this.#rooms.set(key, (room = new PresenceRoom(this.#people.keys(), sight, this.#held, this.#clock)));
    }
    return room;
  }

  #colourOf(person: string): PersonColour {
    this.#colours ??= coloursOf(this.#state.all('person'));
    return this.#colours.get(person) ?? 1;
  }

  /** Who sees what may be another now ([P4]). */
  #applied(batch: readonly Applied[]): void {
    for (const { entry, before, after } of batch) {
      if (entry.kind === 'batch') {
        const people = this.#named.get(entry.id);
        if (people && sightMayChange(before, after)) this.#changed(people);
      } else if (entry.kind === 'person') {
        this.#colours = undefined;
        this.#changed(this.#people.keys());
      }
    }
  }
}

/** Whether a batch came, left, or went to another branch or driver. */
function sightMayChange(before: unknown, after: unknown): boolean {
  const [was, is] = [before as Records['batch'] | undefined, after as Records['batch'] | undefined];
  return was?.branch !== is?.branch || was?.driver !== is?.driver || was?.archivedAt !== is?.archivedAt || !was || !is;
}
