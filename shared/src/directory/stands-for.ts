import type { DirectoryKind } from './kinds.ts';

/** Where records of the directory are looked up. */
type Lookup = { get(kind: DirectoryKind, id: string): { mergedInto?: string | undefined } | undefined };

/** Merged again and again, a record has gone this often at most. */
const mostMerges = 50;

/** The record that stands for one today: itself, or what it was merged into. */
export function standsFor(state: Lookup, kind: DirectoryKind, id: string): string {
  let at = id;
  for (let i = 0; i < mostMerges; i++) {
    const into = state.get(kind, at)?.mergedInto;
    if (into === undefined) return at;
    at = into;
  }
  return at;
}
