import { closeSync, copyFileSync, openSync, readSync, statSync, truncateSync } from 'node:fs';

const LARGEST_BYTES = 20_000_000;

/**
 * The file that a child's output is appended to. The child holds the file itself, not a pipe to the launcher, so that
 * it can go on writing when the launcher is gone.
 */
export class LogFile {
  readonly path: string;
  #from = 0;

  constructor(path: string) {
    this.path = path;
  }

  /** Opens the file for a child that is about to start; the caller closes the descriptor. */
  open(): number {
    this.trim();
    const descriptor = openSync(this.path, 'a', 0o600);
    this.#from = statSync(this.path).size;
    return descriptor;
  }

  /** Moves a file that has grown large aside to `….1`. Children append, so they go on at the start of the same file. */
  trim(): void {
    const size = statSync(this.path, { throwIfNoEntry: false })?.size ?? 0;
    if (size <= LARGEST_BYTES) return;
    copyFileSync(this.path, `${this.path}.1`);
    truncateSync(this.path);
  }

  /** Last lines, at most 8 kB, that the child has written since the file was opened for it. */
  lastLines(): string[] {
    const descriptor = openSync(this.path, 'r');
    try {
      const { size } = statSync(this.path);
      const buffer = Buffer.alloc(Math.max(0, Math.min(size - this.#from, 8192)));
      readSync(descriptor, buffer, 0, buffer.length, size - buffer.length);
      return buffer.toString('utf8').split('\n').filter(Boolean);
    } finally {
      closeSync(descriptor);
    }
  }

  /** What the child says about its end: its last line that is a sentence, not an entry of a log or a line of a stack. */
  lastSentence(): string | undefined {
    return this.lastLines().findLast((line) => /^[^\s{].*[.!]$/.test(line));
  }
}
