import type { InView } from '@opsboard/shared/protocol/fold';
import type { MapPlace } from './marks.ts';

/** Records of the directory that can have a position. */
type Directory = { all<K extends 'branch' | 'center' | 'customer'>(kind: K): ReadonlyMap<string, InView<K>> };

/** Branches and centers that say where they are and are in use. */
export function placesOf(directory: Directory): MapPlace[] {
  return (['branch', 'center'] as const).flatMap((kind) =>
    [...directory.all(kind).values()]
      .filter((one) => one.archivedAt === undefined)
      .flatMap(({ id, name, position }) =>
        position === undefined ? [] : [{ id, kind, name: kind === 'branch' ? `${name} branch` : name, position }],
      ),
  );
}
