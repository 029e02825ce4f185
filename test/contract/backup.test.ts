import { execFile } from 'node:child_process';
import {
  copyFileSync,
  existsSync,
  globSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { gunzipSync, gzipSync } from 'node:zlib';
import { Double, Int32, Long } from 'mongodb';
import type { Db } from 'mongodb';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { backUp } from '../../server/src/backup/back-up.ts';
import { backedUp, isStaging, leftOut } from '../../server/src/backup/collections.ts';
import { checkBackup, contentOf, isEmpty, restore } from '../../server/src/backup/restore.ts';
import type { TestApp } from '../support/app.ts';
import { startTestApp } from '../support/app.ts';
import { checkJournal } from '../support/check-journal.ts';
import { until } from '../support/until.ts';
import type { World } from '../support/world.ts';
import { buildWorld } from '../support/world.ts';

const root = join(import.meta.dirname, '../..');
let app: TestApp;
let world: World;
let db: Db;
let folder: string;
let path: string;

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'opsboard-backup-'));
  path = join(folder, 'one.backup');
  app = await startTestApp({ workers: 1 });
  world = await buildWorld(app);
  await world.batch();
  const { connection } = await app.backdoor();
  db = connection.getClient().db(connection.name);
}, 60_000);
afterAll(async () => {
  await app?.[Symbol.asyncDispose]();
  rmSync(folder, { recursive: true, force: true });
});

const names = async (of: Db): Promise<string[]> =>
  (await of.listCollections().toArray()).map(({ name }) => name).sort();

/** A second database on the same deployment, with nothing in it. */
async function emptyDatabase() {
  const { connectMongo } = await import('../../server/src/platform/mongo.ts');
  const { createLog } = await import('../../server/src/platform/log.ts');
  const uri = app.stores.mongoUri(`empty-${Math.random().toString(36).slice(2)}`);
  const connection = await connectMongo(uri, createLog('test', 'silent'));
  return { uri, connection, [Symbol.asyncDispose]: () => connection.close() };
}

it('knows every collection that the board has, and what of it belongs into a backup', async () => {
  // The worker makes its own when it first sees an organization.
  await until('the consumer is there', async () => (await names(db)).includes('consumers'), 20_000);
  const known = new Set([...backedUp, ...leftOut]);
  const present = await names(db);
  expect(present.filter((name) => !known.has(name))).toEqual([]);
  // Some are made when they are first needed: their names stand in the sources.
  const sources = globSync(join(root, 'server/src/**/*.ts'), { exclude: (path) => path.endsWith('.test.ts') });
  const named = sources.flatMap((path) =>
    [...readFileSync(path, 'utf8').matchAll(/\bcollection(?:<[^(]*>)?(?:\(\s*|: )'([A-Za-z.]+)'/g)].map(
      ([, name]) => name!,
    ),
  );
  expect(named.length).toBeGreaterThan(20);
  expect([...new Set(named)].filter((name) => !known.has(name))).toEqual([]);
  expect([...known].filter((name) => !named.includes(name) && !present.includes(name))).toEqual([]);
});

describe('a database and its restored copy', () => {
  it('are equal in every document, type for type, unknown collections and fields included', async () => {
    const { connection } = await app.backdoor();
    const odd = db.collection<{ _id: string; [field: string]: unknown }>('later-release');
    const document = {
      _id: 'x',
      int: new Int32(1),
      double: new Double(1),
      long: Long.fromString('9007199254740993'),
      at: new Date(5),
      none: null,
      list: [new Double(2)],
    };
    await odd.insertOne(document);
    const { manifest } = await backUp({ connection, path });
    await odd.drop();
    expect(manifest.documents['later-release']).toBe(1);
    expect(Object.keys(manifest.documents)).not.toContain('lanes');

    await using target = await emptyDatabase();
    expect(isEmpty(await contentOf(target.connection))).toBe(true);
    await restore({ connection: target.connection, path });
    const copy = target.connection.getClient().db(target.connection.name);
    for (const [name, count] of Object.entries(manifest.documents)) {
      if (name === 'meta') continue;
      const raw = { raw: true, sort: { _id: 1 } } as const;
      const there = (await copy.collection(name).find({}, raw).toArray()) as unknown as Uint8Array[];
      expect(there).toHaveLength(count);
      if (name === 'later-release' || name === 'counters') continue;
      const here = (await db.collection(name).find({}, raw).toArray()) as unknown as Uint8Array[];
      for (const [i, one] of there.entries()) expect(Buffer.compare(one, here[i]!), `${name} ${i}`).toBe(0);
    }
    const found = await copy.collection('later-release').findOne({}, { promoteValues: false });
    expect(found).toEqual(document);
    await checkJournal(target.connection, world.org);
    const indexes = (await copy.collection('people').indexes()).map(({ key }) => key);
    expect(indexes).toEqual((await db.collection('people').indexes()).map(({ key }) => key));
    const own = { epoch: (await copy.collection('meta').findOne({ _id: 'epoch' } as object))!['epoch'] as string };
    expect(own.epoch).not.toBe((await db.collection('meta').findOne({ _id: 'epoch' } as object))!['epoch']);
    expect((await names(copy)).some(isStaging)).toBe(false);
  });

  it('keep the moment: a restore takes back what came later, and drops collections that came later', async () => {
    await using target = await emptyDatabase();
    await restore({ connection: target.connection, path });
    const copy = target.connection.getClient().db(target.connection.name);
    await copy.collection('newer').insertOne({ a: 1 });
    await copy.collection('batches').updateMany({}, { $set: { status: 'completed' } });
    await restore({ connection: target.connection, path });
    expect(await names(copy)).not.toContain('newer');
    await checkJournal(target.connection, world.org);
  });
});

describe('a file that is not whole', () => {
  /** Changes a copy of the backup. */
  const spoilt = (name: string, spoil: (file: string) => void): string => {
    const file = join(folder, name);
    copyFileSync(path, file);
    spoil(file);
    return file;
  };
  const inside = (change: (plain: Buffer) => Buffer) => (file: string) =>
    writeFileSync(file, gzipSync(change(gunzipSync(readFileSync(file)))));
  const flip = (at: (length: number) => number) => (data: Buffer) => {
    data[at(data.length)]! ^= 1;
    return data;
  };

  it.each<[string, (file: string) => void, RegExp]>([
    ['cut short', (file) => truncateSync(file, readFileSync(file).length - 100), /damaged \(its end is missing\)/],
    ['cut to its half', (file) => truncateSync(file, Math.floor(readFileSync(file).length / 2)), /damaged/],
    [
      'without its manifest',
      inside((data) => data.subarray(0, data.lastIndexOf('{"type":"end"') - 4)),
      /its end is missing/,
    ],
    ['with one bit changed', inside(flip((length) => Math.floor(length / 2))), /damaged/],
    [
      'with one bit of the file changed',
      (file) => writeFileSync(file, flip((length) => Math.floor(length / 2))(readFileSync(file))),
      /damaged/,
    ],
    [
      'with more behind its end',
      inside((data) => Buffer.concat([data, Buffer.from([9, 0, 0, 0, 1])])),
      /goes on after its end/,
    ],
    ['without a block', inside(withoutOneBlock), /does not fit/],
    [
      'of a later format',
      inside((data) => replaced(data, '{"type":"begin","format":1,', '{"type":"begin","format":2,')),
      /newer release/,
    ],
    ['which is some other file', (file) => writeFileSync(file, 'hello'), /is not a backup of Opsboard/],
    [
      'which is some other gzip file',
      (file) => writeFileSync(file, gzipSync('hello, this is something else')),
      /is not a backup/,
    ],
    ['which is empty', (file) => writeFileSync(file, ''), /is not a backup|end is missing/],
  ])('%s is refused before anything is touched', async (name, spoil, sentence) => {
    const file = spoilt(name.replaceAll(' ', '-'), spoil);
    await expect(checkBackup(file)).rejects.toThrow(sentence);
    await using target = await emptyDatabase();
    const copy = target.connection.getClient().db(target.connection.name);
    await copy.collection('batches').insertOne({ kept: true });
    await expect(restore({ connection: target.connection, path: file })).rejects.toThrow(sentence);
    expect(await names(copy)).toEqual(['batches']);
    expect(await copy.collection('batches').countDocuments()).toBe(1);
  });

  it('is said not to be there, or to be a folder', async () => {
    await expect(checkBackup(join(folder, 'nothing'))).rejects.toThrow(/There is no file/);
    await expect(checkBackup(folder)).rejects.toThrow(/is a folder/);
  });
});

it('never writes over a file, and leaves nothing where it cannot write', async () => {
  const { connection } = await app.backdoor();
  await expect(backUp({ connection, path })).rejects.toThrow(/exists already/);
  const nowhere = join(folder, 'no/such/folder');
  await expect(backUp({ connection, path: nowhere })).rejects.toThrow(/cannot be written/);
  expect(existsSync(`${nowhere}.partial`)).toBe(false);
});

describe('the scripts', () => {
  const script = async (name: string, args: string[], uri = app.config.MONGODB_URI) => {
    const env = { ...process.env, MONGODB_URI: uri };
    const run = promisify(execFile)(process.execPath, [join(root, `scripts/${name}.ts`), ...args], {
      env,
      cwd: folder,
    });
    const failed = (error: { stdout: string; stderr: string; code: number }) => error;
    return run.then((said) => ({ ...said, code: 0 }), failed);
  };

  it('move a board from one database to another, and ask before they replace one', async () => {
    const file = join(folder, 'moved.backup');
    const taken = await script('backup', ['--to', file]);
    expect(taken, taken.stderr).toMatchObject({ code: 0 });
    expect(taken.stdout).toMatch(/documents, \d+\.\d MB, in .*moved\.backup/);
    await using target = await emptyDatabase();
    const moved = await script('restore', [file], target.uri);
    expect(moved, moved.stderr).toMatchObject({ code: 0 });
    await checkJournal(target.connection, world.org);

    const refused = await script('restore', [file], target.uri);
    expect(refused.code).toBe(1);
    expect(refused.stderr).toMatch(/holds "org\d+": \d+ documents, which the restore replaces\. Say --yes/);
    expect(await script('restore', [file, '--yes'], target.uri)).toMatchObject({ code: 0 });
  });

  it('say in a sentence what is wrong, without the password of an address', async () => {
    const none = await script('restore', ['nothing.backup'], app.config.MONGODB_URI);
    expect(none).toMatchObject({ code: 1 });
    const lost = await script('backup', [], 'mongodb://me:secret@127.0.0.1:1/opsboard?serverSelectionTimeoutMS=200');
    expect(lost.stderr).toMatch(/does not answer/);
    expect(lost.stderr + lost.stdout).not.toMatch(/secret|at file:/);
    expect((await script('backup', ['--data', join(folder, 'nowhere')])).stderr).toMatch(/There is no database in/);
    expect((await script('restore', [])).stderr).toMatch(/Name one file/);
    expect((await script('backup', ['--so'])).stderr).toMatch(/--help/);
  });
});

/** Takes the block before the manifest out. */
function withoutOneBlock(data: Buffer): Buffer {
  const end = data.lastIndexOf('{"type":"end"') - 4;
  const start = data.lastIndexOf('{"type":"documents"', end) - 4;
  const header = data.subarray(start + 4, start + 4 + data.readUInt32LE(start));
  const { bytes } = JSON.parse(header.toString()) as { bytes: number };
  return Buffer.concat([data.subarray(0, start), data.subarray(start + 4 + header.length + bytes)]);
}

function replaced(data: Buffer, from: string, to: string): Buffer {
  const at = data.indexOf(from);
  if (at < 0) throw new Error(`${from} is not in it`);
  return Buffer.concat([data.subarray(0, at), Buffer.from(to), data.subarray(at + from.length)]);
}
