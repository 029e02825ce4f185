import { newId } from '../../server/src/platform/ids.ts';
import type { Client } from './client.ts';
import type { World } from './world.ts';

/** A command that was acknowledged, as it was sent. */
export type Acked = {
  client: Client;
  commandId: string;
  name: 'batch.create';
  args: object;
  first: number;
  seq: number;
};

/** Commands at full speed in one organization, and what was acknowledged of them. */
export type Load = {
  acked: Acked[];
  /** Of a personal field that changes all the time: its value by the seq that made it so. */
  phones: { seq: number; phone: string }[];
  stop(): Promise<void>;
};

/** So many senders at once make batches; one more changes a customer's phone again and again. */
export function startLoad(world: World, senders = 12): Load {
  const acked: Acked[] = [];
  const phones: Load['phones'] = [];
  let stopped = false;
  const client = world.admin;
  const create = async (): Promise<void> => {
    while (!stopped) {
      const commandId = newId();
      const { north, south } = world.branches;
      const id = newId();
      const args = {
        id,
        branch: acked.length % 2 === 0 ? north : south,
        customer: world.customers.fast,
        center: world.centers.near,
        parts: [`B-${id.slice(-12)}`],
      };
      const ack = await client.command('batch.create', args, { commandId });
      if (ack.ok) acked.push({ client, commandId, name: 'batch.create', args, first: ack.first, seq: ack.seq });
    }
  };
  const phone = async (): Promise<void> => {
    const id = newId();
    await client.mustCommand('customer.create', { id, name: `Phone ${id.slice(-6)}`, slaHours: 24 });
    for (let rev = 1; !stopped; rev++) {
      const contactPhone = `+49 30 ${1_000_000 + rev}`;
      phones.push({ seq: await client.mustCommand('customer.edit', { id, rev, contactPhone }), phone: contactPhone });
    }
  };
  const work = [phone(), ...Array.from({ length: senders }, create)];
  return {
    acked,
    phones,
    stop: async () => {
      stopped = true;
      await Promise.all(work);
    },
  };
}
