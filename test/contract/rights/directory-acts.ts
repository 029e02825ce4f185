import type { DirectoryKind } from '@opsboard/shared/directory/kinds';
import type { CommandName } from '@opsboard/shared/protocol/deciders';
import { newId } from '../../../server/src/platform/ids.ts';
import type { Act, Subject } from './acts.ts';
import type { RightsWorld } from './rights-world.ts';
import { unique } from './rights-world.ts';
import { makeBatch } from './subjects.ts';

const names = (): { name: string } => ({ name: unique('Name') });
const fields = (kind: DirectoryKind): object => ({
  ...names(),
  ...(kind === 'customer' ? { slaHours: 24 } : kind === 'team' ? { members: [] } : {}),
});

async function make(world: RightsWorld, kind: DirectoryKind, more: object = {}): Promise<string> {
  const id = newId();
  await world.act(`${kind}.create`, { id, ...fields(kind), ...more } as never);
  return id;
}
async function makeArchived(world: RightsWorld, kind: DirectoryKind): Promise<string> {
  const id = await make(world, kind);
  await world.act(`${kind}.archive`, { id });
  return id;
}

/** A command on records of the directory that were made for it. */
function onEntry(
  command: CommandName,
  making: (world: RightsWorld) => Promise<string>,
  args: (id: string, world: RightsWorld) => Promise<object> | object,
  more: Act['subjects'] = {},
): Act {
  return {
    command,
    subjects: {
      own: async ({ world }) => args(await making(world), world),
      other: async ({ other }) => args(await making(other), other),
      unknown: ({ world }) => args(newId(), world),
      ...more,
    },
  };
}

const archiving = (kind: DirectoryKind): Act[] => [
  onEntry(
    `${kind}.archive`,
    (world) => make(world, kind),
    (id) => ({ id }),
  ),
  onEntry(
    `${kind}.restore`,
    (world) => makeArchived(world, kind),
    (id) => ({ id }),
  ),
];

const merging = (kind: DirectoryKind, more: Act['subjects'] = {}): Act =>
  onEntry(
    `${kind}.merge`,
    (world) => make(world, kind),
    async (id, world) => ({ id, into: await make(world, kind), rev: 1 }),
    {
      'into-other': async ({ world, other }) => ({
        id: await make(world, kind),
        into: await make(other, kind),
        rev: 1,
      }),
      ...more,
    },
  );

/** A merge that takes a batch of a branch along. */
const withBatch =
  (branch: 'north' | 'south'): Subject =>
  async ({ world }) => {
    const id = await make(world, 'customer');
    const batch = await makeBatch(world, { branch });
    await world.act('batch.edit', { id: batch.id, rev: batch.rev, customer: id });
    return { id, into: await make(world, 'customer'), rev: 1 };
  };

const at =
  (branch: 'north' | 'south', args: (id: string, world: RightsWorld) => object): Subject =>
  async ({ world }) =>
    args(await make(world, 'warehouse', { branch: world.branches[branch] }), world);
const rename = (id: string): object => ({ id, rev: 1, ...names() });

const warehouseActs: readonly Act[] = [
  {
    command: 'warehouse.create',
    subjects: {
      new: () => ({ id: newId(), ...names() }),
      north: ({ world }) => ({ id: newId(), ...names(), branch: world.branches.north }),
      south: ({ world }) => ({ id: newId(), ...names(), branch: world.branches.south }),
      'at-other': ({ other }) => ({ id: newId(), ...names(), branch: other.branches.north }),
    },
  },
  onEntry('warehouse.edit', (world) => make(world, 'warehouse'), rename, {
    north: at('north', rename),
    south: at('south', rename),
    'south-to-north': at('south', (id, world) => ({ id, rev: 1, branch: world.branches.north })),
  }),
];

/** How the commands of the directory are tried, beside those that make and change what `acts.ts` has. */
export const directoryActs: readonly Act[] = [
  ...warehouseActs,
  onEntry(
    'vendor.eraseContacts',
    (world) => make(world, 'vendor', { contactPhone: '+49 30 1234567' }),
    (id) => ({ id, rev: 1 }),
  ),
  ...(['vendor', 'team'] as const).flatMap((kind): Act[] => [
    { command: `${kind}.create`, subjects: { new: () => ({ id: newId(), ...fields(kind) }) } },
    onEntry(`${kind}.edit`, (world) => make(world, kind), rename),
  ]),
  ...(['branch', 'warehouse', 'vendor', 'customer', 'center', 'team'] as const).flatMap(archiving),
  ...(['branch', 'warehouse', 'vendor', 'center', 'team'] as const).map((kind) => merging(kind)),
  merging('customer', { 'north-batch': withBatch('north'), 'south-batch': withBatch('south') }),
];
