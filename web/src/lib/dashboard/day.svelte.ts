import type { Status } from '@opsboard/shared/batches/steps';
import { app } from '#lib/app.ts';
import { may } from '#lib/session/may.ts';
import { call } from '#lib/socket/http.ts';

/** What stood in each status at a moment; `completed` counts those completed since midnight. */
type Hour = { readonly at: number; readonly dueSoon: number } & { readonly [S in Status]: number };

/** The lines hardly change within this time, milliseconds; their ends are live anyway. */
const READ_EVERY_MS = 10 * 60_000;

/** How the day went, by the hour since midnight, as the journal has it: read once and now and then. */
export class Day {
  hours = $state.raw<readonly Hour[] | undefined>(undefined);

  /** Starts reading, while the page is open. Returns the stop. */
  start(): () => void {
    // A driver has no figures of the whole room: the tiles stand without their lines.
    if (!may('figures.read')) return () => undefined;
    const read = async (): Promise<void> => {
      if (document.visibilityState === 'hidden' || app.line.state !== 'live') return;
      const answer = await call<{ hours: Hour[] }>('GET', '/api/figures/day');
      if (answer.ok) this.hours = answer.value.hours;
    };
    void read();
    const timer = setInterval(() => void read(), READ_EVERY_MS);
    return () => clearInterval(timer);
  }
}
