import type { Point } from '@opsboard/shared/geo/distance';
import type { Worker } from './worker.ts';

type Placed = { id: string; name: string; position?: [number, number]; archivedAt?: number };

/** Where the places of the directory are, by kind and id. */
export type Places = {
  branches: readonly string[];
  of(place: { kind: string; id: string }): Point | undefined;
};

/** Reads the directory once; places do not move. */
export async function readPlaces(desk: Worker): Promise<Places> {
  const read = async (path: string): Promise<Placed[]> =>
    Object.values(await desk.get<{ [kind: string]: Placed[] }>(path)).find(Array.isArray) ?? [];
  const [branches, customers, centers] = await Promise.all(
    ['/api/branches', '/api/customers', '/api/centers'].map(read),
  );
  const positions = new Map<string, Point>();
  for (const list of [branches!, customers!, centers!])
    for (const { id, position } of list) if (position) positions.set(id, position);
  return {
    branches: branches!.filter(({ archivedAt }) => archivedAt === undefined).map(({ id }) => id),
    of: ({ id }) => positions.get(id),
  };
}
