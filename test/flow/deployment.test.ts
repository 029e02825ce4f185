import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { getCACertificates, setDefaultCACertificates } from 'node:tls';
import { delimiter, dirname, join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { findProgram } from '../../scripts/lib/system-packages.ts';
import { Client } from '../support/client.ts';
import { buildStage, environmentOf, parseDockerfile } from '../support/dockerfile.ts';
import { connectLive, LiveClient } from '../support/live-client.ts';
import { startNameServer } from '../support/name-server.ts';
import { freePort } from '../support/ports.ts';
import type { Stores } from '../support/stores.ts';
import { startStores } from '../support/stores.ts';
import { until } from '../support/until.ts';
import { newId } from '../../server/src/platform/ids.ts';

const root = join(import.meta.dirname, '../..');
const caddy = findProgram('caddy');
const metricsToken = 'a token that is long enough'.replaceAll(' ', '-');
const password = 'a long enough password';

/**
 * The board as docker-compose.yml runs it, without containers: the files and packages of the image alone, two web
 * processes and a worker with the environment of the file, behind the very proxy configuration of the image.
 */
describe.skipIf(!caddy)('the deployment (needs caddy: apt-get install caddy)', () => {
  let folder: string;
  let image: string;
  let stores: Stores;
  let names: Awaited<ReturnType<typeof startNameServer>>;
  let proxy: Running;
  let webPort: number;
  let url: string;
  let imageEnv: { [name: string]: string };
  const running: Running[] = [];
  const authorities = getCACertificates('default');
  type Running = { child: ChildProcess; said(): string };

  const compose = parse(readFileSync(join(root, 'docker-compose.yml'), 'utf8'), { merge: true }) as {
    services: { [name: string]: { command: string[]; environment: { [name: string]: string } } };
  };

  function run(command: string, args: string[], env: { [name: string]: string }, cwd: string): Running {
    const child = spawn(command, args, { cwd, env, stdio: ['ignore', 'pipe', 'pipe'] });
    let said = '';
    for (const stream of [child.stdout!, child.stderr!])
      stream.setEncoding('utf8').on('data', (text: string) => (said += text));
    const one = { child, said: () => said };
    running.push(one);
    return one;
  }

  function start(name: 'web' | 'worker', host: string): Running {
    const { command, environment } = compose.services[name]!;
    const own = Object.fromEntries(Object.entries(environment).filter(([, value]) => !value.includes('${')));
    return run(
      process.execPath,
      command.slice(1),
      {
        PATH: [dirname(process.execPath), process.env['PATH']].join(delimiter),
        ...imageEnv,
        ...own,
        HOST: host,
        PORT: String(webPort),
        PUBLIC_URL: url,
        MONGODB_URI: stores.mongoUri('deployed'),
        REDIS_URL: stores.redisUrl,
        METRICS_TOKEN: metricsToken,
      },
      image,
    );
  }

  async function end({ child }: Running, signal: NodeJS.Signals = 'SIGTERM'): Promise<void> {
    if (child.exitCode !== null || child.signalCode !== null) return;
    const gone = once(child, 'exit');
    child.kill(signal);
    await gone;
  }

  const answers = (address: string): Promise<boolean> =>
    fetch(address).then(
      ({ ok }) => ok,
      () => false,
    );
  const direct = (host: string): string => `http://${host}:${webPort}`;
  const liveClients = async (host: string): Promise<number> => {
    const text = await fetch(`${direct(host)}/metrics`).then((response) => response.text());
    return Number(/^opsboard_live_clients (\d+)$/m.exec(text)?.[1]);
  };

  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), 'opsboard-deployed-'));
    image = join(folder, 'board');
    const stages = parseDockerfile(readFileSync(join(root, 'Dockerfile'), 'utf8'));
    // The web app is built as for every other test.
    [stores] = await Promise.all([startStores(), buildStage(root, stages, 'board', image, { build: root })]);
    imageEnv = environmentOf(stages.find(({ name }) => name === 'board')!);
    webPort = await freePort();
    names = await startNameServer(['127.0.0.1', '127.0.0.2']);
    const [http, https] = [await freePort(), await freePort()];
    url = `https://localhost:${https}`;
    const home = join(folder, 'caddy');
    mkdirSync(home);
    // One name with two addresses, as the name of a service with two containers is.
    start('web', '127.0.0.1');
    start('web', '127.0.0.2');
    start('worker', '127.0.0.1');
    proxy = run(
      caddy!,
      ['run', '--config', join(root, 'deploy/Caddyfile'), '--adapter', 'caddyfile'],
      {
        PATH: process.env['PATH'] ?? '',
        HOME: home,
        XDG_DATA_HOME: home,
        XDG_CONFIG_HOME: home,
        PUBLIC_URL: url,
        WEB_LOOKUP: `resolvers udp/127.0.0.1:${names.port}`,
        WEB_PORT: String(webPort),
        HTTP_PORT: String(http),
        HTTPS_PORT: String(https),
      },
      home,
    );
    // The proxy's own authority signs for localhost.
    const authority = join(home, 'caddy/pki/authorities/local/root.crt');
    await until('the proxy has an authority', () => existsSync(authority), 30_000);
    setDefaultCACertificates([...authorities, readFileSync(authority, 'utf8')]);
    const all = (): string => running.map(({ said }) => said().slice(-1_500)).join('\n');
    await until(
      'all serve',
      async () => {
        if (running.some(({ child }) => child.exitCode !== null)) throw new Error(`one has ended: ${all()}`);
        const ways = [`${direct('127.0.0.1')}/readyz`, `${direct('127.0.0.2')}/readyz`, `${url}/readyz`];
        return (await Promise.all(ways.map(answers))).every(Boolean);
      },
      60_000,
    ).catch((error: unknown) => {
      throw new Error(`${(error as Error).message}: ${all()}`);
    });
  }, 180_000);

  afterAll(async () => {
    // The proxy first and at once: it would wait for connections that its processes are about to end.
    await Promise.all(running.map((one) => end(one, one === proxy ? 'SIGKILL' : 'SIGTERM')));
    names?.close();
    await stores?.[Symbol.asyncDispose]();
    rmSync(folder, { recursive: true, force: true });
    setDefaultCACertificates(authorities);
  });

  it('has no more packages than the server runs with', () => {
    for (const name of ['vite', 'svelte', 'vitest', 'typescript', 'playwright-core', 'eslint'])
      expect(() => readFileSync(join(image, 'node_modules', name, 'package.json'))).toThrow(/ENOENT/);
    expect(() => readFileSync(join(image, 'server/src/platform/config.test.ts'))).toThrow(/ENOENT/);
  });

  it('signs in, shows pages, carries commands and live changes over any of its processes', async () => {
    const client = new Client(url);
    const page = await client.get('/operations');
    expect(page.status).toBe(200);
    expect(page.text).toContain('<title>');
    expect(page.headers.get('strict-transport-security')).toMatch(/max-age/);

    const { status, headers, text } = await client.post('/api/setup', {
      organization: { name: 'Deployed', timeZone: 'Europe/Berlin' },
      admin: { name: 'Admin', email: 'admin@deployed.test', password },
    });
    expect(status, text).toBe(201);
    expect(headers.getSetCookie()[0]).toMatch(/^__Host-.*; Secure/);

    // A browser names its page; the host that was asked and PUBLIC_URL are the same to it.
    const boards = [];
    for (let i = 0; i < 6; i++) boards.push(await connectLive(client, { origin: url, reconnect: true }));
    expect(boards.flatMap(({ refusals }) => refusals)).toEqual([]);
    const counts = [await liveClients('127.0.0.1'), await liveClients('127.0.0.2')];
    expect(counts).toEqual([3, 3]);

    const ack = await boards[0]!.send('branch.create', { id: newId(), name: 'Through the proxy' });
    if (!ack.ok) throw new Error(ack.error.message);
    for (const board of boards) await board.reached(ack.seq);

    // A page of somebody else cannot open a line with the cookies of ours.
    const strange = new LiveClient(client, { origin: 'https://elsewhere.test', follow: false });
    await new Promise((resolve) => strange.socket.once('connect_error', resolve));
    strange.socket.disconnect();

    // One process goes, as in an upgrade: its clients come back to the other, and nobody is refused meanwhile.
    const [first] = running as [Running];
    const asking = Promise.all(
      Array.from({ length: 40 }, async (_, i) => {
        await new Promise((resolve) => setTimeout(resolve, i * 25));
        return (await client.get('/api/session')).status;
      }),
    );
    await end(first);
    expect(new Set(await asking)).toEqual(new Set([200]));
    await until('all are at the other one', async () => (await liveClients('127.0.0.2')) === 6, 20_000);
    const later = await boards[5]!.send('branch.create', { id: newId(), name: 'After the upgrade' });
    if (!later.ok) throw new Error(later.error.message);
    for (const board of boards) await board.reached(later.seq);
    for (const board of boards) board.socket.disconnect();
  });

  it('knows a client by the address that the proxy saw, and by nothing that the client says', async () => {
    const [, second] = running as [Running, Running];
    const wrong = { email: 'nobody@deployed.test', password: 'not the right one' };
    const forged = await new Client(url).post('/api/session', wrong, { 'x-forwarded-for': '203.0.113.9' });
    expect(forged.status).toBe(401);
    await new Client(direct('127.0.0.2')).post('/api/session', wrong, { 'x-forwarded-for': '198.51.100.7' });
    await until('both are in the log', () => (second.said().match(/sign-in refused/g) ?? []).length >= 2);
    expect(second.said()).not.toContain('203.0.113.9');
    expect(second.said()).toContain('198.51.100.7');
  });

  it('tells its measures to who holds the token, and not through the proxy', async () => {
    const bearer = { authorization: `Bearer ${metricsToken}` };
    expect((await new Client(url).get('/metrics', bearer)).status).toBe(404);
    const inside = new Client(direct('127.0.0.2'));
    const elsewhere = { 'x-forwarded-for': '10.0.0.9' };
    expect((await inside.get('/metrics', { ...elsewhere, ...bearer })).status).toBe(200);
    expect((await inside.get('/metrics', { ...elsewhere, authorization: 'Bearer another-token' })).status).toBe(404);
    expect((await inside.get('/metrics', elsewhere)).status).toBe(404);
  });

  it('is backed up by the program of the image', async () => {
    const file = join(folder, 'deployed.backup');
    const env = { PATH: process.env['PATH'] ?? '', MONGODB_URI: stores.mongoUri('deployed') };
    const one = run(process.execPath, ['scripts/backup.ts', '--to', file], env, image);
    const [code] = (await once(one.child, 'close')) as [number];
    expect(code, one.said()).toBe(0);
    expect(one.said()).toContain('Deployed, ');
  });
});
