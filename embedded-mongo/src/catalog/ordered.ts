/** What an ordered map needs to know of its values: a number that tells entries of equal keys apart. */
export interface Ranked {
  readonly rid: number;
}

interface Chunk<V> {
  readonly keys: string[];
  readonly values: V[];
}

const CHUNK = 512;

/**
 * Entries in the order of (key, value.rid), as a list of short sorted chunks: finding is two binary searches, and an
 * insertion moves at most a chunk. For its size the plainest ordered structure that stays fast in JavaScript.
 */
export class OrderedEntries<V extends Ranked> {
  #chunks: Chunk<V>[] = [];
  #size = 0;
  #version = 0;

  get size(): number {
    return this.#size;
  }

  #locate(chunk: Chunk<V>, key: string, rid: number): number {
    const { keys, values } = chunk;
    let low = 0;
    let high = keys.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      const other = keys[middle] as string;
      if (other < key || (other === key && (values[middle] as V).rid < rid)) low = middle + 1;
      else high = middle;
    }
    return low;
  }

  /** The first chunk whose last entry is not before (key, rid); the number of chunks if there is none. */
  #chunkFor(key: string, rid: number): number {
    const chunks = this.#chunks;
    let low = 0;
    let high = chunks.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      const { keys, values } = chunks[middle] as Chunk<V>;
      const last = keys.length - 1;
      const other = keys[last] as string;
      if (other < key || (other === key && (values[last] as V).rid < rid)) low = middle + 1;
      else high = middle;
    }
    return low;
  }

  add(key: string, value: V): void {
    this.#version++;
    this.#size++;
    const chunks = this.#chunks;
    let index = this.#chunkFor(key, value.rid);
    if (index === chunks.length) {
      if (index === 0) {
        chunks.push({ keys: [key], values: [value] });
        return;
      }
      index--;
    }
    const chunk = chunks[index] as Chunk<V>;
    const at = this.#locate(chunk, key, value.rid);
    if (at === chunk.keys.length) {
      // Growing keys fill chunks to the brim instead of leaving each half empty.
      if (at >= CHUNK) {
        chunks.splice(index + 1, 0, { keys: [key], values: [value] });
        return;
      }
      chunk.keys.push(key);
      chunk.values.push(value);
      return;
    }
    chunk.keys.splice(at, 0, key);
    chunk.values.splice(at, 0, value);
    if (chunk.keys.length > CHUNK) {
      const half = chunk.keys.length >>> 1;
      chunks.splice(index + 1, 0, { keys: chunk.keys.splice(half), values: chunk.values.splice(half) });
    }
  }

  /** Removes an entry; false if it is not there. */
  remove(key: string, value: V): boolean {
    const index = this.#chunkFor(key, value.rid);
    const chunk = this.#chunks[index];
    if (chunk === undefined) return false;
    const at = this.#locate(chunk, key, value.rid);
    if (chunk.keys[at] !== key || chunk.values[at]?.rid !== value.rid) return false;
    this.#version++;
    this.#size--;
    chunk.keys.splice(at, 1);
    chunk.values.splice(at, 1);
    if (chunk.keys.length === 0) this.#chunks.splice(index, 1);
    return true;
  }

  /** The first value of exactly this key. */
  first(key: string): V | undefined {
    const chunk = this.#chunks[this.#chunkFor(key, -1)];
    if (chunk === undefined) return undefined;
    const at = this.#locate(chunk, key, -1);
    return chunk.keys[at] === key ? chunk.values[at] : undefined;
  }

  /**
   * Walks the entries whose keys lie in [from, to). It may be left standing while entries come and go: it goes on
   * behind the last entry that it gave.
   */
  *range(from: string, to: string, backwards = false): Generator<V> {
    const chunks = this.#chunks;
    let version = this.#version;
    let index = backwards ? this.#chunkFor(to, -1) : this.#chunkFor(from, -1);
    let at: number;
    if (backwards) {
      const chunk = chunks[index];
      at = (chunk === undefined ? 0 : this.#locate(chunk, to, -1)) - 1;
    } else {
      const chunk = chunks[index];
      at = chunk === undefined ? 0 : this.#locate(chunk, from, -1);
    }
    for (;;) {
      let chunk = chunks[index];
      if (backwards) {
        while (at < 0) {
          chunk = chunks[--index];
          if (chunk === undefined) return;
          at = chunk.keys.length - 1;
        }
      } else {
        while (chunk !== undefined && at >= chunk.keys.length) {
          chunk = chunks[++index];
          at = 0;
        }
      }
      if (chunk === undefined) return;
      const key = chunk.keys[at] as string;
      if (backwards ? key < from : key >= to) return;
      const value = chunk.values[at] as V;
      yield value;
      if (version === this.#version) {
        at += backwards ? -1 : 1;
        continue;
      }
      // Something moved meanwhile: find the place again by the entry itself.
      version = this.#version;
      index = this.#chunkFor(key, value.rid);
      chunk = chunks[index];
      if (chunk === undefined) {
        if (!backwards) return;
        at = -1;
        continue;
      }
      at = this.#locate(chunk, key, value.rid);
      if (backwards) at--;
      else if (chunk.keys[at] === key && chunk.values[at]?.rid === value.rid) at++;
    }
  }

  /** How many entries have keys in [from, to). */
  count(from: string, to: string): number {
    const start = this.#chunkFor(from, -1);
    const end = this.#chunkFor(to, -1);
    const first = this.#chunks[start];
    if (first === undefined || from >= to) return 0;
    const last = this.#chunks[end];
    let total = -this.#locate(first, from, -1);
    for (let index = start; index < end; index++) total += (this.#chunks[index] as Chunk<V>).keys.length;
    return total + (last === undefined ? 0 : this.#locate(last, to, -1));
  }
}
