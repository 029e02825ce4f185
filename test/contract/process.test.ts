import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { Agent, request } from 'node:http';
import { createServer, connect } from 'node:net';
import type { AddressInfo } from 'node:net';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { newId } from '../../server/src/platform/ids.ts';
import { startTestApp } from '../support/app.ts';
import { Client } from '../support/client.ts';
import { connectLive } from '../support/live-client.ts';
import type { Stores } from '../support/stores.ts';
import { startStores } from '../support/stores.ts';
import { until } from '../support/until.ts';
import { buildWorld } from '../support/world.ts';

const main = fileURLToPath(new URL('../../server/src/main.ts', import.meta.url));
let stores: Stores;

beforeAll(async () => {
  stores = await startStores();
}, 60_000);
afterAll(() => stores[Symbol.asyncDispose]());

async function run(
  args: string[],
  env: { [name: string]: string },
): Promise<{ code: number | null; errors: string; out: string }> {
  const child = spawn(process.execPath, [main, ...args], {
    env: { PATH: process.env['PATH'], ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let [errors, out] = ['', ''];
  child.stderr.setEncoding('utf8').on('data', (text: string) => (errors += text));
  child.stdout.setEncoding('utf8').on('data', (text: string) => (out += text));
  const [code] = (await once(child, 'close')) as [number | null];
  return { code, errors, out };
}

describe('start', () => {
  const env = () => ({
    MONGODB_URI: stores.mongoUri('process'),
    REDIS_URL: stores.redisUrl,
    PORT: '0',
    LOG_LEVEL: 'silent',
  });

  it.each([
    ['nothing to run', [], {}, 2, /^Say what to run: .+\n$/],
    ['a role that is none', ['server'], {}, 2, /^Say what to run: .+\n$/],
    ['a port that is none', ['web'], { PORT: 'eighty' }, 2, /^PORT must be .+\n$/],
    ['no database', ['web'], { MONGODB_URI: '' }, 2, /^MONGODB_URI is not set.+\n$/],
    [
      'an address of another machine',
      ['web'],
      { HOST: '192.0.2.1' },
      3,
      /^192\.0\.2\.1 is not an address of this machine.+\n$/,
    ],
  ])('%s: one sentence and exit code', async (_what, args, wrong, code, sentence) => {
    const ended = await run(args, { ...env(), ...wrong });
    expect([ended.code, ended.errors]).toEqual([code, expect.stringMatching(sentence)]);
  });

  it('a taken port: one sentence, exit code 3', async () => {
    const server = createServer().listen(0, '127.0.0.1');
    await once(server, 'listening');
    const { port } = server.address() as AddressInfo;
    const ended = await run(['web'], { ...env(), PORT: `${port}` });
    server.close();
    expect([ended.code, ended.errors]).toEqual([
      3,
      `Port ${port} on 127.0.0.1 is taken by another program. Choose another with PORT.\n`,
    ]);
  });
});

describe('SIGTERM', () => {
  it('finishes what is under way, sends clients on, and ends in order', async () => {
    await using app = await startTestApp({ stores, child: true, webs: 2, workers: 1 });
    const world = await buildWorld(app);
    await using live = await connectLive(world.admin, { follow: false });
    // A request whose body is still coming when the process is asked to end.
    const { port } = app.webs[0]!;
    const agent = new Agent({ keepAlive: true });
    const body = JSON.stringify({ commandId: newId(), name: 'branch.create', args: { id: newId(), name: 'Late' } });
    const slow = request({
      port,
      host: '127.0.0.1',
      agent,
      method: 'POST',
      path: '/api/commands',
      headers: { cookie: world.admin.cookie, 'content-type': 'application/json', 'content-length': body.length },
    });
    const answered = once(slow, 'response');
    slow.write(body.slice(0, 10));
    await until('the connection is accepted', async () => (await new Client(app.url).get('/healthz')).status === 200);

    const from = performance.now();
    const ended = app.webs[0]!.close();
    await until('no new connection is taken', () => refused(port));
    slow.end(body.slice(10));
    const [response] = (await answered) as [{ statusCode: number; resume(): void }];
    response.resume();
    expect(response.statusCode).toBe(200);
    await ended;
    expect(performance.now() - from).toBeLessThan(10_000);
    expect(live.cuts.at(-1)?.code).toBe('unavailable');
    expect(live.socket.connected).toBe(false);
    // What was answered is there.
    const branches = await world.admin.at(app.webs[1]!.url).get('/api/branches');
    expect(branches.text).toContain('"Late"');
    await app.workers[0]!.close();
    agent.destroy();
  }, 60_000);

  it('a connection that never says anything does not hold it up', async () => {
    await using app = await startTestApp({ stores, child: true });
    const idle = connect(app.webs[0]!.port, '127.0.0.1');
    await once(idle, 'connect');
    idle.on('error', () => {});
    idle.write('GET /healthz HTTP/1.1\r\nHost: a\r\n');
    const from = performance.now();
    await app.webs[0]!.close();
    expect(performance.now() - from).toBeLessThan(8_000);
    idle.destroy();
  }, 30_000);
});

describe('what is not HTTP', () => {
  it('is refused in the one error shape, or closed, and hurts nobody else', async () => {
    await using app = await startTestApp({ stores });
    const exchange = async (sent: string | Buffer): Promise<string> => {
      const socket = connect(app.webs[0]!.port, '127.0.0.1');
      let answer = '';
      socket.setEncoding('latin1').on('data', (text: string) => (answer += text));
      socket.on('error', () => {});
      const closed = once(socket, 'close');
      socket.write(sent);
      await closed;
      return answer;
    };
    const long = `GET / HTTP/1.1\r\nHost: a\r\nX: ${'y'.repeat(20_000)}\r\n\r\n`;
    for (const sent of [
      '\x16\x03\x01\x02\x00\x01',
      'HELLO\r\n\r\n',
      'GET / HTTP/9.9\r\n\r\n',
      'GET /\0 HTTP/1.1\r\n\r\n',
      long,
    ]) {
      const answer = await exchange(sent);
      expect(answer).toMatch(/^HTTP\/1\.1 400 Bad Request\r\nContent-Type: application\/json\r\n/);
      expect(JSON.parse(answer.slice(answer.indexOf('{')))).toMatchObject({ code: 'bad_request' });
    }
    const smuggled =
      'POST /api/session HTTP/1.1\r\nHost: a\r\nContent-Length: 4\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\nGET';
    expect(await exchange(smuggled)).toMatch(/^HTTP\/1\.1 400 /);
    expect((await new Client(app.url).get('/healthz')).status).toBe(200);
  });
});

describe('upgrades', () => {
  it('of any path but the socket’s are closed at once', async () => {
    await using app = await startTestApp({ stores });
    for (const path of ['/', '/api', '/socket.iox', '/socket.io.evil/', '/notes', '//socket.io/', '/%73ocket.io/']) {
      const socket = connect(app.webs[0]!.port, '127.0.0.1');
      await once(socket, 'connect');
      socket.resume();
      const closed = once(socket, 'close');
      const lines = [
        `GET ${path} HTTP/1.1`,
        'Host: localhost',
        'Connection: Upgrade',
        'Upgrade: websocket',
        'Sec-WebSocket-Version: 13',
        'Sec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==',
      ];
      socket.write(`${lines.join('\r\n')}\r\n\r\n`);
      await closed;
    }
    expect((await new Client(app.url).get('/healthz')).status).toBe(200);
  });
});

function refused(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1');
    socket.once('connect', () => {
      socket.destroy();
      resolve(false);
    });
    socket.once('error', () => resolve(true));
  });
}
