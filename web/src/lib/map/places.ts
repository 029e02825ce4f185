import type { BatchInView } from '@opsboard/shared/batches/schema';
import type { Route } from '@opsboard/shared/routes/schema';
import { hasEnded } from '@opsboard/shared/routes/stops';
import type { InView } from '@opsboard/shared/protocol/fold';
import { counted } from '#lib/time/format.ts';
import type { MapPlace } from './marks.ts';
import { worst } from './overlay/clusters.ts';
import { slaOf } from './today.ts';

type Kind = 'branch' | 'center' | 'customer';
/** Records of the directory that can have a position. */
type Directory = { all<K extends Kind>(kind: K): ReadonlyMap<string, InView<K>> };

/** How many batches are where, and whether one of them is past its date. */
export type Held = ReadonlyMap<string, { count: number; breached: boolean }>;

/** Counts what waits at branches, sealed, and what is at centers. */
export function heldAt(batches: Iterable<BatchInView>, now: number): Held {
  const held = new Map<string, { count: number; breached: boolean }>();
  for (const batch of batches) {
    const at = batch.status === 'at_center' ? batch.center : batch.status === 'sealed' ? batch.branch : undefined;
    if (at === undefined) continue;
    const known = held.get(at) ?? { count: 0, breached: false };
    known.count++;
    known.breached ||= worst(slaOf(batch, now), 'at_risk') === 'breached';
    held.set(at, known);
  }
  return held;
}

/** Branches, centers and customers that say where they are and are in use. */
export function placesOf(directory: Directory, held: Held, kinds: readonly Kind[]): MapPlace[] {
  return kinds.flatMap((kind) =>
    [...directory.all(kind).values()].flatMap((one): MapPlace[] => {
      if (one.archivedAt !== undefined || one.position === undefined) return [];
      const here = held.get(one.id);
      const place: MapPlace = {
        id: one.id,
        kind,
        name: kind === 'branch' ? `${one.name} branch` : one.name,
        position: one.position,
      };
      if (!here) return [place];
      const note = kind === 'branch' ? `${here.count} to pick up` : counted(here.count, 'batch', 'batches');
      return [{ ...place, note, ...(here.breached ? { sla: 'breached' } : {}) }];
    }),
  );
}

/** The stops of a route at customers, numbered; its branches and centers are on the map anyway. */
export const stopsOf = (route: Route): MapPlace[] =>
  route.order.flatMap((id, i): MapPlace[] => {
    const { place } = route.stops[id]!;
    const about = route.places?.[id];
    if (place.kind !== 'customer' || about?.position === undefined) return [];
    const done = hasEnded(route.stops[id]!);
    return [{ id, kind: 'stop', name: about.name, position: about.position, order: i + 1, ...(done ? { done } : {}) }];
  });
