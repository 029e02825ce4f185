import { app } from '#lib/app.ts';
import { clock } from '#lib/time/clock.svelte.ts';
import type { Stamp } from './kept/action.ts';
import type { Measure } from './kept/time.ts';
import { keepMeasure, keptMeasure } from './kept/time.ts';

/** A measure is kept again when it moved by so much, milliseconds: clocks of phones run off slowly. */
const moved = 250;

/**
 * The time on a phone that is without network for hours. While the line is there the server's clock counts. Without it
 * the phone's own does, corrected by what was measured last: unlike the page's monotonic clock it goes on while the phone
 * sleeps in a pocket and while the page is closed. When somebody sets it meanwhile, {@link settledTime} finds out.
 */
class PhoneTime {
  #measure: Measure | undefined;

  /** Takes up the clock where an earlier page left it. */
  async start(): Promise<void> {
    this.#measure ??= await keptMeasure();
    this.#correct();
    document.addEventListener('visibilitychange', () => document.hidden || this.#correct());
  }

  /** To be called now and then while the line is live. */
  measure(): void {
    if (app.line.state !== 'live') return;
    const measure = { offset: clock.exact() - Date.now(), at: clock.exact() };
    const before = this.#measure;
    this.#measure = measure;
    if (!before || Math.abs(before.offset - measure.offset) > moved) void keepMeasure(measure);
  }

  /** How far the server is ahead of the phone's clock, while the two are speaking. */
  offsetNow(): number | undefined {
    return app.line.state === 'live' ? clock.exact() - Date.now() : undefined;
  }

  /** Both clocks at this moment. @param after what it cannot be before, by the server's clock */
  stamp(after: number): Stamp {
    return { wall: Date.now(), offset: this.offsetNow() ?? this.#measure?.offset, after };
  }

  /** The page's clock stood still while the phone slept. */
  #correct(): void {
    if (this.#measure && app.line.state !== 'live') {
      clock.setOffset(Date.now() + this.#measure.offset - clock.local());
    }
  }
}

export const phoneTime = new PhoneTime();
