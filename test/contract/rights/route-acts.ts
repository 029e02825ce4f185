import type { ArgsOf, CommandName } from '@opsboard/shared/protocol/deciders';
import { newId } from '../../../server/src/platform/ids.ts';
import type { Act, Subject } from './acts.ts';
import type { RightsWorld } from './rights-world.ts';
import type { MadeRoute, Progress } from './route-subjects.ts';
import { idleStop, makeRoute, today } from './route-subjects.ts';
import { makeBatch } from './subjects.ts';

type RouteNeeds = {
  progress?: Progress;
  load?: boolean;
  empty?: boolean;
  prepare?(world: RightsWorld, route: MadeRoute): Promise<unknown>;
};

/** A command on a route, under every condition that routes have. */
function onRoute<N extends CommandName>(
  command: N,
  args: (route: MadeRoute, world: RightsWorld) => ArgsOf<N>,
  needs: RouteNeeds = {},
  more: Act['subjects'] = {},
): Act {
  const on =
    (branch: 'north' | 'south', driver?: string, former?: string): Subject =>
    async ({ world }) => {
      const route = await makeRoute(world, { ...needs, branch, driver, former });
      await needs.prepare?.(world, route);
      return args(route, world);
    };
  const archived =
    (branch: 'north' | 'south'): Subject =>
    async ({ world }) =>
      args(await makeRoute(world, { branch, progress: 'archived' }), world);
  return {
    command,
    subjects: {
      north: on('north'),
      south: on('south'),
      'north-driver': on('north', 'driver'),
      'south-sDriver': on('south', 'sDriver'),
      'north-sDriver': on('north', 'sDriver'),
      'north-former-driver': on('north', undefined, 'driver'),
      'north-archived': archived('north'),
      'south-archived': archived('south'),
      other: async ({ world, other }) => args(await makeRoute(other, { ...needs, branch: 'north' }), world),
      unknown: ({ world }) => args({ id: newId(), rev: 1, plan: 1, stops: [newId(), newId()], batch: newId() }, world),
      ...more,
    },
  };
}

const create = (
  branch: (world: RightsWorld, other: RightsWorld) => string,
  more: (world: RightsWorld, other: RightsWorld) => Promise<object> | object = () => ({}),
): Subject => {
  return async ({ world, other }) => ({
    id: newId(),
    branch: branch(world, other),
    day: today(),
    stops: [],
    ...(await more(world, other)),
  });
};
const south = (world: RightsWorld): string => world.branches.south;

/** A stop at which a sealed batch of a branch is picked up. */
async function pickingUp(world: RightsWorld, branch: 'north' | 'south') {
  const { id } = await makeBatch(world, { branch, status: 'sealed' });
  return { ...idleStop(world, newId(), branch), pickUp: [id] };
}

/** How each command on routes is tried. */
export const routeActs: readonly Act[] = [
  {
    command: 'route.create',
    subjects: {
      north: create((world) => world.branches.north),
      south: create(south),
      'at-other': create((_world, other) => other.branches.north),
      'south-with-north-batch': create(south, async (world) => ({ stops: [await pickingUp(world, 'north')] })),
      'with-other-driver': create(south, (_world, other) => ({ driver: other.otherDriver })),
      'with-other-batch': create(south, async (_world, other) => ({ stops: [await pickingUp(other, 'north')] })),
    },
  },
  onRoute('route.edit', ({ id, rev }) => ({ id, rev, vehicle: 'Van 4' })),
  onRoute(
    'route.assign',
    ({ id, plan }) => ({ id, plan, driver: null }),
    {},
    {
      'to-other': async ({ world, other }) => {
        const { id, plan } = await makeRoute(world, { branch: 'north' });
        return { id, plan, driver: other.otherDriver };
      },
    },
  ),
  onRoute(
    'route.plan',
    ({ id, plan }, world) => ({ id, plan, stops: [idleStop(world, newId(), 'north')] }),
    {},
    {
      'south-with-north-batch': async ({ world }) => {
        const { id, plan } = await makeRoute(world, { branch: 'south' });
        return { id, plan, stops: [await pickingUp(world, 'north')] };
      },
      'with-other-batch': async ({ world, other }) => {
        const { id, plan } = await makeRoute(world, { branch: 'south' });
        return { id, plan, stops: [await pickingUp(other, 'north')] };
      },
    },
  ),
  onRoute('route.cancel', ({ id }) => ({ id, reason: 'not wanted' })),
  // One driver starts one route at a time: these have no stop, which a rule refuses.
  onRoute(
    'route.start',
    ({ id }) => ({ id }),
    { empty: true },
    {
      // Whose nobody else's is: it starts.
      'north-alone': async ({ world }) => {
        const { id, plan } = await makeRoute(world, { branch: 'north' });
        await world.act('route.assign', { id, plan, driver: await world.person('driver') });
        return { id };
      },
    },
  ),
  onRoute('route.arrive', ({ id, stops }) => ({ id, stop: stops[0] }), { progress: 'under_way' }),
  onRoute('route.depart', ({ id, stops }) => ({ id, stop: stops[0] }), { progress: 'arrived' }),
  onRoute('route.skip', ({ id, stops }) => ({ id, stop: stops[0], reason: 'closed' }), { progress: 'under_way' }),
  onRoute('route.pickUp', ({ id, stops, batch }) => ({ id, stop: stops[0], batch, count: 2 }), {
    progress: 'under_way',
    load: true,
  }),
  onRoute('route.handOver', ({ id, stops, batch }) => ({ id, stop: stops[1], batch, count: 2 }), {
    progress: 'picked',
    load: true,
  }),
  onRoute('route.finish', ({ id }) => ({ id }), { progress: 'arrived' }),
  onRoute('route.acknowledge', ({ id, plan }) => ({ id, plan })),
  onRoute('route.report', ({ id }) => ({ id, problem: newId(), reason: 'road' })),
  onRoute('route.resolve', ({ id, stops }) => ({ id, problem: stops[1] }), {
    prepare: (world, { id, stops }) => world.act('route.report', { id, problem: stops[1], reason: 'road' }),
  }),
  {
    command: 'route.archive',
    subjects: { any: async ({ world }) => ({ id: (await makeRoute(world, { branch: 'south' })).id }) },
  },
  {
    command: 'route.erase',
    subjects: {
      any: async ({ world }) => ({ id: (await makeRoute(world, { branch: 'south' })).id, because: 'retention' }),
    },
  },
];
