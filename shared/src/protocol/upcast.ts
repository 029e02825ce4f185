import type { Entry } from './entries.ts';
import { entryVersion } from './entries.ts';

/** An entry as some release wrote it. Its shape is today's when `v` is today's. */
export type WrittenEntry = { v: number; [field: string]: unknown };

/** By the version they start from: each brings an entry one version up and keeps the fields it does not know. */
const steps: { readonly [from: number]: (entry: WrittenEntry) => WrittenEntry } = {};

/**
 * Brings an entry of an older shape to today's. Pure. An entry of a newer release passes unchanged, unknown fields
 * included: a shape is read one release before it is written, so what this one knows of it holds.
 */
export function upcast(written: WrittenEntry | Entry): Entry {
  let entry = written as WrittenEntry;
  while (entry.v < entryVersion) {
    const step = steps[entry.v];
    if (!step) throw new Error(`no way up from entry version ${entry.v}`);
    entry = step(entry);
  }
  return entry as unknown as Entry;
}
