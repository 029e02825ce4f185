import * as fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createBranch, createCenter, createCustomer } from '@opsboard/shared/directory/schema';
import { createPart } from '@opsboard/shared/parts/schema';
import type { CommandName } from '@opsboard/shared/protocol/deciders';
import type { WireError } from '@opsboard/shared/protocol/errors';
import type { TransferKind } from '@opsboard/shared/transfer/columns';
import { transferKinds } from '@opsboard/shared/transfer/columns';
import type { Imported, Preview } from '@opsboard/shared/transfer/preview';
import { newId } from '../../server/src/platform/ids.ts';
import { csvHead, csvRows } from '../../server/src/transfer/csv.ts';
import type { TestApp } from '../support/app.ts';
import { startTestApp } from '../support/app.ts';
import { checkJournal } from '../support/check-journal.ts';
import type { Client } from '../support/client.ts';
import type { World } from '../support/world.ts';
import { buildWorld } from '../support/world.ts';

let app: TestApp;
let world: World;
let other: World;

beforeAll(async () => {
  app = await startTestApp();
  world = await buildWorld(app, 'First');
  other = await buildWorld(app, 'Second');
}, 60_000);
afterAll(() => app[Symbol.asyncDispose]());

async function preview(client: Client, kind: TransferKind, csv: string): Promise<Preview> {
  const { status, body, text } = await client.post<Preview>('/api/import/preview', { kind, csv });
  if (status !== 200) throw new Error(`${status}: ${text}`);
  return body;
}
const importFile = (client: Client, kind: TransferKind, csv: string, commandId = newId()) =>
  client.post<Imported & WireError>('/api/import', { kind, csv, commandId });
async function exported(client: Client, kind: TransferKind): Promise<string> {
  const { status, text, headers } = await client.get(`/api/${kind}/export.csv`);
  expect(status).toBe(200);
  expect(headers.get('content-type')).toBe('text/csv; charset=utf-8');
  return text;
}
/** What of a preview is not "unchanged", for a failure that can be read. */
const news = ({ rows, faults }: Preview) => [
  ...faults,
  ...rows.filter(({ outcome }) => outcome !== 'unchanged').slice(0, 5),
];

describe('import of an export', () => {
  // What names may hold, with all that is special to CSV and to spreadsheets made likely.
  const nasty = (max: number) =>
    fc.string({
      unit: fc.oneof(
        fc.constantFrom(...'=+-@\',;|"\\ \u00a0\ufeffＡ＝éߕ'),
        fc.string({ unit: 'grapheme', minLength: 1, maxLength: 1 }),
      ),
      minLength: 1,
      maxLength: max,
    });
  const valid = <T>(
    schema: { safeParse(value: unknown): { success: boolean; data?: unknown } },
    made: fc.Arbitrary<T>,
  ) => made.filter((value) => schema.safeParse(value).success).map((value) => schema.safeParse(value).data as T);
  const customer = fc.record(
    {
      name: valid(createCustomer.shape.name, nasty(20)),
      slaHours: fc.integer({ min: 1, max: 2160 }),
      contactEmail: fc.constantFrom('a+b@x.test', '-x@y.test'),
      contactPhone: fc.constantFrom('+49 30 1', '(030) 1-2', '0301'),
      address: valid(createCustomer.shape.name, nasty(30)),
      position: fc.constantFrom<[number, number]>([9.993, 53.551], [-0.5, 0]),
      language: fc.constantFrom('en', 'pt-BR'),
      timeZone: fc.constantFrom('Europe/Berlin', 'Etc/GMT+3'),
    },
    { requiredKeys: ['name', 'slaHours'] },
  );
  const range = fc
    .uniqueArray(fc.integer({ min: 0, max: 1440 }), { minLength: 2, maxLength: 2 })
    .map((pair) => pair.toSorted((a, b) => a - b) as [number, number]);
  const center = fc.record(
    {
      name: valid(createCenter.shape.name, nasty(20)),
      phone: fc.constantFrom('+49 30 1'),
      address: valid(createCenter.shape.name, nasty(30)),
      position: fc.tuple(
        fc.double({ min: -180, max: 180, noNaN: true }),
        fc.double({ min: -90, max: 90, noNaN: true }),
      ),
      hours: fc.record({ mon: range, wed: range, sun: range }, { requiredKeys: [] }),
      holidays: fc.array(
        fc.record({
          date: fc.constantFrom('2026-12-25', '2027-01-01'),
          name: valid(createCenter.shape.name, nasty(12)),
        }),
        { maxLength: 3 },
      ),
    },
    { requiredKeys: ['name'] },
  );
  const place = {
    name: valid(createBranch.shape.name, nasty(20)),
    address: valid(createCenter.shape.name, nasty(30)),
    position: fc.constantFrom<[number, number]>([9.993, 53.551], [-0.5, 0]),
    timeZone: fc.constantFrom('Europe/Berlin'),
  };
  const branch = fc.record({ ...place, phone: fc.constantFrom('0301') }, { requiredKeys: ['name'] });
  const warehouse = fc.record({ ...place, at: fc.nat(3) }, { requiredKeys: ['name'] });
  const vendor = fc.record(
    { name: place.name, address: place.address, contactEmail: fc.constantFrom('-x@y.test') },
    { requiredKeys: ['name'] },
  );
  const team = fc.record(
    {
      name: place.name,
      members: fc.subarray(['ops', 'team', 'driver1'] as const),
      at: fc.uniqueArray(fc.nat(3), { minLength: 1 }),
    },
    { requiredKeys: ['name', 'members'] },
  );
  const part = fc.record(
    { label: valid(createPart.shape.label, nasty(20)), customer: fc.constantFrom('fast', 'slow') },
    { requiredKeys: ['label'] },
  );

  it('changes nothing, whatever the names are', async () => {
    let made = 0;
    await fc.assert(
      fc.asyncProperty(
        fc.array(customer, { maxLength: 4 }),
        fc.array(center, { maxLength: 4 }),
        fc.array(part, { maxLength: 4 }),
        fc.array(branch, { maxLength: 3 }),
        fc.array(warehouse, { maxLength: 3 }),
        fc.array(vendor, { maxLength: 3 }),
        fc.array(team, { maxLength: 3 }),
        async (customers, centers, parts, branches, warehouses, vendors, teams) => {
          const branchIds = branches.map(() => newId());
          const send = (name: CommandName, args: object) => world.admin.mustCommand(name, args as never);
          for (const [i, fields] of branches.entries()) await send('branch.create', { id: branchIds[i], ...fields });
          const at = (i: number): string => branchIds[i] ?? world.branches.north;
          for (const { at: of, ...fields } of warehouses)
            await send('warehouse.create', { id: newId(), ...fields, ...(of === undefined ? {} : { branch: at(of) }) });
          for (const fields of vendors) await send('vendor.create', { id: newId(), ...fields });
          for (const { at: of, members, ...fields } of teams)
            await send('team.create', {
              id: newId(),
              ...fields,
              members: members.map((who) => world.people[who].id),
              ...(of ? { branches: of.map(at) } : {}),
            });
          // What is archived is neither exported nor missed.
          const gone = newId();
          await send('vendor.create', { id: gone, name: vendors[0]?.name ?? 'Gone' });
          await send('vendor.archive', { id: gone });
          const [customerIds, centerIds] = [customers.map(() => newId()), centers.map(() => newId())];
          for (const [i, fields] of customers.entries())
            await world.admin.mustCommand('customer.create', { id: customerIds[i]!, ...fields } as never);
          for (const [i, fields] of centers.entries())
            await world.admin.mustCommand('center.create', { id: centerIds[i]!, ...fields } as never);
          for (const fields of parts) {
            const own = fields.customer && { customer: world.customers[fields.customer] };
            await world.admin.mustCommand('part.create', {
              id: newId(),
              partId: `P-${++made}`,
              label: fields.label,
              ...own,
            });
          }
          const [c, z] = [customerIds[0], centerIds[0]];
          await world.batch({
            ...(c && { customer: c }),
            ...(z && { center: z }),
            parts: [`-X/${++made}`, `Y_${made}-1`].map((text) => text.replace(/^-/, '')),
          });
          for (const kind of transferKinds) {
            const file = await exported(world.admin, kind);
            expect({ kind, news: news(await preview(world.admin, kind, file)) }).toEqual({ kind, news: [] });
          }
        },
      ),
      { numRuns: 12 },
    );
    const { body } = await importFile(world.admin, 'customers', await exported(world.admin, 'customers'));
    expect(body).toMatchObject({ created: 0, changed: 0 });
    expect(body.unchanged).toBeGreaterThan(2);
  });

  it('in another organization makes what is not there by its name, and touches nothing of the first', async () => {
    const name = `Only here ${newId()}`;
    const id = newId();
    await world.admin.mustCommand('customer.create', { id, name, slaHours: 24 });
    const file = csvHead(['ID', 'Name', 'SLA hours']) + csvRows([[id, name, 48]]);
    expect((await preview(world.admin, 'customers', file)).counts).toMatchObject({ change: 1 });
    expect((await preview(other.admin, 'customers', file)).counts).toMatchObject({ create: 1 });
    const { body } = await importFile(other.admin, 'customers', file);
    expect(body).toMatchObject({ created: 1, made: [{ name }] });
    expect(body.made[0]!.id).not.toBe(id);
    const { body: mine } = await world.admin.get<{ customers: { id: string; slaHours: number }[] }>('/api/customers');
    expect(mine.customers.find((each) => each.id === id)?.slaHours).toBe(24);
    const reference = 'Reference,Branch,Customer,Service center\n';
    const { body: list } = await world.admin.get<{ batches: { reference: string }[] }>('/api/batches?limit=1');
    const asked = await preview(other.admin, 'batches', `${reference}B-999999,,,\n`);
    const hidden = await preview(other.admin, 'batches', `${reference}${list.batches[0]!.reference},,,\n`);
    expect(asked.counts.bad).toBe(1);
    expect(hidden.rows[0]!.outcome).toBe('bad');
  });
});

describe('an import', () => {
  const rows = (count: number, prefix: string) =>
    Array.from({ length: count }, (_, i) => [`${prefix}-${i}`, `Label ${i}`, i % 2 === 0 ? 'First Fast' : '']);
  const head = csvHead(['Part ID', 'Label', 'Customer']);
  const stored = async (prefix: string): Promise<number> => {
    const { connection } = await app.backdoor();
    return connection.db!.collection('parts').countDocuments({ partId: { $regex: `^${prefix}-` } });
  };

  it('of 10,000 rows with one bad among them changes nothing; without it, everything, in bounded time', async () => {
    const bad = rows(10_000, 'BULK');
    bad[7_000] = ['BULK-7000', 'Label', 'Nobody at all'];
    const began = performance.now();
    const judged = await preview(world.admin, 'parts', head + csvRows(bad));
    expect(judged.counts).toEqual({ create: 9_999, change: 0, unchanged: 0, bad: 1 });
    const refused = await importFile(world.admin, 'parts', head + csvRows(bad));
    expect(refused.status).toBe(400);
    expect(refused.body).toMatchObject({ code: 'bad_request', details: { row: 7_002, column: 'Customer', bad: 1 } });
    expect(refused.body.message).toMatch(
      /^Row 7002, Customer: There is no customer called “Nobody at all”.*Nothing was imported\.$/,
    );
    expect(await stored('BULK')).toBe(0);

    const done = await importFile(world.admin, 'parts', head + csvRows(rows(10_000, 'BULK')));
    expect(done.body).toMatchObject({ created: 10_000, changed: 0, unchanged: 0 });
    expect(done.body.made).toHaveLength(100);
    expect(await stored('BULK')).toBe(10_000);
    // Far above what it takes, and far below what would be felt as hanging.
    expect(performance.now() - began).toBeLessThan(40_000);
    const file = (await exported(world.admin, 'parts')).split('\r\n').filter((line) => /^Part ID|^BULK/.test(line));
    const again = await preview(world.admin, 'parts', file.join('\r\n'));
    expect(again.counts).toEqual({ create: 0, change: 0, unchanged: 10_000, bad: 0 });
  }, 60_000);

  it('of more rows than that, or of too much text, is refused', async () => {
    const { faults } = await preview(world.admin, 'parts', head + csvRows(rows(10_001, 'MORE')));
    expect(faults).toEqual(['The file has more than 10,000 rows. Split it into several files.']);
    const { status, body } = await importFile(world.admin, 'parts', 'x'.repeat(9 * 1024 * 1024));
    expect([status, body.code]).toEqual([413, 'too_large']);
  });

  it('sent twice under one id acts once, and is answered twice', async () => {
    const file = head + csvRows(rows(3, 'TWICE'));
    const commandId = newId();
    const [first, second] = await Promise.all([
      importFile(world.admin, 'parts', file, commandId),
      importFile(world.admin, 'parts', file, commandId),
    ]);
    const third = await importFile(world.admin, 'parts', file, commandId);
    for (const { body } of [first, second, third]) expect(body).toMatchObject({ created: 3, changed: 0 });
    expect(third.body.made).toEqual(first.body.made);
    expect(await stored('TWICE')).toBe(3);
  });

  it('judges batches by the rule of each, all in one transaction: one that others overtake names its row', async () => {
    const columns = csvHead(['Branch', 'Customer', 'Service center', 'Parts', 'Expected return date']);
    const file =
      columns +
      csvRows([
        ['First North', 'First Fast', 'First Near', 'IMP-1 IMP-2', ''],
        ['First South', 'First Slow', 'First Far', 'IMP-3', ''],
      ]);
    const judged = await preview(world.admin, 'batches', file);
    expect(judged.counts).toMatchObject({ create: 2, bad: 0 });
    // Between the preview and the import somebody puts the part into a batch.
    await world.batch({ parts: ['IMP-3'] });
    const { connection } = await app.backdoor();
    const before = await connection.db!.collection('batches').countDocuments({ org: world.org });
    const { status, body } = await importFile(world.admin, 'batches', file);
    expect(status).toBe(400);
    expect(body.message).toMatch(
      /^Row 3, Parts: IMP-3 is already in B-\d+, which is still open.*Nothing was imported\.$/,
    );
    expect(await connection.db!.collection('batches').countDocuments({ org: world.org })).toBe(before);

    const good = columns + csvRows([['First North', 'First Fast', 'First Near', 'IMP-1 IMP-2', '2099-10-15 14:30']]);
    const done = await importFile(world.admin, 'batches', good);
    expect(done.body).toMatchObject({ created: 1, made: [{ name: expect.stringMatching(/^B-\d+$/) as string }] });
    const { body: read } = await world.admin.get<{ batch: object }>(`/api/batches/${done.body.made[0]!.id}`);
    expect(read.batch).toMatchObject({
      status: 'draft',
      partCount: 2,
      dueAt: Date.parse('2099-10-15T12:30:00Z'),
      branch: world.branches.north,
    });
  });

  it('an edit that somebody was faster with is refused by its row', async () => {
    const id = newId();
    await world.admin.mustCommand('customer.create', { id, name: 'Raced', slaHours: 24 });
    const file =
      csvHead(['Name', 'SLA hours']) +
      csvRows([
        ['First Fast', 48],
        ['Raced', 30],
      ]);
    const answers = await Promise.all(
      [1, 2, 3].map((n) => importFile(world.admin, 'customers', file.replace('30', `${30 + n}`))),
    );
    // Each is judged on what is there: one after the other they all may succeed; what is refused names its row.
    expect(answers.some(({ status }) => status === 200)).toBe(true);
    for (const { status, body } of answers)
      if (status !== 200) expect(body.message).toMatch(/^Row 3: .*Nothing was imported/);
  });

  it.each([
    ['team', 'customers', 403],
    ['team', 'centers', 403],
    ['team', 'parts', 200],
    ['team', 'batches', 200],
    ['ops', 'customers', 200],
    ['driver1', 'batches', 403],
    ['manager', 'parts', 403],
    ['display', 'customers', 403],
  ] as const)('%s importing %s is answered %i', async (who, kind, expected) => {
    const client = await world.as(who);
    const csv = (await exported(world.admin, kind)).split('\r\n').slice(0, 3).join('\r\n');
    const asked = await client.post<WireError>('/api/import/preview', { kind, csv });
    const done = await importFile(client, kind, csv);
    expect([asked.status, done.status]).toEqual([expected, expected]);
    if (expected === 403) expect(asked.body.code).toBe('forbidden');
  });

  it('somebody of one branch makes no batch at another', async () => {
    const south = await world.as('southTeam');
    const columns = csvHead(['Branch', 'Customer', 'Service center', 'Parts']);
    const row = (branch: string, part: string) => csvRows([[branch, 'First Fast', 'First Near', part]]);
    const north = await importFile(south, 'batches', columns + row('First North', 'NORTH-1'));
    expect(north.status).toBe(400);
    expect(north.body.message).toContain('There is no branch called “First North”');
    expect((await importFile(south, 'batches', columns + row('First South', 'SOUTH-1'))).body).toMatchObject({
      created: 1,
    });
  });

  it('exports are for those who may read: a driver gets none, a wall screen no contacts', async () => {
    expect((await (await world.as('driver1')).get('/api/customers/export.csv')).status).toBe(403);
    const wall = await exported(await world.as('display'), 'customers');
    expect(wall).toContain('First Fast');
    expect(wall).not.toContain('fast@first.test');
    expect(await exported(world.admin, 'customers')).toContain('fast@first.test');
  });

  it('leaves a journal in which every entry follows its record', async () => {
    const { connection } = await app.backdoor();
    await checkJournal(connection, world.org);
  }, 30_000);
});

describe('the template', () => {
  it.each(transferKinds)('of %s has the columns that an import reads', async (kind) => {
    const { text } = await world.admin.get(`/api/import/template.csv?kind=${kind}`);
    const { faults, notes } = await preview(world.admin, kind, text);
    expect({ faults, notes }).toEqual({ faults: [], notes: ['There is no row below the names of the columns.'] });
  });
});
