import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { Long, MongoClient } from 'mongodb';
import { afterEach, describe, expect, test } from 'vitest';
import { openTestServer } from './wire/open-test-server.ts';
import { connectRaw, messageOf } from './wire/raw-client.ts';

const MAIN = new URL('./main.ts', import.meta.url).pathname;
const folders: string[] = [];
afterEach(async () => {
  for (const folder of folders.splice(0)) await rm(folder, { recursive: true, force: true });
});

async function folder(): Promise<string> {
  const made = await mkdtemp(join(tmpdir(), 'embedded-mongo-'));
  folders.push(made);
  return made;
}

/** Runs the program until it ends, and tells how. */
async function run(...parameters: string[]): Promise<{ code: unknown; stderr: string; stdout: string }> {
  try {
    return { code: 0, ...(await promisify(execFile)(process.execPath, [MAIN, ...parameters])) };
  } catch (error) {
    return error as { code: unknown; stderr: string; stdout: string };
  }
}

describe('the program', () => {
  test('says in one line where it is, serves, and ends cleanly when told to', async () => {
    const data = await folder();
    const child = spawn(process.execPath, [MAIN, '--data', join(data, 'made'), '--port', '0'], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    const [line] = (await once(child.stdout, 'data')) as [Buffer];
    const { ready, uri } = JSON.parse(line.toString()) as { ready: boolean; uri: string };
    expect(ready).toBe(true);
    const client = await new MongoClient(uri).connect();
    await client.db('t').collection('x').insertOne({ a: 1 });
    child.kill('SIGTERM');
    expect(await once(child, 'exit')).toEqual([0, null]);
    await client.close();
  });

  test('refuses a folder that another process uses, in one sentence', async () => {
    const data = await folder();
    await using running = await openTestServer({ dataDir: data });
    const ended = await run('--data', data);
    expect(ended).toMatchObject({ code: 4, stdout: '' });
    expect(ended.stderr).toMatch(/^The data folder is in use by another process \(.*\)\.\n$/);
    await running.client.db('t').collection('x').insertOne({ a: 1 });
  });

  test('refuses a file that is none of its own or damaged, and leaves it as it was', async () => {
    const data = await folder();
    const file = join(data, 'data.sqlite');
    await writeFile(file, 'this is no database, and it is longer than the head of one would be '.repeat(50));
    const before = await readFile(file);
    const ended = await run('--data', data);
    expect(ended).toMatchObject({ code: 4, stdout: '' });
    expect(ended.stderr.trim().split('\n')).toHaveLength(1);
    expect(ended.stderr).toContain('damaged');
    expect((await readFile(file)).equals(before)).toBe(true);
  });

  test('refuses a port that is taken, and parameters that make no sense', async () => {
    const data = await folder();
    const other = createServer().listen(0, '127.0.0.1');
    await once(other, 'listening');
    const { port } = other.address() as { port: number };
    const ended = await run('--data', data, '--port', String(port));
    expect(ended.code).toBe(4);
    expect(ended.stderr).toBe(`Port ${port} on 127.0.0.1 cannot be used (it is taken).\n`);
    other.close();
    expect(await run('--data', data, '--port', 'x')).toMatchObject({ code: 4 });
    expect(await run()).toMatchObject({ code: 4 });
  });
});

describe('what is stored', () => {
  test('is there after a restart, as it was: types, order of fields, natural order, options', async () => {
    const document = {
      _id: 1,
      z: 1,
      '10': 'ten',
      '2': 'two',
      long: Long.fromNumber(5),
      when: new Date(5),
      sub: { b: 1, a: [1, null] },
    };
    let running = await openTestServer();
    const database = running.client.db('t');
    await database.createCollection('strict', { validator: { $jsonSchema: { required: ['a'] } } });
    await database
      .collection<{ _id: number; [field: string]: unknown }>('things')
      .insertMany([document, { _id: 0 }, { _id: 2 }]);
    await database.collection<{ _id: number; [field: string]: unknown }>('things').deleteOne({ _id: 2 });
    running = await running.restart();
    await using again = running;
    const things = again.client.db('t').collection<{ _id: number; [field: string]: unknown }>('things');
    expect(await things.find().toArray()).toEqual([{ ...document, long: 5 }, { _id: 0 }]);
    const raw = await things.findOne({ _id: 1 }, { promoteLongs: false });
    expect(Object.keys(raw ?? {})).toEqual(Object.keys(document));
    expect(raw?.['long']).toEqual(Long.fromNumber(5));
    await expect(again.client.db('t').collection('strict').insertOne({ b: 1 })).rejects.toMatchObject({
      code: 121,
      errInfo: { details: { operatorName: '$jsonSchema' } },
    });
  });
});

describe('the protocol', () => {
  test('an unknown command is 59, an unknown field of a known one is refused, and both leave the connection usable', async () => {
    await using running = await openTestServer();
    using raw = await connectRaw(running.server.port);
    expect(await raw.run({ nonsense: 1, $db: 't' })).toMatchObject({ ok: 0, code: 59 });
    expect(await raw.run({ find: 'x', $db: 't', fliter: {} })).toMatchObject({ ok: 0, code: 40415 });
    expect(await raw.run({ insert: 'x', $db: 't', documents: [{ a: 1 }], upsert: true })).toMatchObject({
      ok: 0,
      code: 40415,
    });
    expect(await raw.run({ getMore: 1n, collection: 'x' })).toMatchObject({ ok: 0, code: 40414 });
    expect(await raw.run({ find: 'x', $db: 't' })).toMatchObject({ ok: 1, cursor: { firstBatch: [] } });
  });

  test('every reply, of an error too, carries the cluster time', async () => {
    await using running = await openTestServer();
    using raw = await connectRaw(running.server.port);
    for (const command of [{ ping: 1 }, { nonsense: 1 }, { insert: 'x', documents: [{ a: 1 }] }]) {
      const reply = await raw.run({ ...command, $db: 't' });
      expect(reply['$clusterTime']).toHaveProperty('clusterTime');
      expect(reply).toHaveProperty('operationTime');
    }
  });

  test('a request that wants no reply gets none, and is done before the next', async () => {
    await using running = await openTestServer();
    using raw = await connectRaw(running.server.port);
    raw.send({ insert: 'x', $db: 't', documents: [{ a: 1 }], writeConcern: { w: 0 } }, 2);
    expect(await raw.run({ count: 'x', $db: 't' })).toMatchObject({ n: 1 });
  });

  test('a message in pieces is put together, and several in one piece are all served', async () => {
    await using running = await openTestServer();
    using raw = await connectRaw(running.server.port);
    const message = messageOf({ ping: 1, $db: 't' });
    for (const byte of message) raw.socket.write(Buffer.of(byte));
    expect(await raw.reply()).toMatchObject({ ok: 1 });
    raw.socket.write(Buffer.concat([message, message, message]));
    for (let count = 0; count < 3; count++) expect(await raw.reply()).toMatchObject({ ok: 1 });
  });

  test.each([
    ['a length below that of a head', Buffer.from([4, 0, 0, 0])],
    ['a length above what is allowed', Buffer.from([0xff, 0xff, 0xff, 0x7f])],
    ['an unknown operation', Buffer.concat([Buffer.from([16, 0, 0, 0]), Buffer.alloc(12, 9)])],
    [
      'a body cut off',
      (() => {
        const message = messageOf({ ping: 1 });
        message.writeInt32LE(5000, 21);
        return message;
      })(),
    ],
    ['an unknown flag', messageOf({ ping: 1 }, 1 << 5)],
  ])('%s closes the connection and harms nobody else', async (_what, bytes) => {
    await using running = await openTestServer();
    using raw = await connectRaw(running.server.port);
    raw.socket.on('error', () => {});
    raw.socket.write(bytes);
    await once(raw.socket, 'close');
    expect(await running.client.db('t').command({ ping: 1 })).toMatchObject({ ok: 1 });
  });

  test('fail points and other test commands do not exist unless asked for', async () => {
    await using running = await openTestServer({ testCommands: false });
    await expect(
      running.client.db('admin').command({ configureFailPoint: 'failCommand', mode: 'off' }),
    ).rejects.toMatchObject({ code: 59 });
  });
});
