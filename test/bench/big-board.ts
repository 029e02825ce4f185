import { statuses, steps } from '@opsboard/shared/batches/steps';
import type { Principal } from '@opsboard/shared/protocol/actors';
import type { Command } from '@opsboard/shared/protocol/envelope';
import { newId } from '../../server/src/platform/ids.ts';
import type { Backdoor } from '../support/app.ts';
import type { World } from '../support/world.ts';

const hour = 3_600_000;
const upTo = (most: number): number => Math.floor(Math.random() * most);
const pick = <T>(values: readonly T[]): T => values[upTo(values.length)]!;

/** An organization with many batches, and somebody who never stops working on them. */
export type BigBoard = {
  ids: readonly string[];
  /** Begins changing batches so many times a second; returns the stop, which tells how many it made and how fast. */
  work(perSecond: number): () => Promise<{ changes: number; perSecond: number; refused: number }>;
};

/** What two changes of one batch at once, or too many at once, are refused with. */
const races: ReadonlySet<string> = new Set(['rev_conflict', 'illegal_step', 'nothing_to_change', 'unavailable']);
/** Commands are dispatched so many at once while the board is filled. */
const atOnce = 200;

/**
 * Fills a world's board with open batches in all statuses but completed, of many customers and centers, some of them
 * past their date. Through the dispatcher, as every change goes; only the rate limits of ingress are left aside.
 */
export async function fillBoard(
  backdoor: Backdoor,
  world: World,
  count: number,
  more: { customers?: number; centers?: number } = {},
): Promise<BigBoard> {
  const { dispatcher, journal } = backdoor;
  const principal: Principal = { type: 'person', org: world.org, id: world.people.admin.id, role: 'admin' };
  const customers = Array.from({ length: more.customers ?? 30 }, () => newId());
  const centers = Array.from({ length: more.centers ?? 6 }, () => newId());
  const drivers = [world.people.driver1.id, world.people.driver2.id];
  const branches = [world.branches.north, world.branches.south];

  async function send(name: Command['name'], args: object, at = Date.now()): Promise<boolean> {
    const command = { commandId: newId(at), name, args } as Command;
    const ack = await dispatcher.dispatch(principal, command, { at });
    if (!ack.ok && !races.has(ack.error.code)) {
      throw new Error(`${name} was refused: ${JSON.stringify(ack.error)}`);
    }
    return ack.ok;
  }

  await Promise.all([
    ...customers.map((id, i) =>
      send('customer.create', {
        id,
        name: `${['Harbour', 'Meadow', 'Copper', 'Linden', 'Granite', 'Willow'][i % 6]!} ${['Foods', 'Retail', 'Clinics', 'Motors', 'Hotels', 'Bank'][Math.floor(i / 6) % 6]!}${i < 36 ? '' : ` ${i}`}`,
        slaHours: pick([48, 72]),
        contactEmail: `desk${i}@customer.test`,
      }),
    ),
    ...centers.map((id, i) => send('center.create', { id, name: `Center ${'ABCDEFGHIJ'[i % 10]!}` })),
  ]);

  const ids = Array.from({ length: count }, () => newId());
  const begun = Date.now();
  async function create(id: string, i: number): Promise<void> {
    // Over two days, so that some are past their date, some near it, and most have time.
    const at = begun - Math.floor(((count - i) / count) * 50 * hour) - 6 * hour;
    const last = i % (statuses.length - 1);
    await send(
      'batch.create',
      {
        id,
        branch: pick(branches),
        customer: pick(customers),
        center: pick(centers),
        driver: pick(drivers),
        parts: [`BIG-${world.org.slice(-4)}-${i}`],
        dueAt: at + 52 * hour + upTo(20 * hour),
      },
      at,
    );
    for (let step = 1; step <= last; step++) await forward(id, step, at + step * hour);
  }
  async function forward(id: string, to: number, at = Date.now()): Promise<boolean> {
    const { verb, needs } = steps[statuses[to] as keyof typeof steps];
    const counted = (needs as readonly string[]).includes('count');
    return send(verb, { id, ...(counted ? { count: 1 } : {}) }, at);
  }
  let next = 0;
  await Promise.all(
    Array.from({ length: atOnce }, async () => {
      while (next < count) {
        const i = next++;
        await create(ids[i]!, i);
      }
    }),
  );

  const state = await journal.org(world.org);
  async function change(): Promise<boolean> {
    const batch = state.get('batch', pick(ids))!;
    const at = statuses.indexOf(batch.status);
    const kind = Math.random();
    if (kind < 0.5) {
      const back = at === 4 || (at > 0 && Math.random() < 0.5);
      if (!back) return forward(batch.id, at + 1);
      return send('batch.takeBack', { id: batch.id, from: batch.status, reason: 'It had not left.' });
    }
    const { id, rev } = batch;
    if (kind < 0.8) {
      const dueAt = Date.now() + 60_000 + upTo(70 * hour);
      return send('batch.moveDueDate', { id, rev, dueAt, reason: 'The center asked for it.' });
    }
    return send('batch.assignDriver', { id, rev, driver: drivers.find((driver) => driver !== batch.driver)! });
  }

  return {
    ids,
    work: (perSecond) => {
      const from = performance.now();
      let [asked, changes, refused] = [0, 0, 0];
      const underWay = new Set<Promise<void>>();
      const timer = setInterval(() => {
        const due = Math.floor(((performance.now() - from) / 1000) * perSecond);
        // A machine that was away for a moment catches up, but not in one blow.
        for (let i = Math.min(due - asked, 20); i > 0; i--) {
          asked += 1;
          const one: Promise<void> = change()
            .then((done) => void (done ? (changes += 1) : (refused += 1)))
            .finally(() => underWay.delete(one));
          underWay.add(one);
        }
      }, 5);
      return async () => {
        clearInterval(timer);
        await Promise.all(underWay);
        return { changes, refused, perSecond: changes / ((performance.now() - from) / 1000) };
      };
    },
  };
}
