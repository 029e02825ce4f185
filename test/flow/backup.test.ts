import { spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { existsSync, mkdtempSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { GridFSBucket } from 'mongodb';
import type { Db } from 'mongodb';
import type { AnyRecord } from '@opsboard/shared/protocol/kinds';
import { sameValue } from '@opsboard/shared/protocol/patch';
import { backUp } from '../../server/src/backup/back-up.ts';
import { contentOf, restore } from '../../server/src/backup/restore.ts';
import { findEpoch } from '../../server/src/journal/epoch.ts';
import { collectionsOf } from '../../server/src/journal/stored.ts';
import type { TestApp } from '../support/app.ts';
import { startTestApp } from '../support/app.ts';
import type { Load } from '../support/backup-load.ts';
import { startLoad } from '../support/backup-load.ts';
import type { Held } from '../support/check-journal.ts';
import { checkJournal } from '../support/check-journal.ts';
import { connectLive } from '../support/live-client.ts';
import { seeded } from '../support/random.ts';
import { until } from '../support/until.ts';
import type { World } from '../support/world.ts';
import { buildWorld } from '../support/world.ts';

/** So many commands are acknowledged before the backup begins. */
const before = process.env['SOAK'] === '1' ? 20_000 : 400;
/** So many restores are killed, each at a moment that `BACKUP_SEED` repeats. */
const kills = process.env['SOAK'] === '1' ? 60 : 2;
const seed = Number(process.env['BACKUP_SEED'] ?? Math.floor(Math.random() * 2 ** 31));
const root = join(import.meta.dirname, '../..');

let app: TestApp;
let worlds: World[];
let folder: string;

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'opsboard-backup-'));
  app = await startTestApp({ webs: 2, workers: 1, child: true });
  worlds = [await buildWorld(app), await buildWorld(app)];
}, 60_000);
afterAll(async () => {
  await app?.[Symbol.asyncDispose]();
  rmSync(folder, { recursive: true, force: true });
});

const database = async (): Promise<Db> => {
  const { connection } = await app.backdoor();
  return connection.getClient().db(connection.name);
};

/** What everybody holds in the moment after `seq`, from what is known of a later one. */
function heldAt(held: Held, seq: number): { entries: Held['entries']; ids: string[] } {
  const entries = held.entries.filter((entry) => entry.seq <= seq);
  return { entries, ids: [...new Set(entries.map(({ kind, id }) => `${kind}/${id}`))].sort() };
}

async function putFile(db: Db, name: string, bytes: Buffer): Promise<void> {
  await pipeline(Readable.from([bytes]), new GridFSBucket(db, { bucketName: 'files' }).openUploadStream(name));
}

async function getFile(db: Db, name: string): Promise<Buffer> {
  const chunks: Buffer[] = [];
  for await (const chunk of new GridFSBucket(db, { bucketName: 'files' }).openDownloadStreamByName(name))
    chunks.push(chunk as Buffer);
  return Buffer.concat(chunks);
}

/** Empties every collection, as a mistaken script would, under the processes that serve it. */
async function deleteEverything(db: Db): Promise<void> {
  for (const { name } of await db.listCollections().toArray())
    if (name !== 'meta') await db.collection(name).deleteMany({});
}

it('is taken under load, and gives back exactly its moment after everything was deleted', async () => {
  const db = await database();
  const { connection, journal } = await app.backdoor();
  const file = randomBytes(700_000);
  await putFile(db, 'early', file);
  const live = await connectLive(await worlds[0]!.as('ops', app.webs[1]!.url), { reconnect: true });
  await using _closed = live;

  const loads = worlds.map((world) => startLoad(world));
  const acked = (): number => loads.reduce((sum, load) => sum + load.acked.length, 0);
  await until('enough is there', () => acked() >= before, 600_000);
  const began = acked();
  // Whether the last document of a file, which names it, is in the backup is a matter of luck; all of it or nothing.
  const late = putFile(db, 'late', file);
  const path = join(folder, 'under-load.backup');
  const { manifest } = await backUp({ connection, path });
  const during = acked() - began;
  await late;
  await until('more happens', () => acked() >= began + during + 50);
  await Promise.all(loads.map((load) => load.stop()));

  expect(during).toBeGreaterThan(0);
  expect(manifest.changes).toBeGreaterThan(0);
  expect(statSync(path).mode & 0o777).toBe(0o600);
  expect(existsSync(`${path}.partial`)).toBe(false);
  expect(await db.collection('meta').countDocuments({ _id: /^backup/ } as object)).toBe(0);

  const seqOf = new Map(manifest.organizations.map(({ id, seq }) => [id, seq]));
  const helds = await Promise.all(worlds.map(({ org }) => checkJournal(connection, org)));
  for (const [i, { org }] of worlds.entries()) {
    expect(seqOf.get(org)).toBeGreaterThan(0);
    expect(seqOf.get(org)).toBeLessThan(helds[i]!.entries.length);
  }
  await deleteEverything(db);
  await restore({ connection, path });

  for (const [i, { org }] of worlds.entries()) {
    const seq = seqOf.get(org)!;
    // The journal without a gap, every record equal to the fold of its entries, every receipt in its place.
    const held = await checkJournal(connection, org);
    const then = heldAt(helds[i]!, seq);
    expect(sameValue(held.entries, then.entries)).toBe(true);
    expect([...held.records.keys()].sort()).toEqual(then.ids);
    expect(held.receipts.filter(({ seq: last }) => last !== undefined && last > seq)).toEqual([]);
    checkHidden(held, loads[i]!, seq);
  }
  expect((await getFile(db, 'early')).equals(file)).toBe(true);
  const lateIsThere = (await db.collection('files.files').countDocuments({ filename: 'late' })) === 1;
  if (lateIsThere) expect((await getFile(db, 'late')).equals(file)).toBe(true);

  // The client that was connected all the time has thrown away what it held, and is where the board is now.
  await until('a hello of another epoch', () => live.hellos.at(-1)!.epoch !== journal.epoch, 30_000);
  await until('its state is of that epoch', () => live.state?.epoch === live.hellos.at(-1)!.epoch, 30_000);
  const seq = seqOf.get(worlds[0]!.org)!;
  await live.reached(seq);
  expect(live.seq).toBeLessThan(helds[0]!.entries.length);
  const shown = [...live.state!.records.batch.keys()].sort();
  const stored = await db.collection('batches').find({ org: worlds[0]!.org, archivedAt: null }).toArray();
  expect(shown).toEqual(stored.map(({ _id }) => String(_id)).sort());

  for (const load of loads) await answersAsThen(load, seqOf.get(load === loads[0] ? worlds[0]!.org : worlds[1]!.org)!);
});

/** A personal field is in no entry: its value must be the one of the moment all the same. */
function checkHidden(held: Held, load: Load, seq: number): void {
  const last = load.phones.findLast((one) => one.seq <= seq)!;
  const found = [...held.records.values()].map(
    (record) => (record as AnyRecord & { contactPhone?: string }).contactPhone,
  );
  expect(found).toContain(last.phone);
  expect(found).not.toContain(load.phones.find((one) => one.seq > seq)?.phone);
}

/** What the backup knows of is answered as it was; what came after it was never done, and may be done now. */
async function answersAsThen(load: Load, seq: number): Promise<void> {
  const known = load.acked.filter((one) => one.seq <= seq);
  const unknown = load.acked.filter((one) => one.seq > seq);
  for (const one of [known[0]!, known.at(-1)!]) {
    const ack = await one.client.command(one.name, one.args as never, { commandId: one.commandId });
    expect(ack).toMatchObject({ ok: true, first: one.first, seq: one.seq });
  }
  const { client, name, args, commandId } = unknown[0]!;
  const ack = await client.command(name, args as never, { commandId });
  expect(ack).toMatchObject({ ok: true });
}

it('leaves the board as it was when it is killed early, and unserved until it is repeated when it is killed late', async () => {
  const { connection } = await app.backdoor();
  const db = await database();
  const [world] = worlds as [World];
  const path = join(folder, 'killed.backup');
  const { manifest } = await backUp({ connection, path });
  const seq = manifest.organizations.find(({ id }) => id === world.org)!.seq;
  const { meta } = collectionsOf(db);
  const clock = { now: () => Date.now(), monotonic: () => performance.now() };
  const after = await world.batch();

  const early = startRestore(path);
  await until('it loads', async () => (await namesOf(db)).some((name) => name.startsWith('restoring-')), 30_000);
  await early.kill();
  expect((await contentOf(connection)).restoring).toBe(false);
  expect((await world.admin.get(`/api/batches/${after}`)).status).toBe(200);
  await world.admin.mustCommand('branch.create', { id: world.org.replace(/^./, 'f'), name: 'Still serving' });

  const late = startRestore(path);
  // Before the first collection has been replaced, what runs still serves the old state, which is whole.
  const switches = async (): Promise<boolean> =>
    (await meta.findOne({ _id: 'epoch' }))?.restoring !== undefined &&
    !(await namesOf(db)).some((name) => /^restoring-.*\.journal$/.test(name));
  await until('it switches', switches, 60_000);
  await late.kill();
  expect((await contentOf(connection)).restoring).toBe(true);
  await expect(findEpoch(meta, clock)).rejects.toThrow(/has not ended.*scripts\/restore/);
  await expect(app.start('web', { child: true })).rejects.toThrow(/has not ended/);
  for (const web of app.webs) {
    await until('it no longer serves', async () => {
      const answer = await fetch(`${web.url}/readyz`).catch(() => undefined);
      return answer?.status !== 200;
    });
  }

  const again = startRestore(path);
  expect(await again.ended, again.said()).toBe(0);
  for (const web of app.webs) {
    await until(
      'it serves again',
      () =>
        fetch(`${web.url}/readyz`)
          .then(({ ok }) => ok)
          .catch(() => false),
      30_000,
    );
  }
  const held = await checkJournal(connection, world.org);
  expect(held.entries.length).toBeGreaterThanOrEqual(seq);
  expect(held.records.has(`batch/${after}`)).toBe(false);
  expect((await world.admin.get(`/api/batches/${after}`)).status).toBe(404);
  expect((await namesOf(db)).filter((name) => name.startsWith('restoring-'))).toEqual([]);
  await world.batch();
});

it(`is never half, whenever a restore is killed (${kills} kills, seed ${seed})`, async () => {
  const { connection } = await app.backdoor();
  const db = await database();
  const { next } = seeded(seed);
  const path = join(folder, 'random.backup');
  const { manifest } = await backUp({ connection, path });
  const seqThen = manifest.organizations.find(({ id }) => id === worlds[0]!.org)!.seq;
  const epochOf = async () => (await collectionsOf(db).meta.findOne({ _id: 'epoch' }))?.epoch;
  // How long a whole one takes says when to kill the others.
  const began = performance.now();
  const whole = startRestore(path);
  expect(await whole.ended, whole.said()).toBe(0);
  const took = performance.now() - began;
  for (let i = 0; i < kills; i++) {
    const [epoch, before] = [await epochOf(), await contentOf(connection)];
    const one = startRestore(path);
    await Promise.race([one.ended, new Promise((resolve) => setTimeout(resolve, next() * took))]);
    await one.kill();
    const { restoring } = await contentOf(connection);
    // Either it says that it is not whole, as it may have said since the kill before, or it is: as it was, or restored.
    if (restoring) expect(before.restoring || (await epochOf()) !== epoch).toBe(true);
    else expect((await checkJournal(connection, worlds[0]!.org)).entries.length).toBeGreaterThanOrEqual(seqThen);
  }
  const last = startRestore(path);
  expect(await last.ended, last.said()).toBe(0);
  await checkJournal(connection, worlds[0]!.org);
  expect((await namesOf(db)).filter((name) => name.startsWith('restoring-'))).toEqual([]);
  for (const web of app.webs)
    await until(
      'it serves',
      () =>
        fetch(`${web.url}/readyz`).then(
          ({ ok }) => ok,
          () => false,
        ),
      30_000,
    );
});

const namesOf = async (db: Db): Promise<string[]> => (await db.listCollections().toArray()).map(({ name }) => name);

/** `scripts/restore` as a process that can be killed. */
function startRestore(path: string): { ended: Promise<number | null>; kill(): Promise<void>; said(): string } {
  const child = spawn(process.execPath, [join(root, 'scripts/restore.ts'), path, '--yes'], {
    env: { ...process.env, MONGODB_URI: app.config.MONGODB_URI },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let said = '';
  for (const stream of [child.stdout, child.stderr])
    stream.setEncoding('utf8').on('data', (text: string) => (said += text));
  const ended = once(child, 'exit').then(([code]) => code as number | null);
  return {
    ended,
    said: () => said,
    kill: async () => {
      child.kill('SIGKILL');
      await ended;
    },
  };
}
