import { distance } from '../geo/distance.ts';
import type { Fix } from './schema.ts';
import { coarsest, leastMetres, mostSilence } from './times.ts';

/**
 * Whether a phone's next fix says something that the last one it kept does not: it has moved, by more than what either
 * may be wrong by, or has said nothing for a while. A fix that is too coarse, or not later, says nothing.
 *
 * @param last the last one that was kept; undefined: none was
 */
export function saysMore(last: Fix | undefined, next: Fix): boolean {
  if ((next.accuracy ?? 0) > coarsest) return false;
  if (!last) return true;
  const passed = next.at - last.at;
  if (passed <= 0) return false;
  if (passed >= mostSilence) return true;
  return distance(last.point, next.point) >= Math.max(leastMetres, last.accuracy ?? 0, next.accuracy ?? 0);
}

/** The fixes that are left of many, by {@link saysMore}; the oldest first. */
export function thinned(fixes: readonly Fix[]): Fix[] {
  const kept: Fix[] = [];
  for (const next of fixes) if (saysMore(kept.at(-1), next)) kept.push(next);
  return kept;
}
