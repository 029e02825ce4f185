import { createHash } from 'node:crypto';
import type { Status } from '@opsboard/shared/batches/steps';
import { newId } from '../../../server/src/platform/ids.ts';
import type { RightsWorld } from './rights-world.ts';
import { unique } from './rights-world.ts';

/** A batch that was made for a cell. `rev` is its version, `parts` its two parts. */
export type MadeBatch = { id: string; rev: number; branch: string; parts: readonly [string, string] };

type Wanted = {
  branch: 'north' | 'south';
  /** Somebody of the world; the driver whom nobody asks as, unless one is named. */
  driver?: string | undefined;
  status?: Status;
  /** Its date has passed. */
  breached?: boolean;
  customer?: string;
  center?: string;
};

const hour = 3_600_000;

/** A new batch, brought to a status step by step. */
export async function makeBatch(world: RightsWorld, wanted: Wanted): Promise<MadeBatch> {
  const { branch, status = 'draft' } = wanted;
  const id = newId();
  const parts = [unique('P').toUpperCase(), unique('P').toUpperCase()] as const;
  const driver = wanted.driver === undefined ? world.otherDriver : world.people.get(wanted.driver)!.id;
  const now = Date.now();
  await world.act(
    'batch.create',
    {
      id,
      branch: world.branches[branch],
      customer: wanted.customer ?? world.customer,
      center: wanted.center ?? world.center,
      driver,
      parts: [...parts],
      dueAt: now + (wanted.breached ? -hour : 48 * hour),
    },
    wanted.breached ? { doneAt: now - 3 * hour } : {},
  );
  const steps: [Status, () => Promise<unknown>][] = [
    ['sealed', () => world.act('batch.seal', { id, count: 2 })],
    ['in_transit_to_center', () => world.act('batch.depart', { id })],
    ['at_center', () => world.act('batch.arrive', { id })],
    ['in_transit_back', () => world.act('batch.departBack', { id })],
    ['completed', () => world.act('batch.complete', { id, count: 2 })],
  ];
  const last = steps.findIndex(([name]) => name === status);
  for (const [, take] of steps.slice(0, last + 1)) await take();
  return { id, rev: last + 2, branch: world.branches[branch], parts };
}

/** A draft that was given up: it is archived with that, whatever its branch. */
export async function makeCancelled(world: RightsWorld, branch: 'north' | 'south'): Promise<MadeBatch> {
  const batch = await makeBatch(world, { branch });
  await world.act('batch.cancel', { id: batch.id, reason: 'not wanted' });
  return { ...batch, rev: batch.rev + 1 };
}

/** A message that could not be sent. */
export async function makeFailedMessage(world: RightsWorld, branch: 'north' | 'south'): Promise<string> {
  const batch = await makeBatch(world, { branch, breached: true });
  const id = newId();
  const message = { id, channel: 'sms' as const, to: '+49 30 1234567', text: 'It is late.' };
  await world.act('batch.notifyCustomer', { id: batch.id, messages: [message] });
  await world.system('messenger', 'message.claim', { id });
  await world.system('messenger', 'message.settle', { id, attempt: 1, state: 'failed', why: 'It was refused.' });
  return id;
}

export async function makeTemplate(world: RightsWorld, branch: 'north' | 'south'): Promise<string> {
  const id = newId();
  const { customer, center, branches } = world;
  await world.act('template.create', { id, name: unique('Template'), branch: branches[branch], customer, center });
  return id;
}

/** An API key that is limited to branches, or to none. */
export async function makeKey(world: RightsWorld, limit?: readonly ('north' | 'south')[]): Promise<string> {
  const id = newId();
  await world.act('apiKey.create', {
    id,
    name: unique('Key'),
    scopes: ['batches:read'],
    ...(limit ? { branches: world.branchIds(limit) } : {}),
    tokenHash: createHash('sha256').update(id).digest('hex'),
    hint: 'abcd',
  });
  return id;
}

/** A saved view of somebody; of the admin where they have none of their own. */
export async function makeView(world: RightsWorld, owner: string): Promise<string> {
  const id = newId();
  const role = world.people.get(owner)?.role;
  const by = role === 'admin' || role === 'operations_manager' || role === 'team_member' ? owner : 'admin';
  await world.act('savedView.create', { id, name: unique('View'), page: 'board', query: '' }, { by });
  return id;
}
