import type { PersonHere, Place, PresenceNews } from '@opsboard/shared/presence/schema';
import { sayEvery } from '@opsboard/shared/presence/times';
import { untrack } from 'svelte';
import { app } from '#lib/app.ts';
import { may } from '#lib/session/may.ts';
import type * as Parts from './parts.ts';
import { afterNews, byBatch, type People } from './news.ts';

/** A tab that has been out of sight for so long is not looked at by anybody. Milliseconds. */
const awayAfter = 15_000;
/** Shortest time between two words of this tab, milliseconds. */
const pause = 200;

const nobody: readonly PersonHere[] = [];

/** Who else is here: on which page, at which batch, with which card in hand. Oneself is not among them. */
class Presence {
  /** What draws the others; nothing before the first of them was here. */
  parts = $state.raw<Partial<typeof Parts>>({});
  #people = $state.raw<People>(new Map());
  #place: Place | null = null;
  #moving: string | undefined;
  #away = false;
  #said: string | undefined;
  #saidAt = -Infinity;
  #waiting: ReturnType<typeof setTimeout> | undefined;

  /** Everybody else; nobody while the line is cut, because nobody knows then. */
  readonly others: readonly PersonHere[] = $derived.by(() => {
    const me = app.session.me?.id;
    return app.line.state === 'live' ? [...this.#people.values()].filter(({ person }) => person !== me) : nobody;
  });
  readonly #looking = $derived(byBatch(this.others));
  readonly #movers = $derived(new Map(this.others.flatMap((one) => (one.moving ? [[one.moving, one] as const] : []))));

  /** Who else looks at a batch's page. */
  at(batch: string): readonly PersonHere[] {
    return this.#looking.get(batch) ?? nobody;
  }

  /** Who else has a batch's card in hand. */
  mover(batch: string): PersonHere | undefined {
    return this.#movers.get(batch);
  }

  /** Where this tab is. */
  be(place: Place | null): void {
    this.#place = place;
    untrack(() => this.#say());
  }

  /** The batch whose card is in this person's hand, if any. */
  inHand(batch: string | undefined): void {
    if (this.#moving === batch) return;
    this.#moving = batch;
    untrack(() => this.#say());
  }

  /** Begins to say where this tab is, and to hear of the others. Returns the stop. */
  start(): () => void {
    app.line.presence = {
      news: (news: PresenceNews) => (this.#people = afterNews(this.#people, news)),
      opened: () => {
        this.#forget();
        this.#send();
      },
    };
    let leaving: ReturnType<typeof setTimeout> | undefined;
    const look = (): void => {
      clearTimeout(leaving);
      if (document.visibilityState === 'hidden') leaving = setTimeout(() => this.#goAway(true), awayAfter);
      else this.#goAway(false);
    };
    document.addEventListener('visibilitychange', look);
    untrack(look);
    const timer = setInterval(() => {
      if (this.#place && !this.#away) this.#send();
    }, sayEvery);
    return () => {
      clearInterval(timer);
      clearTimeout(leaving);
      document.removeEventListener('visibilitychange', look);
      this.#place = null;
      this.#moving = undefined;
      this.#send();
      app.line.presence = undefined;
      this.#forget();
    };
  }

  /** Nothing has been heard, and nothing said. */
  #forget(): void {
    clearTimeout(this.#waiting);
    this.#waiting = undefined;
    this.#saidAt = -Infinity;
    this.#said = undefined;
    this.#people = new Map();
  }

  #goAway(away: boolean): void {
    this.#away = away;
    this.#say();
  }

  /** Says what is new: at once after quiet, else in a moment. */
  #say(): void {
    if (this.#waiting) return;
    const wait = this.#saidAt + pause - performance.now();
    if (wait <= 0) return this.#send();
    this.#waiting = setTimeout(() => {
      this.#waiting = undefined;
      if (this.#said !== this.#words()) this.#send();
    }, wait);
  }

  #send(): void {
    const words = this.#words();
    // Who has never said a place has nothing to take back.
    if ((this.#said === undefined && words === nowhere) || !may('presence.share')) return;
    if (!app.line.whereabouts(this.#whereabouts())) return;
    this.#said = words;
    this.#saidAt = performance.now();
    if (words === nowhere) this.#said = undefined;
  }

  #whereabouts(): { place: Place | null; moving?: string } {
    if (this.#away || !this.#place) return { place: null };
    return { place: this.#place, ...(this.#moving === undefined ? {} : { moving: this.#moving }) };
  }

  #words(): string {
    return JSON.stringify(this.#whereabouts());
  }
}

const nowhere = JSON.stringify({ place: null });

export const presence = new Presence();
