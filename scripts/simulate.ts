import { parseArgs } from 'node:util';
import type { Batch } from '@opsboard/shared/batches/schema';
import type { Status } from '@opsboard/shared/batches/steps';
import { expectedCount } from '@opsboard/shared/batches/steps';
import { dateOf } from '@opsboard/shared/time/days';
import { onStop } from '../server/src/platform/supervised.ts';
import { newId } from '../server/src/platform/ids.ts';
import { people, timeZone } from './demo/world.ts';
import { Random } from './demo/random.ts';
import { Driver } from './simulate/driver.ts';
import { Pace } from './simulate/pace.ts';
import { readPlaces } from './simulate/places.ts';
import { Planner } from './simulate/planner.ts';
import { Worker } from './simulate/worker.ts';

/**
 * Lets the demo people go on working: they sign in over the public API as anybody would, create, seal, drive and
 * complete batches, and now and then are late; the lead plans routes, and drivers drive them along the city's streets.
 * `--speed 1` is about one action in eight seconds and drivers at the speed of traffic; `--speed 20` is a rush.
 */
const { values } = parseArgs({
  options: { url: { type: 'string' }, speed: { type: 'string', default: '1' }, seed: { type: 'string' } },
});
const url = values.url?.replace(/\/$/, '');
const speed = Number(values.speed);
if (!url || !(speed > 0) || speed > 1_000) {
  console.error(
    'Usage: node scripts/simulate.ts --url http://127.0.0.1:3000 [--speed 1]  (speed above 0, at most 1000)',
  );
  process.exit(2);
}

const random = new Random(Number(values.seed ?? Date.now() % 1_000_000));
/** The pause between two actions at speed 1, milliseconds. */
const pause = 8_000;
/** What the simulator steers the board towards: how many open batches are in each status. */
const target: { readonly [S in Exclude<Status, 'completed'>]: number } = {
  draft: 14,
  sealed: 22,
  in_transit_to_center: 18,
  at_center: 47,
  in_transit_back: 19,
};

const lead = new Worker(url, 'ops');
const desk = new Worker(url, 'team');
const drivers = people.filter((person) => person.role === 'driver').map((person) => new Worker(url, person.login));

/** A batch as the list answers it. */
type Listed = Omit<Batch, 'parts'>;

const list = async (status: string, limit = 60): Promise<Listed[]> =>
  (await lead.get<{ batches: Listed[] }>(`/api/batches?status=${status}&limit=${limit}`)).batches;

/** What is on a route moves with it. */
const onFoot = (batches: readonly Listed[]): Listed[] => batches.filter(({ route }) => route === undefined);

/** Who may act for a batch at the desk: the team member where it is their branch, else the lead. */
const deskFor = (batch: { branch: string }): Worker =>
  desk.branches === undefined || desk.branches.includes(batch.branch) ? desk : lead;

async function driverOf(batch: Listed): Promise<Worker> {
  for (const driver of drivers) if (driver.id === '') await driver.get('/api/session');
  return drivers.find((driver) => driver.id === batch.driver) ?? random.pick(drivers);
}

async function create(): Promise<void> {
  const directory = async (path: string) => {
    const answer = await desk.get<{ [kind: string]: { id: string; name: string }[] }>(path);
    return Object.values(answer).find(Array.isArray) ?? [];
  };
  const [branches, customers, centers] = await Promise.all(
    ['/api/branches', '/api/customers', '/api/centers'].map(directory),
  );
  const branch = random.pick(branches!).id;
  const count = Math.max(1, Math.round(random.duration(7, 0.6)));
  const parts = Array.from({ length: count }, () => `P-${random.whole(100_000, 9_999_999)}`);
  await done(desk, 'batch.create', {
    id: newId(),
    branch,
    customer: random.pick(customers!).id,
    center: random.pick(centers!).id,
    parts: [...new Set(parts)],
  });
}

async function done(who: Worker, name: string, args: object): Promise<void> {
  const refusal = await who.command(name, args);
  // Others work on the same batches: a step that somebody else has just made is no news.
  if (refusal && refusal !== 'illegal_step' && refusal !== 'not_found')
    console.log(`${who.login}: ${name} refused, ${refusal}`);
}

/** What goes otherwise than planned, with its reason; false when nothing of the kind fits the batch. */
async function mishap(batch: Listed): Promise<boolean> {
  const { id, status } = batch;
  const desk = deskFor(batch);
  switch (status) {
    case 'draft':
      await done(desk, 'batch.cancel', { id, reason: 'Entered twice' });
      return true;
    case 'in_transit_to_center':
      await done(desk, 'batch.takeBack', { id, from: status, reason: 'Pressed by mistake' });
      return true;
    case 'at_center':
    case 'in_transit_back': {
      if (expectedCount(batch) < 3) return false;
      const { batch: whole } = await lead.get<{ batch: Batch }>(`/api/batches/${id}`);
      const part = Object.keys(whole.parts).find((name) => !whole.parts[name]?.out);
      if (part === undefined) return false;
      if (random.next() < 0.5)
        await done(desk, 'batch.settleParts', { id, parts: [part], how: 'scrapped', reason: 'Beyond repair' });
      else await done(desk, 'batch.split', { id, into: newId(), parts: [part], reason: 'Waiting for a spare' });
      return true;
    }
    default:
      return false;
  }
}

/** Moves one batch of a status a step on: mostly the one that is due first, sometimes any. */
async function move(status: Exclude<Status, 'completed'>): Promise<void> {
  const batches = onFoot(await list(status));
  const batch = random.next() < 0.6 ? batches[Math.min(batches.length - 1, random.whole(2, 8))] : random.pick(batches);
  if (!batch) return;
  const { id } = batch;
  const count = expectedCount(batch);
  if (random.next() < 0.06 && (await mishap(batch))) return;
  switch (status) {
    case 'draft':
      return done(deskFor(batch), 'batch.seal', { id, count });
    case 'sealed': {
      const driver = await driverOf(batch);
      if (!batch.handover && random.next() < 0.5)
        return done(deskFor(batch), 'batch.handOver', { id, driver: driver.id, count });
      return batch.driver === driver.id
        ? done(driver, 'batch.depart', { id })
        : done(deskFor(batch), 'batch.depart', { id, driver: driver.id });
    }
    case 'in_transit_to_center':
      return done(await driverOf(batch), 'batch.arrive', { id });
    case 'at_center': {
      const driver = await driverOf(batch);
      return done(deskFor(batch), 'batch.departBack', { id, driver: driver.id });
    }
    case 'in_transit_back':
      return done(random.next() < 0.5 ? await driverOf(batch) : deskFor(batch), 'batch.complete', { id, count });
  }
}

/** Chooses what to do so that the board keeps its shape: what has most over its target moves on. */
async function act(): Promise<void> {
  const weights: [Exclude<Status, 'completed'> | 'create', number][] = [];
  let open = 0;
  for (const status of Object.keys(target) as Exclude<Status, 'completed'>[]) {
    const all = await list(status, 500);
    const count = all.length;
    open += count;
    weights.push([status, onFoot(all).length === 0 ? 0 : (count / target[status]) ** 3]);
  }
  weights.push(['create', (120 / Math.max(open, 1)) ** 6]);
  let at = random.next() * weights.reduce((sum, [, weight]) => sum + weight, 0);
  const chosen = weights.find(([, weight]) => (at -= weight) < 0)?.[0] ?? 'create';
  await (chosen === 'create' ? create() : move(chosen));
}

const pace = new Pace();
onStop(() => pace.stop());

const today = (): string => dateOf(Date.now(), timeZone);
const seeded = (): Random => new Random(random.whole(0, 1_000_000_000));

/** Routes: planned by the lead, driven by the drivers, each at their own pace. */
async function routes(): Promise<void> {
  const places = await readPlaces(lead);
  const planner = new Planner(lead, { places, random: seeded(), speed });
  for (const driver of drivers) await driver.ready();
  const ids = drivers.map(({ id }) => id);
  await Promise.all([
    pace.repeat('Planning', () => planner.work(today(), ids)),
    ...drivers.map(async (worker) => {
      const driver = new Driver(worker, { pace, random: seeded(), speed, places });
      await pace.repeat(worker.login, () => driver.work(today()));
      driver.close();
    }),
  ]);
}

console.log(`The demo people are at work at ${url}, speed ${speed}.`);
await Promise.all([
  pace.repeat('The board does not answer', async () => {
    await act();
    return random.duration(pause / speed, 0.5);
  }),
  // Begins again where it stands, should the board be away when the directory is read.
  pace.repeat('Routes', async () => {
    await routes();
    return 1_000;
  }),
]);
process.exit(0);
