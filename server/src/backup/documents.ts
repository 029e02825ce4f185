/** Gathers BSON documents until there are enough for a block. */
export class Gathered {
  readonly #parts: Uint8Array[] = [];
  #bytes = 0;

  get count(): number {
    return this.#parts.length;
  }

  get isFull(): boolean {
    return this.#bytes >= 1024 * 1024;
  }

  add(document: Uint8Array): void {
    this.#parts.push(document);
    this.#bytes += document.length;
  }

  /** All of it, in order; empty afterwards. */
  take(): { count: number; body: Buffer } {
    const taken = { count: this.count, body: Buffer.concat(this.#parts) };
    this.#parts.length = 0;
    this.#bytes = 0;
    return taken;
  }
}

/** The BSON documents of a block; each begins with its own length. */
export function* documentsIn(body: Buffer): Generator<Buffer> {
  for (let at = 0; at < body.length;) {
    const length = body.readInt32LE(at);
    if (length < 5 || at + length > body.length) throw new RangeError(`no document at byte ${at}`);
    yield body.subarray(at, at + length);
    at += length;
  }
}
