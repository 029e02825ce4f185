import { request } from 'node:http';
import * as fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { BatchFilter } from '@opsboard/shared/batches/filter';
import { filterFrom, matcher, noFilter, queryOf } from '@opsboard/shared/batches/filter';
import type { Batch, BatchInView } from '@opsboard/shared/batches/schema';
import { sortBatches, sortFields, sortText, usualSort } from '@opsboard/shared/batches/sort';
import { statuses } from '@opsboard/shared/batches/steps';
import type { WireError } from '@opsboard/shared/protocol/errors';
import { sweep } from '../../server/src/jobs/sweep.ts';
import { newId } from '../../server/src/platform/ids.ts';
import { createLog } from '../../server/src/platform/log.ts';
import { readCsv } from '../../server/src/transfer/csv.ts';
import type { TestApp } from '../support/app.ts';
import { startTestApp } from '../support/app.ts';
import type { Client } from '../support/client.ts';
import type { TestClock } from '../support/clock.ts';
import { testClock } from '../support/clock.ts';
import type { World } from '../support/world.ts';
import { buildWorld } from '../support/world.ts';

const hour = 3_600_000;
let clock: TestClock;
let app: TestApp;
let world: World;
let other: World;

/** Commands as a list, 500 at a time. */
async function bulk(client: Client, commands: { name: string; args: object }[]): Promise<void> {
  for (let i = 0; i < commands.length; i += 500) {
    const { body } = await client.post<{ answers: { ok: boolean; error?: WireError }[] }>('/api/commands/bulk', {
      commands: commands.slice(i, i + 500).map((command) => ({ commandId: newId(), ...command })),
    });
    const refused = body.answers.find(({ ok }) => !ok);
    if (refused) throw new Error(JSON.stringify(refused.error));
  }
}

beforeAll(async () => {
  clock = testClock();
  app = await startTestApp({ clock });
  world = await buildWorld(app);
  other = await buildWorld(app);
  await other.batch({ parts: ['OTHER-1'] });
  const { branches, customers, centers, people } = world;
  const ids = Array.from({ length: 60 }, newId);
  await bulk(
    world.admin,
    ids.map((id, n) => ({
      name: 'batch.create',
      args: {
        id,
        branch: n % 5 ? branches.north : branches.south,
        customer: n % 2 ? customers.fast : customers.slow,
        center: n % 7 ? centers.near : centers.far,
        parts: [`EXP-${n}-A`, `EXP-${n}-B`],
        dueAt: clock.now() + (n + 1) * hour,
        ...(n % 4 ? { driver: n % 4 === 1 ? people.driver1.id : people.driver2.id } : {}),
      },
    })),
  );
  // Each sixth stands at a status further on.
  for (const [n, id] of ids.entries()) {
    const driver = people.driver2.id;
    const steps = [
      ['batch.seal', { id, count: 2 }],
      ['batch.depart', { id, driver }],
      ['batch.arrive', { id }],
      ['batch.departBack', { id, driver }],
      ['batch.complete', { id, count: 2 }],
    ] as const;
    await bulk(
      world.admin,
      steps.slice(0, n % 6).map(([name, args]) => ({ name, args })),
    );
  }
  clock.advance(8 * hour);
}, 60_000);
afterAll(() => app[Symbol.asyncDispose]());

type Row = { [column: string]: string };
async function exported(query: string, client = world.admin): Promise<{ rows: Row[]; total: number; name: string }> {
  const { status, text, headers } = await client.get(`/api/batches/export.csv${query}`);
  if (status !== 200) throw new Error(text);
  expect(headers.get('content-type')).toBe('text/csv; charset=utf-8');
  expect(headers.get('cache-control')).toBe('no-store');
  const table = await readCsv(text, 100_000);
  if ('message' in table) throw new Error(table.message);
  return {
    rows: table.rows.map(({ cells }) => Object.fromEntries(table.columns.map((name, i) => [name, cells[i] ?? '']))),
    total: Number(headers.get('x-total-rows')),
    name: /filename="(.+)"/.exec(headers.get('content-disposition') ?? '')?.[1] ?? '',
  };
}

/** Every batch on the boards as the admin reads it, with its parts. */
async function everything(): Promise<Batch[]> {
  const { body } = await world.admin.get<{ batches: BatchInView[] }>('/api/batches?completed=all&limit=500');
  return Promise.all(
    body.batches.map(async ({ id }) => (await world.admin.get<{ batch: Batch }>(`/api/batches/${id}`)).body.batch),
  );
}

async function names(): Promise<Map<string, string>> {
  const found = new Map<string, string>();
  for (const kind of ['branches', 'customers', 'centers', 'people']) {
    const { body } = await world.admin.get<{ [kind: string]: { id: string; name: string }[] }>(`/api/${kind}`);
    for (const { id, name } of body[kind] ?? []) found.set(id, name);
  }
  return found;
}

describe('GET /api/batches/export.csv', () => {
  it('has a row for each batch, with everything that the list shows of it', async () => {
    const id = await world.batch({ parts: ['ZZ-2', 'ZZ-1'], driver: world.people.driver1.id });
    await world.admin.mustCommand('batch.seal', { id, count: 2 });
    const { body } = await world.admin.get<{ batch: Batch }>(`/api/batches/${id}`);
    const { rows, total, name } = await exported(`?q=${body.batch.reference}`);
    expect(total).toBe(1);
    const wall = (at: number) => new Date(at).toLocaleString('sv-SE', { timeZone: 'Europe/Berlin' }).slice(0, 16);
    expect(rows).toEqual([
      {
        Reference: body.batch.reference,
        Status: 'Sealed',
        Customer: 'org1 Fast',
        'Service center': 'org1 Near',
        Branch: 'org1 North',
        Driver: 'org1 driver1',
        'Part count': '2',
        'Lost or scrapped': '0',
        Parts: 'ZZ-2 ZZ-1',
        'Expected return date': wall(body.batch.dueAt),
        'First promise': wall(body.batch.promisedAt),
        'SLA status': 'On track',
        'Time to due (min)': String(Math.trunc((body.batch.dueAt - clock.now()) / 60_000)),
        'In status since': wall(body.batch.since),
        'Elapsed (min)': String(Math.trunc((clock.now() - body.batch.since) / 60_000)),
        Created: wall(body.batch.createdAt),
        Sealed: wall(body.batch.since),
        Departed: '',
        'Arrived at center': '',
        'Departed back': '',
        Completed: '',
        Cancelled: '',
      },
    ]);
    expect(name).toBe(`batches-${wall(clock.now()).slice(0, 10)}-${body.batch.reference.toLowerCase()}.csv`);
  });

  it('has exactly the rows of the shared filter, in the shared order, whatever is asked (property)', async () => {
    const all = await everything();
    const known = await names();
    const context = {
      now: clock.now(),
      zone: 'Europe/Berlin',
      nameOf: (_: string, id: string) => known.get(id) ?? '–',
    };
    const { branches, customers, centers, people } = world;
    const some = <T>(...values: T[]) => fc.subarray(values, { maxLength: 2 });
    const day = fc.constantFrom(
      '2026-11-01',
      ...[0, 1, 2].map((n) => new Date(clock.now() + n * 24 * hour).toISOString().slice(0, 10)),
    );
    // One or two fields at a time: filters that match nothing prove little.
    const rarely = <T>(values: fc.Arbitrary<T>) =>
      fc.oneof({ weight: 6, arbitrary: fc.constant(undefined) }, { weight: 1, arbitrary: values });
    const filters = fc
      .record({
        status: rarely(fc.subarray([...statuses])),
        sla: rarely(some('on_track' as const, 'breached' as const)),
        branch: rarely(some(branches.north, branches.south)),
        customer: rarely(some(customers.fast, customers.slow)),
        center: rarely(some(centers.near, centers.far)),
        driver: rarely(some('none', people.driver1.id, people.driver2.id)),
        due: rarely(fc.constantFrom('today' as const, 'soon' as const)),
        from: rarely(day),
        to: rarely(day),
        completed: rarely(fc.constantFrom('today' as const, 'all' as const)),
        q: rarely(fc.constantFrom('slow', 'near', 'B-20', '201', 'exp-7-a', 'EXP-7')),
        part: rarely(fc.constantFrom('EXP-7-A', 'EXP-9-B', 'NONE')),
      })
      .map((given) => Object.fromEntries(Object.entries(given).filter(([, value]) => value !== undefined)));
    const sorts = fc.option(fc.record({ field: fc.constantFrom(...sortFields), descending: fc.boolean() }), {
      nil: undefined,
    });
    let matched = 0;
    await fc.assert(
      fc.asyncProperty(filters, sorts, async (given, sort) => {
        const filter: BatchFilter = { ...noFilter, ...given };
        const query = queryOf(filter) + (sort ? `${queryOf(filter) ? '&' : '?'}sort=${sortText(sort)}` : '');
        // What the address of the page says is what is meant.
        expect(filterFrom(new URLSearchParams(query))).toEqual(filter);
        const expected = sortBatches(all.filter(matcher(filter, context)), sort ?? usualSort, context);
        const { rows, total } = await exported(query);
        expect(rows.map((row) => row['Reference'])).toEqual(expected.map(({ reference }) => reference));
        expect(total).toBe(expected.length);
        const { body } = await world.admin.get<{ batches: BatchInView[] }>(
          `/api/batches${query}${query === '' ? '?' : '&'}limit=500`,
        );
        expect(body.batches.map(({ id }) => id)).toEqual(expected.map(({ id }) => id));
        if (expected.length > 0) matched++;
      }),
      { numRuns: 120, seed: 4 },
    );
    expect(matched).toBeGreaterThan(30);
  });

  it.each(['southOps', 'manager', 'driver1', 'driver2'] as const)(
    '%s gets what they see, and nothing of the rest in any byte',
    async (who) => {
      const client = await world.as(who);
      const { rows, total } = await exported('?completed=all', client);
      const { body } = await client.get<{ batches: BatchInView[] }>('/api/batches?completed=all&limit=500');
      expect(rows.map((row) => row['Reference'])).toEqual(body.batches.map(({ reference }) => reference));
      expect(total).toBe(rows.length);
      expect(rows.length).toBeGreaterThan(0);
      const { text } = await client.get('/api/batches/export.csv?completed=all');
      expect(text).not.toContain('OTHER-1');
      if (who === 'southOps') expect(text).not.toContain('org1 North');
    },
  );

  it('nobody who is not signed in, and nothing that is misspelt', async () => {
    const { Client: Stranger } = await import('../support/client.ts');
    expect((await new Stranger(app.url).get('/api/batches/export.csv')).status).toBe(401);
    for (const [query, field] of [
      ['?state=draft', 'state'],
      ['?status=lost', 'status.0'],
      ['?limit=10', 'limit'],
      ['?archived=true&sort=customer', 'sort'],
    ] as const) {
      const { status, body } = await world.admin.get<WireError>(`/api/batches/export.csv${query}`);
      expect([status, body.code, body.field]).toEqual([400, 'bad_request', field]);
    }
  });

  it.each([
    ['=HYPERLINK("http://evil.test","x")', `"'=HYPERLINK(""http://evil.test"",""x"")"`],
    ['+49 30 1', "'+49 30 1"],
    ['-2+3', "'-2+3"],
    ['@SUM(1+1)*cmd', "'@SUM(1+1)*cmd"],
    ["'=1", "''=1"],
    ['Semi;colon, comma', '"Semi;colon, comma"'],
  ])('a customer called %s runs nothing', async (name, written) => {
    const customer = newId();
    await world.admin.mustCommand('customer.create', { id: customer, name, slaHours: 48 });
    await world.batch({ customer });
    const { text } = await world.admin.get(`/api/batches/export.csv?customer=${customer}`);
    expect(text.split('\r\n')[1]).toContain(`,${written},`);
    const { rows } = await exported(`?customer=${customer}`);
    expect(rows.map((row) => row['Customer'])).toEqual([name]);
  });

  it('a list of thousands comes as it is made, and holds up nobody else', async () => {
    const busy = await buildWorld(app);
    const { branches, customers, centers } = busy;
    await bulk(
      busy.admin,
      Array.from({ length: 4_000 }, (_, n) => ({
        name: 'batch.create',
        args: {
          id: newId(),
          branch: branches.north,
          customer: n % 2 ? customers.fast : customers.slow,
          center: centers.near,
          parts: Array.from({ length: 5 }, (_part, k) => `BUSY-${n}-${k}`),
        },
      })),
    );
    // Whoever waits for a turn of the same thread gets one after each piece, however slow the machine is.
    let turns = 0;
    let counting = true;
    const count = (): void => {
      turns++;
      if (counting) setImmediate(count);
    };
    setImmediate(count);
    const pieces = await new Promise<number>((resolve, reject) => {
      let count = 0;
      const asked = request(
        `${app.url}/api/batches/export.csv?sort=customer`,
        { headers: { cookie: busy.admin.cookie! } },
        (response) => {
          expect(response.headers['x-total-rows']).toBe('4000');
          response.on('data', () => count++);
          response.once('end', () => resolve(count));
          response.once('error', reject);
        },
      );
      asked.once('error', reject);
      asked.end();
    });
    counting = false;
    expect(pieces).toBeGreaterThan(10);
    expect(turns).toBeGreaterThan(40);
  });
});

describe('batches that have left the boards', () => {
  it('are filtered, searched, sorted and exported in the same words', async () => {
    const draft = await world.batch({ parts: ['GONE-1'], driver: world.people.driver1.id });
    await world.admin.mustCommand('batch.cancel', { id: draft, reason: 'Entered twice' });
    clock.advance(4 * 24 * hour);
    const { journal, dispatcher } = await app.backdoor();
    await sweep({ journal, dispatcher, clock, log: createLog('test', 'silent') });
    const known = await names();
    const list = async (query: string) => {
      const { body } = await world.admin.get<{ batches: BatchInView[] }>(
        `/api/batches?archived=true&limit=500${query}`,
      );
      return body.batches;
    };
    await expect.poll(() => list('').then(({ length }) => length)).toBe(11);
    const all = await Promise.all(
      (await list('')).map(
        async ({ id }) => (await world.admin.get<{ batch: Batch }>(`/api/batches/${id}`)).body.batch,
      ),
    );
    const context = {
      now: clock.now(),
      zone: 'Europe/Berlin',
      nameOf: (_: string, id: string) => known.get(id) ?? '–',
    };
    const { customers, centers, branches, people } = world;
    const sorts = (['since', 'parts', 'createdAt', 'promisedAt', 'dueAt'] as const).flatMap((field) =>
      [false, true].map((descending) => ({ field, descending })),
    );
    const filters = [
      {},
      { status: ['draft'] },
      { status: ['completed'], customer: [customers.slow] },
      { center: [centers.far], branch: [branches.south, branches.north] },
      { driver: ['none', people.driver1.id] },
      { q: 'slow' },
      { q: 'B-20' },
      { q: 'gone-1' },
      { q: 'exp' },
      { part: 'GONE-1' },
      { from: new Date(all[0]!.dueAt).toISOString().slice(0, 10) },
    ] as Partial<BatchFilter>[];
    for (const [n, filter] of filters.entries()) {
      const whole: BatchFilter = { ...noFilter, ...filter };
      const query = queryOf(whole).replace('?', '&');
      const sort = sorts[n % sorts.length]!;
      // Which of the boards' completed batches are meant is no question here.
      const passes = matcher({ ...whole, completed: 'all' }, context);
      const expected = sortBatches(all.filter(passes), sort, context).map(({ id }) => id);
      expect([query, sort, (await list(`${query}&sort=${sortText(sort)}`)).map(({ id }) => id)]).toEqual([
        query,
        sort,
        expected,
      ]);
      const { rows, total } = await exported(`?archived=true${query}`);
      expect(rows.map((row) => row['Reference'])).toEqual((await list(query)).map(({ reference }) => reference));
      expect(total).toBe(rows.length);
    }
    const { rows } = await exported('?archived=true&part=GONE-1');
    expect(rows[0]).toMatchObject({ Status: 'Cancelled', 'SLA status': '', Parts: 'GONE-1', 'Time to due (min)': '' });
    expect(rows[0]!['Cancelled']).not.toBe('');
    for (const nothing of ['&sla=on_track', '&due=soon', '&due=today', '&status=sealed'])
      expect(await list(nothing)).toEqual([]);
    expect((await exported('?archived=true', other.admin)).rows).toEqual([]);
    const southern = await exported('?archived=true', await world.as('southOps'));
    expect(new Set(southern.rows.map((row) => row['Branch']))).toEqual(new Set(['org1 South']));
  }, 60_000);
});
