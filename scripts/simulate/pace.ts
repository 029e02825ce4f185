/** Lets everybody pause, and wakes all of them when it is over. */
export class Pace {
  stopped = false;
  readonly #sleepers = new Set<() => void>();

  stop(): void {
    this.stopped = true;
    for (const wake of this.#sleepers) wake();
  }

  /** Resolves after so many milliseconds, or when everything stops. */
  sleep(ms: number): Promise<void> {
    if (this.stopped) return Promise.resolve();
    return new Promise((resolve) => {
      const wake = (): void => {
        clearTimeout(timer);
        this.#sleepers.delete(wake);
        resolve();
      };
      const timer = setTimeout(wake, Math.min(ms, 3_600_000));
      this.#sleepers.add(wake);
    });
  }

  /** Does something again and again until everything stops; what fails is tried again, more and more slowly. */
  async repeat(what: string, act: () => Promise<number>): Promise<void> {
    for (let failures = 0; !this.stopped;) {
      let wait: number;
      try {
        wait = await act();
        failures = 0;
      } catch (problem) {
        failures++;
        if (failures === 1) console.log(`${what}: ${(problem as Error).message}; trying again.`);
        wait = Math.min(30_000, 1_000 * 2 ** failures);
      }
      await this.sleep(wait);
    }
  }
}
