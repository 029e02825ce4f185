import { createHash, randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { WebSocket } from 'ws';
import type { PositionsNews } from '@opsboard/shared/positions/schema';
import type { Command } from '@opsboard/shared/protocol/envelope';
import type { Principal } from '@opsboard/shared/protocol/actors';
import { newId } from '../../server/src/platform/ids.ts';
import type { TestApp } from '../support/app.ts';
import { startTestApp } from '../support/app.ts';
import { LiveClient } from '../support/live-client.ts';
import type { World } from '../support/world.ts';
import { buildWorld } from '../support/world.ts';
import type { Benchmark, Figures } from './benchmark.ts';
import { forkPeer, nextWord } from './peers/child.ts';
import type { PhoneOf, PhonesOrder, PhonesWord } from './peers/phones.ts';
import type { RelayWord } from './peers/position-relay.ts';
import { percentile } from './statistics.ts';

/** Drivers who are signed in, each on a route of their own that is under way; made from inside, which takes seconds. */
async function makeDrivers(app: TestApp, world: World, count: number): Promise<PhoneOf[]> {
  const { dispatcher } = await app.backdoor();
  const admin: Principal = { type: 'person', org: world.org, id: world.people.admin.id, role: 'admin' };
  const send = async (who: Principal, name: string, args: object): Promise<void> => {
    const ack = await dispatcher.dispatch(who, { commandId: newId(), name, args } as Command);
    if (!ack.ok) throw new Error(`${name} was refused: ${ack.error.message}`);
  };
  const one = async (): Promise<PhoneOf> => {
    const [driver, route, session] = [newId(), newId(), newId()];
    const token = randomBytes(32).toString('base64url');
    const email = `${driver}@bench.test`;
    await send(admin, 'person.create', { id: driver, name: `Driver ${driver}`, email, role: 'driver' });
    await send({ type: 'system', org: world.org, id: 'sign-in' }, 'session.start', {
      id: session,
      person: driver,
      tokenHash: createHash('sha256').update(token).digest('hex'),
      expiresAt: Date.now() + 86_400_000,
    });
    const place = { kind: 'center', id: world.centers.near };
    const stops = [{ id: newId(), place, pickUp: [], handOver: [] }];
    await send(admin, 'route.create', { id: route, branch: world.branches.north, day: '2026-11-21', driver, stops });
    await send(admin, 'route.start', { id: route });
    return { cookie: `opsboard=${token}`, route, driver };
  };
  const phones: PhoneOf[] = [];
  for (let i = 0; i < count; i += 100)
    phones.push(...(await Promise.all(Array.from({ length: Math.min(100, count - i) }, one))));
  return phones;
}

async function startPhones(order: Extract<PhonesOrder, { type: 'open' }>) {
  const child = forkPeer('phones');
  const opened = nextWord<PhonesWord, 'open'>(child, 'open');
  child.send(order);
  await opened;
  return {
    send: async (seconds: number) => {
      const sent = nextWord<PhonesWord, 'sent'>(child, 'sent');
      child.send({ type: 'send', seconds } satisfies PhonesOrder);
      return sent;
    },
    stop: () => child.disconnect(),
  };
}

const benchmark: Benchmark = {
  id: 'P13',
  title: 'phones that say where they are once a second: server CPU, and the delay to a watching desk',
  rounds: 5,
  async setup({ small, log }) {
    const count = small ? 40 : 1_000;
    const seconds = small ? 2 : 10;
    const stack = new AsyncDisposableStack();
    try {
      const app = stack.use(await startTestApp({ child: true }));
      const world = await buildWorld(app);
      log(`${count} drivers on their routes`);
      const phones = await makeDrivers(app, world, count);
      const ours = await startPhones({ type: 'open', mode: 'ours', url: app.url, phones });
      stack.defer(() => ours.stop());
      const relay = forkPeer('position-relay');
      stack.defer(() => relay.disconnect());
      const { url } = await nextWord<RelayWord, 'ready'>(relay, 'ready');
      const theirs = await startPhones({ type: 'open', mode: 'ws', url, phones });
      stack.defer(() => theirs.stop());

      const delays = { ours: [] as number[], ws: [] as number[] };
      const messages = { ours: 0, ws: 0 };
      const desk = await new LiveClient(await world.as('ops'), { follow: false }).settled();
      stack.defer(() => void desk.socket.disconnect());
      desk.socket.on('positions', (news: PositionsNews) => {
        const now = Date.now();
        messages.ours++;
        if (!news.all) for (const [, , , , at] of news.drivers) delays.ours.push(now - at);
      });
      await desk.socket.emitWithAck('watchPositions', true);
      const plain = new WebSocket(`${url}/desk`, { perMessageDeflate: false });
      await once(plain, 'open');
      stack.defer(() => plain.terminate());
      plain.on('message', (data: Buffer) => {
        const now = Date.now();
        messages.ws++;
        const { points } = JSON.parse(data.toString('utf8')) as { points: { at: number }[] };
        delays.ws.push(now - points[0]!.at);
      });

      const cpuOfOurs = async (): Promise<number> => {
        const { text } = await world.admin.get('/metrics');
        return Number(/^process_cpu_seconds_total (\S+)$/m.exec(text)![1]);
      };
      const cpuOfRelay = async (): Promise<number> => {
        const told = nextWord<RelayWord, 'cpu'>(relay, 'cpu');
        relay.send('cpu');
        return (await told).seconds;
      };
      const { connection } = await app.backdoor();
      const entries = () => connection.collection('journal').countDocuments({ org: world.org });
      let lost = 0;

      const figures = (mode: 'ours' | 'ws', cpu: number, sent: number): Figures => {
        const [told, heard] = [delays[mode], messages[mode]];
        delays[mode] = [];
        messages[mode] = 0;
        return {
          cpu: (cpu * 1e6) / sent,
          p50: percentile(told, 0.5),
          p99: percentile(told, 0.99),
          told: told.length / sent,
          messages: heard,
        };
      };
      const measureOurs = async (): Promise<Figures> => {
        const [before, cpu] = [await entries(), await cpuOfOurs()];
        const { count: sent, taken } = await ours.send(seconds);
        const used = (await cpuOfOurs()) - cpu;
        lost += sent - taken;
        return { ...figures('ours', used, sent), entries: (await entries()) - before, lost: sent - taken };
      };
      const measureRelay = async (): Promise<Figures> => {
        const cpu = await cpuOfRelay();
        const { count: sent } = await theirs.send(seconds);
        return figures('ws', (await cpuOfRelay()) - cpu, sent);
      };
      const ratio = (what: string, figure: string, unit: string) => ({
        what,
        unit,
        subject: { contender: 'ours', figure },
        peer: { contender: 'ws', figure },
      });
      return {
        contenders: [
          { name: 'ours', warmUp: async () => void (await measureOurs()), measure: measureOurs },
          { name: 'ws', warmUp: async () => void (await measureRelay()), measure: measureRelay },
        ],
        rows: [
          ratio('server CPU per position', 'cpu', 'µs'),
          ratio('delay to the desk, p50', 'p50', 'ms'),
          ratio('delay to the desk, p99', 'p99', 'ms'),
          {
            what: 'journal entries',
            unit: '',
            subject: { contender: 'ours', figure: 'entries' },
            must: { atMost: 0 },
          },
          {
            what: 'positions that were not kept',
            unit: '',
            subject: { contender: 'ours', figure: 'lost' },
            must: { atMost: 0 },
          },
        ],
        notes: () => [
          `${count} phones, one position a second each for ${seconds} s a round, one desk. The server process, its phones and the relay each are processes of their own; all share the machine.`,
          'Ours judges who may, bounds the time, writes the last position to Redis and the trail to the database, and tells the desk at most once a second, so half a second of its delay is meant to be. The relay passes on what comes, to one process, and keeps nothing. CPU includes the beats of an idle server.',
          `Points that were not acknowledged as kept, over all rounds: ${lost}.`,
        ],
        [Symbol.asyncDispose]: () => stack.disposeAsync(),
      };
    } catch (error) {
      await stack.disposeAsync();
      throw error;
    }
  },
};
export default benchmark;
