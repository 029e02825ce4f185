/** Shows how far something is on one line of a terminal, and nothing where there is none. */
export class Counting {
  readonly #began = performance.now();
  #told = 0;

  show(text: string): void {
    if (!process.stderr.isTTY || performance.now() - this.#told < 200) return;
    this.#told = performance.now();
    process.stderr.write(`\r\u001b[K• ${text}`);
  }

  /** @returns how long it took, seconds */
  end(): string {
    if (this.#told > 0) process.stderr.write('\r\u001b[K');
    return ((performance.now() - this.#began) / 1000).toFixed(1);
  }
}
