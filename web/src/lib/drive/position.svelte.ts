import { untrack } from 'svelte';
import type { Fix } from '@opsboard/shared/positions/schema';
import { mostSilence } from '@opsboard/shared/positions/times';
import { saysMore } from '@opsboard/shared/positions/thin';
import { app } from '#lib/app.ts';
import { clock } from '#lib/time/clock.svelte.ts';
import { settledTime, stampedTime } from './kept/action.ts';
import { dropFixes, keepFix, keptFixes } from './kept/positions.ts';
import type { Fate, KeptFix, Sending } from './outbox.ts';
import { Outbox } from './outbox.ts';
import { phoneTime } from './time.svelte.ts';

/** Refusals after which a position is sent again: the start of the route may still be on its way, or the server busy. */
const passing: ReadonlySet<string> = new Set([
  'unavailable',
  'too_many_requests',
  'illegal_step',
  'not_signed_in',
  'internal',
]);
/**
 * When what was not taken is tried again, milliseconds: from the first time to the longest, doubling. The first place of a
 * route is mostly known before its start is with the server.
 */
const firstPause = 1_000;
const longestPause = 10_000;

/** Whether this phone says where it is: no route is under way, it is, the driver has said no, or it cannot. */
export type PositionState = 'off' | 'on' | 'denied' | 'missing';

/**
 * Says where this phone is while a route of its driver is under way. What cannot be sent is kept, also when the page is
 * closed, and sent when the network is back. A page that is out of sight is told its position as long as the phone's
 * system lets it.
 */
class PhonePosition {
  state = $state<PositionState>('off');
  /** Where the phone said it was last, on the route under way. */
  point = $state.raw<Fix['point'] | undefined>(undefined);
  #outbox = new Outbox();
  #person: string | undefined;
  #last: Fix | undefined;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #pause = firstPause;

  /** Follows the driver's routes from now on. To be called once. */
  start(): void {
    $effect.root(() => {
      const me = $derived(app.session.me?.id);
      $effect(() => {
        const person = me;
        untrack(() => void this.#open(person));
      });
      const route = $derived.by(() => {
        void app.version;
        for (const one of app.all('route').values()) {
          if (one.status === 'under_way' && one.driver === me) return one.id;
        }
        return undefined;
      });
      $effect(() => {
        const id = route;
        const person = me;
        if (id === undefined || person === undefined) return;
        return untrack(() => this.#follow(person, id));
      });
      $effect(() => {
        if (app.line.state === 'live') untrack(() => this.#send());
      });
    });
  }

  /** Takes up what an earlier page has left. */
  async #open(person: string | undefined): Promise<void> {
    if (person === undefined || person === this.#person) return;
    this.#person = person;
    // Nobody sends where somebody else was.
    this.#outbox = new Outbox();
    const left = await keptFixes(person);
    if (this.#person !== person) return;
    this.#outbox.restore(left);
    this.#send();
  }

  /** Watches where the phone is. Returns the stop. */
  #follow(person: string, route: string): () => void {
    if (!('geolocation' in navigator)) {
      this.state = 'missing';
      return () => (this.state = 'off');
    }
    this.state = 'on';
    this.#last = undefined;
    const heard = (position: GeolocationPosition): void => {
      this.state = 'on';
      this.#take(person, route, position);
    };
    const failed = ({ code, PERMISSION_DENIED }: GeolocationPositionError): void => {
      if (code === PERMISSION_DENIED) this.state = 'denied';
    };
    const options = { enableHighAccuracy: true, maximumAge: 5_000, timeout: 30_000 };
    let watch = navigator.geolocation.watchPosition(heard, failed, options);
    // A watch that was refused stays refused. Who allows it later need not know that.
    let permission: PermissionStatus | undefined;
    let over = false;
    const allowed = (): void => {
      if (permission?.state === 'denied') this.state = 'denied';
      if (permission?.state !== 'granted' || this.state !== 'denied') return;
      this.state = 'on';
      navigator.geolocation.clearWatch(watch);
      watch = navigator.geolocation.watchPosition(heard, failed, options);
    };
    navigator.permissions?.query({ name: 'geolocation' }).then(
      (status) => {
        if (over) return;
        permission = status;
        status.addEventListener('change', allowed);
      },
      // An older browser is asked by the watch alone.
      () => {},
    );
    // A phone that stands still is told nothing by itself.
    const timer = setInterval(() => {
      if (this.state === 'on') navigator.geolocation.getCurrentPosition(heard, () => {}, options);
    }, mostSilence);
    return () => {
      over = true;
      permission?.removeEventListener('change', allowed);
      navigator.geolocation.clearWatch(watch);
      clearInterval(timer);
      this.state = 'off';
      this.point = undefined;
    };
  }

  #take(person: string, route: string, { coords }: GeolocationPosition): void {
    const stamp = phoneTime.stamp(this.#last ? this.#last.at - 1 : 0);
    const fix: Fix = {
      at: Math.round(stampedTime(stamp)),
      point: [coords.longitude, coords.latitude],
      accuracy: Math.min(100_000, coords.accuracy),
      ...(coords.heading === null || Number.isNaN(coords.heading) ? {} : { heading: coords.heading }),
      ...(coords.speed === null || coords.speed > 200 ? {} : { speed: coords.speed }),
    };
    if (!saysMore(this.#last, fix)) return;
    this.#last = fix;
    this.point = fix.point;
    const kept: KeptFix = { person, route, fix, stamp };
    const outbox = this.#outbox;
    void keepFix(kept).then((key) => {
      if (key !== undefined) kept.key = key;
      outbox.add(kept);
      this.#send();
    });
  }

  #send(): void {
    clearTimeout(this.#timer);
    void dropFixes(this.#outbox.expire(clock.exact()));
    if (app.line.state !== 'live') return;
    const outbox = this.#outbox;
    for (const sending of outbox.take()) void this.#deliver(outbox, sending);
  }

  async #deliver(outbox: Outbox, sending: Sending): Promise<void> {
    const [offset, now] = [phoneTime.offsetNow() ?? 0, clock.exact()];
    const points = sending.kept.map(({ fix, stamp }) => ({
      ...fix,
      at: Math.round(settledTime({ doneAt: fix.at, stamp }, offset, now)),
    }));
    const answer = await app.line.position({ route: sending.route, points });
    const fate: Fate = answer?.ok ? 'taken' : !answer || passing.has(answer.error.code) ? 'again' : 'refused';
    await dropFixes(outbox.settle(sending, fate));
    if (fate !== 'again') this.#pause = firstPause;
    if (outbox.size === 0) return;
    if (fate !== 'again') return this.#send();
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => this.#send(), this.#pause);
    this.#pause = Math.min(longestPause, this.#pause * 2);
  }
}

export const phonePosition = new PhonePosition();
