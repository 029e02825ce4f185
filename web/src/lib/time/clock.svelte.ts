/**
 * The one clock of the page. It ticks once a second, on the second, and everything that runs (elapsed, left, over)
 * reads it, so that two figures on one screen never disagree and no view starts a timer of its own.
 *
 * Times are milliseconds since the epoch by the server's clock.
 */
class Clock {
  #now = $state(Date.now());
  #heldAt = $state<number | undefined>(undefined);
  #offset = 0;
  #timer: ReturnType<typeof setTimeout> | undefined;

  /** Server time, to the second. Goes on while the line is cut. */
  get now(): number {
    return this.#now;
  }

  /**
   * The moment that the records on screen stand for: `now` while live, the last heartbeat while the line is cut. What
   * is computed from records uses this one, so that a stale figure does not pretend to run.
   */
  get shown(): number {
    return this.#heldAt ?? this.#now;
  }

  /**
   * This page's own monotonic clock, milliseconds. Never the wall clock: that one jumps when the machine's time is set.
   * It may stand still while the machine sleeps; the next frame from the server tells.
   */
  local(): number {
    return performance.timeOrigin + performance.now();
  }

  /** Server time to the millisecond, not reactive. */
  exact(): number {
    return this.local() + this.#offset;
  }

  /** How far the server's clock is ahead of `local()`, in milliseconds, as the connection measured it. */
  setOffset(ms: number): void {
    this.#offset = ms;
    this.#tick();
  }

  /** Stops `shown` at a moment of server time while the line is cut; `undefined` lets it run again. */
  hold(at: number | undefined): void {
    this.#heldAt = at;
  }

  /** Starts ticking. Returns the stop. Called once, by the root layout. */
  start(): () => void {
    const wake = (): void => this.#tick();
    // A tab in the background is throttled: on return the clock must be right at once, not a tick later.
    document.addEventListener('visibilitychange', wake);
    this.#tick();
    return () => {
      document.removeEventListener('visibilitychange', wake);
      clearTimeout(this.#timer);
    };
  }

  #tick(): void {
    clearTimeout(this.#timer);
    const exact = this.exact();
    this.#now = Math.floor(exact / 1000) * 1000;
    this.#timer = setTimeout(() => this.#tick(), 1000 - (exact % 1000) + 4);
  }
}

export const clock = new Clock();
