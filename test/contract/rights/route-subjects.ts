import type { PlannedStop } from '@opsboard/shared/routes/schema';
import { newId } from '../../../server/src/platform/ids.ts';
import type { RightsWorld } from './rights-world.ts';
import { makeBatch } from './subjects.ts';

/** How far a route has got. `picked`: its batch is on the road, and the stop where that happened is left. */
export type Progress = 'planned' | 'under_way' | 'arrived' | 'picked' | 'cancelled' | 'archived';

/** A route that was made for a cell. `rev` is its version, `plan` the number of its plan. */
export type MadeRoute = { id: string; rev: number; plan: number; stops: readonly [string, string]; batch: string };

type Wanted = {
  branch: 'north' | 'south';
  /** Somebody of the world; the driver whom nobody asks as, unless one is named. */
  driver?: string | undefined;
  /** Somebody of the world whose it was before. */
  former?: string | undefined;
  progress?: Progress;
  /** A batch to be picked up at the branch and handed over at its center; otherwise there is nothing to do anywhere. */
  load?: boolean;
  /** It has no stop, so that it cannot be started. */
  empty?: boolean;
};

export const today = (): string => new Date().toISOString().slice(0, 10);

/** A stop without work. */
export const idleStop = (world: RightsWorld, id: string, branch: 'north' | 'south'): PlannedStop => ({
  id,
  place: { kind: 'branch', id: world.branches[branch] },
  pickUp: [],
  handOver: [],
});

/** A new route, brought as far as is wanted. */
export async function makeRoute(world: RightsWorld, wanted: Wanted): Promise<MadeRoute> {
  const { branch, progress = 'planned', load = false } = wanted;
  const [id, first, second] = [newId(), newId(), newId()];
  const driverOf = (who: string | undefined): string =>
    who === undefined ? world.otherDriver : world.people.get(who)!.id;
  const moves = progress === 'under_way' || progress === 'arrived' || progress === 'picked';
  // One driver drives one route at a time, and those of the world have many: somebody else starts it for them.
  const starter = moves ? await world.person('driver') : driverOf(wanted.former ?? wanted.driver);
  const batch = load ? await makeBatch(world, { branch, status: 'sealed' }) : undefined;
  const stops = [
    { ...idleStop(world, first, branch), pickUp: batch ? [batch.id] : [] },
    { ...idleStop(world, second, branch), ...(batch ? { place: { kind: 'center' as const, id: world.center } } : {}) },
  ];
  if (batch) stops[1]!.handOver = [batch.id];
  let [rev, plan] = [1, 1];
  const step = async (act: Promise<unknown>): Promise<void> => {
    await act;
    rev++;
  };
  await world.act('route.create', {
    id,
    branch: world.branches[branch],
    day: today(),
    driver: starter,
    stops: wanted.empty ? [] : load ? stops : stops.slice(0, 1),
  });
  const assign = async (driver: string): Promise<void> => {
    await step(world.act('route.assign', { id, plan, driver }));
    plan++;
  };
  if (moves) {
    await step(world.act('route.start', { id }));
    if (wanted.former) await assign(driverOf(wanted.former));
  }
  if (starter !== driverOf(wanted.driver)) await assign(driverOf(wanted.driver));
  if (progress === 'arrived') await step(world.act('route.arrive', { id, stop: first }));
  if (progress === 'picked') {
    await step(world.act('route.pickUp', { id, stop: first, batch: batch!.id, count: 2 }));
    await step(world.act('route.depart', { id, stop: first }));
  }
  if (progress === 'cancelled' || progress === 'archived')
    await step(world.act('route.cancel', { id, reason: 'not wanted' }));
  if (progress === 'archived') await step(world.system('archive', 'route.archive', { id }));
  return { id, rev, plan, stops: [first, second], batch: batch?.id ?? newId() };
}

/** A PNG of one pixel. */
export const onePixel =
  'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==';

/** A picture that somebody of the world has sent. @returns its id */
export async function sendPicture(world: RightsWorld, who: string): Promise<string> {
  const id = newId();
  const { client } = world.people.get(who)!;
  await client.get(`/api/live/snapshot?atLeast=${world.seq()}`);
  const { status, text } = await client.post('/api/files', { id, data: onePixel });
  if (status >= 400) throw new Error(`the picture was refused: ${text}`);
  return id;
}
