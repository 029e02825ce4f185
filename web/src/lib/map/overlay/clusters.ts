import type { SlaStatus } from '@opsboard/shared/batches/sla';

/** Marks that would lie on each other, as one. */
export type Cluster = {
  /** Web Mercator, the middle of those in it. */
  x: number;
  y: number;
  count: number;
  sla: SlaStatus;
  /** Those in it, at most a few: one alone is drawn as itself. */
  first: string;
};

/** How wide a cell is in which marks are gathered, pixels. */
const cell = 76;

const worse: { readonly [S in SlaStatus]: number } = { on_track: 0, at_risk: 1, breached: 2 };

/** Of two, the one that is looked at first. */
export const worst = (a: SlaStatus, b: SlaStatus): SlaStatus => (worse[a] >= worse[b] ? a : b);

/**
 * Gathers marks by cells of the earth, not of the screen: moving the map does not shuffle them.
 *
 * @param scale pixels that the earth is wide
 */
export function clustersOf(
  marks: Iterable<{ id: string; x: number; y: number; sla: SlaStatus }>,
  scale: number,
): Cluster[] {
  // Cells keep their size between two whole zooms, so that they split and join once on the way.
  const size = cell / 2 ** Math.floor(Math.log2(scale));
  const cells = new Map<string, Cluster>();
  for (const { id, x, y, sla } of marks) {
    const key = `${Math.floor(x / size)} ${Math.floor(y / size)}`;
    const known = cells.get(key);
    if (!known) {
      cells.set(key, { x, y, count: 1, sla, first: id });
      continue;
    }
    known.count++;
    known.x += (x - known.x) / known.count;
    known.y += (y - known.y) / known.count;
    known.sla = worst(known.sla, sla);
  }
  return [...cells.values()];
}
