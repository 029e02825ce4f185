import type { Principal } from '@opsboard/shared/protocol/actors';
import type { ArgsOf, CommandName } from '@opsboard/shared/protocol/deciders';
import type { Ack, Command } from '@opsboard/shared/protocol/envelope';
import type { Role } from '@opsboard/shared/people/roles';
import { newId } from '../../server/src/platform/ids.ts';

/** Builds a command with a fresh id. */
export function command<N extends CommandName>(
  name: N,
  args: ArgsOf<N>,
  more: { commandId?: string; doneAt?: number; resend?: boolean } = {},
): Command<N> {
  return { commandId: newId(), name, args, ...more } as Command<N>;
}

type Sends = { dispatch(principal: Principal, command: Command, options?: { at?: number }): Promise<Ack> };

/** A small world: one organization, two branches, a customer, a center, and a person of each role. */
export type World = {
  org: string;
  north: string;
  south: string;
  customer: string;
  center: string;
  admin: Principal;
  /** Limited to the north branch. */
  north_team: Principal;
  team: Principal;
  ops: Principal;
  manager: Principal;
  display: Principal;
  driver: Principal;
  driver2: Principal;
};

/** Makes the {@link World} through a dispatcher, as first start and an admin would. */
export async function foundWorld(dispatcher: Sends): Promise<World> {
  const ids = { org: newId(), north: newId(), south: newId(), customer: newId(), center: newId(), admin: newId() };
  const { org } = ids;
  const send = async (principal: Principal, each: Command): Promise<void> => {
    const ack = await dispatcher.dispatch(principal, each);
    if (!ack.ok) throw new Error(`${each.name}: ${JSON.stringify(ack.error)}`);
  };
  await send(
    { type: 'system', org, id: 'setup' },
    command('organization.create', {
      id: org,
      name: 'Test',
      timeZone: 'Europe/Berlin',
      admin: { id: ids.admin, name: 'Admin', email: `admin-${org}@test.test`, passwordHash: 'x' },
    }),
  );
  const admin: Principal = { type: 'person', org, id: ids.admin, role: 'admin' };
  await send(admin, command('branch.create', { id: ids.north, name: 'North' }));
  await send(admin, command('branch.create', { id: ids.south, name: 'South' }));
  await send(admin, command('customer.create', { id: ids.customer, name: 'Customer', slaHours: 48 }));
  await send(admin, command('center.create', { id: ids.center, name: 'Center' }));
  const person = async (name: string, role: Role, branches?: string[]): Promise<Principal> => {
    const id = newId();
    await send(
      admin,
      command('person.create', { id, name, email: `${name}-${id}@test.test`, role, ...(branches && { branches }) }),
    );
    return { type: 'person', org, id, role, ...(branches && { branches }) };
  };
  return {
    ...ids,
    admin,
    north_team: await person('north', 'team_member', [ids.north]),
    team: await person('team', 'team_member'),
    ops: await person('ops', 'operations_manager'),
    manager: await person('manager', 'manager'),
    display: await person('wall', 'display'),
    driver: await person('driver1', 'driver'),
    driver2: await person('driver2', 'driver'),
  };
}

/** A `batch.create` in the north branch, with two parts of its own. */
export function newBatch(world: World, more: Partial<ArgsOf<'batch.create'>> = {}): Command<'batch.create'> {
  const id = more.id ?? newId();
  const tail = id.slice(-12).toUpperCase();
  return command('batch.create', {
    id,
    branch: world.north,
    customer: world.customer,
    center: world.center,
    parts: [`P-${tail}-1`, `P-${tail}-2`],
    ...more,
  });
}
