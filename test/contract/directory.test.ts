import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { directoryKinds } from '@opsboard/shared/directory/kinds';
import type { CommandName } from '@opsboard/shared/protocol/deciders';
import type { WireError } from '@opsboard/shared/protocol/errors';
import { newId } from '../../server/src/platform/ids.ts';
import type { TestApp } from '../support/app.ts';
import { startTestApp } from '../support/app.ts';
import { checkJournal, checkState } from '../support/check-journal.ts';
import type { Client } from '../support/client.ts';
import type { World } from '../support/world.ts';
import { buildWorld } from '../support/world.ts';

let app: TestApp;
let world: World;

beforeAll(async () => {
  app = await startTestApp();
  world = await buildWorld(app);
}, 60_000);
afterAll(() => app[Symbol.asyncDispose]());

const send = (name: CommandName, args: object, who: Client = world.admin, commandId = newId()) =>
  who.post<WireError & { ok?: true }>('/api/commands', { commandId, name, args });
const must = (name: CommandName, args: object) => world.admin.mustCommand(name, args as never);
type Listed = { id: string; name: string; rev: number; archivedAt?: number; mergedInto?: string };
const list = async (plural: string, query = ''): Promise<Listed[]> =>
  (await world.admin.get<{ [plural: string]: Listed[] }>(`/api/${plural}${query}`)).body[plural]!;
const plurals = {
  branch: 'branches',
  warehouse: 'warehouses',
  vendor: 'vendors',
  customer: 'customers',
  center: 'centers',
  team: 'teams',
} as const;

describe('the directory over HTTP', () => {
  it.each(directoryKinds)('%s: made, changed on its rev, archived, restored', async (kind) => {
    const id = newId();
    const more = kind === 'customer' ? { slaHours: 48 } : kind === 'team' ? { members: [world.people.ops.id] } : {};
    await must(`${kind}.create`, { id, name: `New ${kind}`, ...more });
    await must(`${kind}.edit`, { id, rev: 1, name: `Other ${kind}` });
    const conflict = await send(`${kind}.edit`, { id, rev: 1, name: 'Third' });
    expect(conflict.body).toMatchObject({ code: 'rev_conflict', details: { record: { name: `Other ${kind}` } } });
    await must(`${kind}.archive`, { id });
    const plural = plurals[kind];
    expect((await list(plural)).map((each) => each.id)).not.toContain(id);
    expect((await list(plural, '?archived=true')).find((each) => each.id === id)).toMatchObject({ rev: 3 });
    await must(`${kind}.restore`, { id });
    expect((await list(plural)).find((each) => each.id === id)).toMatchObject({ name: `Other ${kind}`, rev: 4 });
  });

  it('what is in use is not archived: the refusal says by what', async () => {
    const batch = await world.batch();
    const { status, body } = await send('customer.archive', { id: world.customers.fast });
    expect(status).toBe(422);
    expect(body).toMatchObject({ code: 'in_use', details: { uses: { batch: 1 } } });
    await must('batch.cancel', { id: batch, reason: 'test' });
    await must('customer.archive', { id: world.customers.fast });
    const reopened = await send('batch.reopen', { id: batch, reason: 'test' });
    expect(reopened.body).toMatchObject({ code: 'archived', message: expect.stringContaining('Restore it') });
    await must('customer.restore', { id: world.customers.fast });
    await must('batch.reopen', { id: batch, reason: 'test' });
    await must('batch.cancel', { id: batch, reason: 'test' });
  });

  it('merging moves batches, templates and the parts in storage in one command; undone, all is as it was', async () => {
    const [twice, part, template] = [newId(), newId(), newId()];
    await must('customer.create', { id: twice, name: 'Twice', slaHours: 24 });
    const batch = await world.batch({ customer: twice });
    await must('part.create', {
      id: part,
      partId: `M-${part.slice(-8).toUpperCase()}`,
      label: 'Moves',
      customer: twice,
    });
    const { north } = world.branches;
    const { near } = world.centers;
    await must('template.create', { id: template, name: 'T', branch: north, customer: twice, center: near });
    const customersOf = async () => {
      const { connection } = await app.backdoor();
      const at = async (collection: string, id: string) =>
        (await connection.db!.collection<{ _id: string; customer: string }>(collection).findOne({ _id: id }))!.customer;
      return [await at('batches', batch), await at('parts', part), await at('templates', template)];
    };
    const merge = newId();
    const args = { id: twice, into: world.customers.slow, rev: 1 };
    expect((await send('customer.merge', args, world.admin, merge)).status).toBe(200);
    expect(await customersOf()).toEqual(Array(3).fill(world.customers.slow));
    expect((await list('customers', '?archived=true')).find(({ id }) => id === twice)).toMatchObject({
      mergedInto: world.customers.slow,
    });
    expect((await send('undo', { commandId: merge })).status).toBe(200);
    expect(await customersOf()).toEqual(Array(3).fill(twice));
    expect((await list('customers')).find(({ id }) => id === twice)).not.toHaveProperty('mergedInto');
    // A batch that was over meanwhile comes back to what its customer has become.
    await must('batch.cancel', { id: batch, reason: 'test' });
    const rev = (await list('customers')).find(({ id }) => id === twice)!.rev;
    await must('customer.merge', { ...args, rev });
    expect((await customersOf())[0], 'history is left as it was').toBe(twice);
    await must('batch.reopen', { id: batch, reason: 'test' });
    expect((await customersOf())[0]).toBe(world.customers.slow);
    await must('batch.cancel', { id: batch, reason: 'test' });
  });

  it('who is limited to a branch merges nothing that moves records of another', async () => {
    const twice = newId();
    await must('customer.create', { id: twice, name: 'Twice', slaHours: 24 });
    const batch = await world.batch({ customer: twice, branch: world.branches.north });
    const south = await world.as('southOps');
    const args = { id: twice, into: world.customers.slow, rev: 1 };
    expect((await send('customer.merge', args, south)).body).toMatchObject({ code: 'forbidden' });
    await must('batch.edit', { id: batch, rev: 1, branch: world.branches.south });
    expect((await send('customer.merge', args, south)).status).toBe(200);
  });

  it('a branch that is merged takes its people along, who see the other one at once', async () => {
    const old = newId();
    await must('branch.create', { id: old, name: 'Old' });
    const { ops } = world.people;
    const person = (await list('people')).find(({ id }) => id === ops.id)!;
    await must('person.edit', { id: ops.id, rev: person.rev, branches: [old] });
    expect((await send('branch.archive', { id: old })).body).toMatchObject({ details: { uses: { person: 1 } } });
    await must('branch.merge', { id: old, into: world.branches.south, rev: 1 });
    const seen = (await (await world.as('ops')).get<{ branches: Listed[] }>('/api/branches')).body.branches;
    expect(seen.map(({ id }) => id)).toEqual([world.branches.south]);
    await must('person.edit', { id: ops.id, rev: person.rev + 2, branches: null });
  });

  it('parts are listed by part ID, searched, filtered by customer and paged', async () => {
    type Page = {
      parts: { partId: string; label: string; in?: { reference: string } }[];
      total: number;
      next?: string;
    };
    const { slow } = world.customers;
    for (let i = 0; i < 5; i++)
      await must('part.create', {
        id: newId(),
        partId: `LIST-${i}`,
        label: i < 2 ? 'Pump (old)' : 'Valve',
        customer: slow,
      });
    await world.batch({ parts: ['LIST-0'] });
    const ask = async (query: string) => (await world.admin.get<Page>(`/api/parts?${query}`)).body;
    const first = await ask('q=list-&limit=3');
    expect(first.parts.map(({ partId }) => partId)).toEqual(['LIST-0', 'LIST-1', 'LIST-2']);
    expect(first.total).toBe(5);
    expect(first.parts[0]!.in?.reference).toMatch(/^B-\d+$/);
    const second = await ask(`q=list-&limit=3&cursor=${first.next!}`);
    expect(second.parts.map(({ partId }) => partId)).toEqual(['LIST-3', 'LIST-4']);
    expect(second.next).toBeUndefined();
    expect((await ask('q=pump%20(O')).total, 'signs of patterns mean themselves').toBe(2);
    expect((await ask('q=.*')).total).toBe(0);
    expect((await ask(`customer=${slow}&q=LIST`)).total).toBe(5);
    expect((await ask(`customer=${world.customers.fast}`)).total).toBe(0);
    expect((await world.admin.get('/api/parts?cursor=nonsense')).status).toBe(400);
  });

  describe('parts out of use', () => {
    const ask = async (query: string) =>
      (await world.admin.get<{ parts: { partId: string; in?: { reference: string } }[] }>(`/api/parts?${query}`)).body
        .parts;
    const idsOf = async (query: string) => (await ask(query)).map(({ partId }) => partId);
    const describePart = async (partId: string, more: object = {}) => {
      const id = newId();
      await must('part.create', { id, partId, label: `What ${partId} is`, ...more });
      return id;
    };

    it('are listed, exported and imported no more, until they are restored', async () => {
      const [first] = [await describePart('ARC-1'), await describePart('ARC-2')];
      await must('part.archive', { id: first });
      expect(await idsOf('q=ARC-')).toEqual(['ARC-2']);
      expect(await idsOf('q=ARC-&archived=true')).toEqual(['ARC-1']);
      expect((await world.admin.get('/api/parts/export.csv')).text).toContain('ARC-2');
      expect((await world.admin.get('/api/parts/export.csv')).text).not.toContain('ARC-1');
      expect((await send('part.edit', { id: first, rev: 2, label: 'Other' })).body).toMatchObject({ code: 'archived' });
      expect((await send('part.archive', { id: first })).body).toMatchObject({ code: 'nothing_to_change' });
      const csv = 'Part ID,Label\nARC-1,Other\n';
      const preview = await world.admin.post('/api/import/preview', { kind: 'parts', csv });
      expect(preview.text).toContain('ARC-1 is archived. Restore it');
      await must('part.restore', { id: first });
      expect(await idsOf('q=ARC-')).toEqual(['ARC-1', 'ARC-2']);
      expect(await idsOf('q=ARC-&archived=true')).toEqual([]);
    });

    it('an open batch keeps a part in use, and is named to those who see it', async () => {
      const id = await describePart('ARC-3');
      const batch = await world.batch({ parts: ['ARC-3'], branch: world.branches.north });
      const { reference } = (await world.admin.get<{ batch: { reference: string } }>(`/api/batches/${batch}`)).body
        .batch;
      expect((await send('part.archive', { id })).body).toMatchObject({
        code: 'part_in_open_batch',
        message: expect.stringContaining(`ARC-3 is in ${reference}`),
      });
      const hidden = await send('part.archive', { id }, await world.as('southTeam'));
      expect(hidden.body).toMatchObject({ code: 'part_in_open_batch' });
      expect(JSON.stringify(hidden.body)).not.toContain(reference);
      expect(JSON.stringify(hidden.body)).not.toContain(batch);
      await must('batch.cancel', { id: batch, reason: 'test' });
      await must('part.archive', { id });
      expect(await idsOf('q=ARC-3')).toEqual([]);
    });

    it('an archived one goes into a batch as ever, stays archived, and is found with a mark', async () => {
      const id = await describePart('ARC-4');
      await must('part.archive', { id });
      const batch = await world.batch({ parts: ['ARC-4'] });
      const { reference } = (await world.admin.get<{ batch: { reference: string } }>(`/api/batches/${batch}`)).body
        .batch;
      expect(await ask('q=ARC-4&archived=true')).toMatchObject([{ in: { reference } }]);
      expect((await world.admin.get('/api/find?q=ARC-4')).body).toMatchObject({
        parts: [{ part: 'ARC-4', label: 'What ARC-4 is', archived: true }],
      });
      expect((await world.admin.get('/api/parts/ARC-4')).body).toMatchObject({
        archived: true,
        batches: [{ reference }],
      });
      await must('part.restore', { id });
      expect((await world.admin.get('/api/parts/ARC-4')).body).not.toHaveProperty('archived');
    });

    it('comes back to what its customer has become', async () => {
      const twice = newId();
      await must('customer.create', { id: twice, name: 'Twice', slaHours: 24 });
      const id = await describePart('ARC-5', { customer: twice });
      await must('part.archive', { id });
      await must('customer.merge', { id: twice, into: world.customers.slow, rev: 1 });
      expect(await ask('q=ARC-5&archived=true')).toMatchObject([{ customer: twice }]);
      await must('part.restore', { id });
      expect(await ask('q=ARC-5')).toMatchObject([{ customer: world.customers.slow }]);
    });
  });

  it('leaves the journal and the records in agreement', async () => {
    const { connection, journal } = await app.backdoor();
    checkState(await journal.org(world.org), await checkJournal(connection, world.org));
  });
});
