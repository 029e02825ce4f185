import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Entry } from '@opsboard/shared/protocol/entries';
import type { WireError } from '@opsboard/shared/protocol/errors';
import type { Batch } from '@opsboard/shared/batches/schema';
import type { Activity, Figures } from '../../server/src/history/queries.ts';
import { sweep } from '../../server/src/jobs/sweep.ts';
import { newId } from '../../server/src/platform/ids.ts';
import { createLog } from '../../server/src/platform/log.ts';
import type { TestApp } from '../support/app.ts';
import { startTestApp } from '../support/app.ts';
import type { Client } from '../support/client.ts';
import type { TestClock } from '../support/clock.ts';
import { testClock } from '../support/clock.ts';
import type { World } from '../support/world.ts';
import { buildWorld } from '../support/world.ts';

type Page = { batches: Batch[]; next?: string };

const hour = 3_600_000;
const day = 24 * hour;
let clock: TestClock;
let app: TestApp;
let world: World;
let other: World;
let north: string;
let south: string;
let driven: string;
let late: string;
let done: string;

/** Takes a batch through its steps up to `completed`. */
async function complete(client: Client, id: string): Promise<void> {
  await client.mustCommand('batch.seal', { id, count: 1 });
  await client.mustCommand('batch.depart', { id, driver: world.people.driver2.id });
  await client.mustCommand('batch.arrive', { id });
  await client.mustCommand('batch.departBack', { id });
  await client.mustCommand('batch.complete', { id, count: 1 });
}

beforeAll(async () => {
  clock = testClock();
  app = await startTestApp({ clock });
  world = await buildWorld(app);
  other = await buildWorld(app);
  await other.batch();
  const { branches, customers, centers, people } = world;
  late = await world.batch({ dueAt: clock.now() + hour });
  north = await world.batch({ parts: ['AAA-1', 'AAA-2'], customer: customers.slow });
  south = await world.batch({ branch: branches.south, parts: ['SSS-1'] });
  driven = await world.batch({ driver: people.driver1.id, center: centers.far });
  done = await world.batch();
  await complete(world.admin, done);
  clock.advance(2 * hour);
}, 60_000);
afterAll(() => app[Symbol.asyncDispose]());

const list = async (query = '', client = world.admin): Promise<string[]> => {
  const { status, body, text } = await client.get<Page>(`/api/batches${query}`);
  if (status !== 200) throw new Error(text);
  return body.batches.map((batch) => batch.id);
};

describe('GET /api/batches', () => {
  const names = () => ({
    late,
    north,
    south,
    driven,
    done,
    driver: world.people.driver1.id,
    slow: world.customers.slow,
    far: world.centers.far,
    branch: world.branches.south,
  });

  it.each([
    ['?completed=all', ['late', 'north', 'south', 'driven', 'done']],
    ['?status=draft', ['late', 'north', 'south', 'driven']],
    ['?status=completed&completed=all', ['done']],
    ['?status=draft&status=completed&completed=all', ['late', 'north', 'south', 'driven', 'done']],
    ['?status=sealed,completed&completed=all', ['done']],
    ['?branch=$branch', ['south']],
    ['?customer=$slow', ['north']],
    ['?center=$far', ['driven']],
    ['?driver=$driver', ['driven']],
    ['?driver=none', ['late', 'north', 'south']],
    ['?driver=none&driver=$driver', ['late', 'north', 'south', 'driven']],
    ['?sla=breached', ['late']],
    // Completed batches have no SLA status that runs: the list leaves them out, as the page does.
    ['?sla=on_track', ['north', 'south', 'driven']],
    ['?sla=on_track,breached', ['late', 'north', 'south', 'driven']],
    ['?due=soon', ['north', 'south', 'driven']],
    ['?from=2020-01-01&to=2020-01-02', []],
    ['?part=aaa-2', ['north']],
    // A whole part ID; its beginning belongs to no other.
    ['?q=aaa-1', ['north']],
    ['?q=aaa', []],
    ['?q=near&status=draft', ['late', 'north', 'south']],
    ['?q=slow', ['north']],
    ['?q=B-200&completed=all', ['late', 'north', 'south', 'driven', 'done']],
    ['?q=2002', ['north']],
    ['?q=none', []],
    ['?status=draft&branch=$branch&q=SSS-1', ['south']],
    ['?archived=true', []],
  ] as const)('%s', async (query, expected) => {
    const known = names();
    const filled = query.replace(/\$(\w+)/, (_match, name: keyof typeof known) => known[name]);
    expect((await list(filled)).sort()).toEqual(expected.map((name) => known[name]).sort());
  });

  it('pages through everything once, in order, whatever the size of a page', async () => {
    for (const sort of ['pressing', 'dueAt', '-createdAt', 'customer', '-driver', 'reference', 'sla']) {
      const whole = await list(`?completed=all&sort=${sort}`);
      expect(whole).toHaveLength(5);
      const paged: string[] = [];
      for (let cursor = ''; ;) {
        const { body } = await world.admin.get<Page>(`/api/batches?completed=all&limit=2&sort=${sort}${cursor}`);
        expect(body.batches.length).toBeLessThanOrEqual(2);
        paged.push(...body.batches.map((batch) => batch.id));
        if (!body.next) break;
        cursor = `&cursor=${body.next}`;
      }
      expect(paged).toEqual(whole);
    }
  });

  it.each([
    ['limit=0', 'limit'],
    ['limit=501', 'limit'],
    ['limit=ten', 'limit'],
    ['status=lost', 'status.0'],
    ['branch=north', 'branch.0'],
    ['sla=fine', 'sla.0'],
    ['from=today', 'from'],
    ['to=2026-02-30', 'to'],
    ['sort=name', 'sort'],
    ['sort=customer&archived=true', 'sort'],
    ['cursor=abc', 'cursor'],
    ['cursor[$gt]=1', 'cursor[$gt]'],
    ['archived=1', 'archived'],
    ['part=%24where', 'part'],
    ['q=', 'q'],
    [`q=${'x'.repeat(101)}`, 'q'],
    ['driver=nobody', 'driver.0'],
  ])('refuses %s by its field', async (query, field) => {
    const { status, body } = await world.admin.get<WireError>(`/api/batches?${query}`);
    expect([status, body.code, body.field]).toEqual([400, 'bad_request', field]);
  });

  it('a person of one branch and a driver see theirs, and nothing of the others in any byte', async () => {
    const southern = await (await world.as('southOps')).get<Page>('/api/batches');
    expect(southern.body.batches.map((batch) => batch.id)).toEqual([south]);
    expect(southern.text).not.toContain(world.branches.north);
    expect(await list('', await world.as('driver1'))).toEqual([driven]);
    expect(await list(`?branch=${world.branches.north}`, await world.as('southOps'))).toEqual([]);
    expect(await list('?q=AAA-1', await world.as('southOps'))).toEqual([]);
  });

  it('another organization has its own, whatever is asked', async () => {
    const { text, body } = await other.admin.get<Page>('/api/batches');
    expect(body.batches).toHaveLength(1);
    expect(text).not.toContain(world.org);
    expect(await list(`?customer=${world.customers.fast}`, other.admin)).toEqual([]);
    expect(await list('?part=AAA-1', other.admin)).toEqual([]);
  });
});

describe('GET /api/batches/:id and its timeline', () => {
  it('has the parts, which lists leave out', async () => {
    const { body } = await world.admin.get<{ batch: Batch }>(`/api/batches/${north}`);
    expect(Object.keys(body.batch.parts)).toEqual(['AAA-1', 'AAA-2']);
    expect((await world.admin.get('/api/batches')).text).not.toContain('AAA-1');
  });

  it('tells every step, oldest first, with who and when', async () => {
    const { body } = await world.admin.get<{ entries: Entry[] }>(`/api/batches/${done}/timeline`);
    expect(body.entries.map((entry) => entry.verb)).toEqual([
      'batch.create',
      'batch.seal',
      'batch.depart',
      'batch.arrive',
      'batch.departBack',
      'batch.complete',
    ]);
    expect(body.entries.map((entry) => entry.rev)).toEqual([1, 2, 3, 4, 5, 6]);
    expect(body.entries[5]).toMatchObject({
      actor: { type: 'person', id: world.people.admin.id },
      set: { status: 'completed' },
      was: { status: 'in_transit_back' },
    });
  });

  it.each(['', '/timeline'])('%s: not for another branch, another driver, another organization', async (path) => {
    for (const client of [await world.as('southOps'), await world.as('driver2'), other.admin]) {
      const { status, text } = await client.get(`/api/batches/${north}${path}`);
      expect(status).toBe(404);
      expect(text).not.toContain('B-2');
    }
    expect((await (await world.as('driver1')).get(`/api/batches/${driven}${path}`)).status).toBe(200);
  });

  it('a batch that came from another branch does not tell what it was there', async () => {
    const moved = await world.batch({ parts: ['MOVED-1'] });
    await world.admin.mustCommand('batch.addParts', { id: moved, parts: ['MOVED-2'] });
    await world.admin.mustCommand('batch.edit', { id: moved, rev: 2, branch: world.branches.south });
    const { body, text } = await (
      await world.as('southOps')
    ).get<{ entries: Entry[] }>(`/api/batches/${moved}/timeline`);
    expect(body.entries.map((entry) => [entry.verb, entry.set, entry.was])).toEqual([
      ['batch.edit', { branch: world.branches.south }, {}],
    ]);
    expect(text).not.toContain(world.branches.north);
    const activity = await (await world.as('southOps')).get<{ activity: Activity[] }>('/api/activity');
    expect(activity.text).not.toContain(world.branches.north);
    expect(activity.body.activity[0]).toMatchObject({ verb: 'batch.edit', id: moved });
    expect(activity.body.activity.filter((item) => item.id === moved)).toHaveLength(1);
  });
});

describe('GET /api/activity', () => {
  it('is newest first, of what changed in view, with reference and reason', async () => {
    const rev = (await world.admin.get<{ batch: Batch }>(`/api/batches/${late}`)).body.batch.rev;
    await world.admin.mustCommand('batch.moveDueDate', {
      id: late,
      rev,
      dueAt: clock.now() + day,
      reason: 'The center asked for a day',
    });
    const { body } = await world.admin.get<{ activity: Activity[] }>('/api/activity?limit=5');
    expect(body.activity).toHaveLength(5);
    expect(body.activity[0]).toMatchObject({
      verb: 'batch.moveDueDate',
      kind: 'batch',
      id: late,
      reference: 'B-2001',
      why: 'The center asked for a day',
    });
    const seqs = body.activity.map((item) => item.seq);
    expect(seqs).toEqual([...seqs].sort((a, b) => b - a));
  });

  it('has no sessions, no passwords, and for limited people nothing that is hidden from them', async () => {
    const all = await world.admin.get<{ activity: Activity[] }>('/api/activity?limit=200');
    expect(all.body.activity.some((item) => item.verb === 'person.create')).toBe(true);
    expect(all.text).not.toMatch(/session\.|argon2|tokenHash|passwordHash/);
    const southern = await (await world.as('southTeam')).get<{ activity: Activity[] }>('/api/activity?limit=200');
    for (const secret of [world.branches.north, north, driven, '@', '+49 30 1234567'])
      expect(southern.text).not.toContain(secret);
    expect((await other.admin.get('/api/activity?limit=200')).text).not.toContain(world.org);
  });
});

describe('GET /api/figures/day', () => {
  it('counts what stood in each status now, and what was completed since midnight', async () => {
    const { body } = await world.admin.get<{ from: number; hours: Figures[] }>('/api/figures/day');
    const moments = body.hours.map((figures) => figures.at);
    expect(moments[0]).toBe(body.from);
    expect(moments).toEqual([...moments].sort((a, b) => a - b));
    for (const [i, at] of moments.slice(1, -1).entries()) expect(at).toBe(body.from + (i + 1) * hour);
    const now = body.hours.at(-1)!;
    const open = (await list('?status=draft')).length;
    const sinceMidnight = (await world.admin.get<Page>('/api/batches?status=completed')).body.batches.filter(
      (b) => b.since >= body.from,
    ).length;
    expect([now.draft, now.completed]).toEqual([open, sinceMidnight]);
    // Everything was made after midnight, or the day has just begun with it.
    expect(body.hours[0]!.sealed).toBe(0);
  });

  it('follows the journal back: an hour ago there was less', async () => {
    const before = (await list('?status=draft')).length;
    clock.advance(2 * hour);
    await world.batch();
    clock.advance(day / 24 / 60);
    const { body } = await world.admin.get<{ from: number; hours: Figures[] }>('/api/figures/day');
    expect(body.hours.at(-1)!.draft).toBe(before + 1);
    // The last full hour of the day lies before the batch, unless the day is younger than that.
    const earlier = body.hours.findLast((figures) => figures.at < clock.now() - hour);
    if (earlier) expect(earlier.draft).toBe(before);
  });
});

describe('archived batches', () => {
  it('leave the list and are found by `archived=true`, by reference and whole part ID, by whoever saw them', async () => {
    clock.advance(4 * day);
    const { journal, dispatcher } = await app.backdoor();
    const swept = await sweep({ journal, dispatcher, clock, log: createLog('test', 'silent') });
    expect(swept.archived).toBe(1);
    const admin = await world.as('ops');
    await expect.poll(() => list('?status=completed', admin)).toEqual([]);
    const part = `P-${done.slice(-12)}`.toUpperCase();
    for (const query of [
      '',
      '&q=B-2005',
      '&q=2005',
      `&q=${part}`,
      `&part=${part}`,
      '&status=completed',
      '&sort=-createdAt',
      `&branch=${world.branches.north}`,
    ]) {
      expect([query, await list(`?archived=true${query}`, admin)]).toEqual([query, [done]]);
    }
    for (const query of [
      '&q=B-2001',
      '&part=P',
      '&status=draft',
      '&sla=breached',
      `&customer=${world.customers.slow}`,
    ]) {
      expect([query, await list(`?archived=true${query}`, admin)]).toEqual([query, []]);
    }
    expect(await list('?archived=true', await world.as('southOps'))).toEqual([]);
    expect(await list('?archived=true', await world.as('driver2'))).toEqual([done]);
    expect(await list('?archived=true', other.admin)).toEqual([]);
    const { body } = await admin.get<{ batch: Batch }>(`/api/batches/${done}`);
    expect(Object.keys(body.batch.parts)).toEqual([part]);
    const timeline = await admin.get<{ entries: Entry[] }>(`/api/batches/${done}/timeline`);
    expect(timeline.body.entries.at(-1)).toMatchObject({
      verb: 'batch.archive',
      actor: { type: 'system', id: 'archive' },
    });
    const activity = await admin.get<{ activity: Activity[] }>('/api/activity?limit=200');
    expect(activity.body.activity.filter((item) => item.id === done).map((item) => item.verb)).toContain(
      'batch.archive',
    );
    expect(activity.body.activity.filter((item) => item.id === done)).toHaveLength(7);
  });
});

describe('directory', () => {
  it('hides from each what is not theirs', async () => {
    const get = async (who: 'admin' | 'ops' | 'southTeam' | 'display', what: string) =>
      (await (await world.as(who)).get(`/api/${what}`)).text;
    expect(await get('admin', 'people')).toContain(world.people.ops.email);
    expect(await get('ops', 'people')).not.toContain('@');
    expect(await get('southTeam', 'branches')).not.toContain(world.branches.north);
    expect(await get('ops', 'customers')).toContain('contactEmail');
    expect(await get('display', 'customers')).not.toContain('contactEmail');
    for (const what of ['people', 'branches', 'warehouses', 'vendors', 'customers', 'centers', 'teams']) {
      expect(await get('admin', what)).not.toMatch(/passwordHash|argon2/);
      expect((await other.admin.get(`/api/${what}`)).text).not.toContain(world.org);
    }
  });
});

describe('POST /api/commands/bulk [C11]', () => {
  it('judges in order, each for itself, and answers in order; sent again it acts no more', async () => {
    const id = newId();
    const parts = Array.from({ length: 120 }, (_, i) => `BULK-${i}`);
    const create = {
      commandId: newId(),
      name: 'batch.create',
      args: { id, branch: world.branches.north, customer: world.customers.fast, center: world.centers.near, parts: [] },
    };
    const commands = [
      create,
      ...parts.map((part) => ({ commandId: newId(), name: 'batch.addParts', args: { id, parts: [part] } })),
      { commandId: newId(), name: 'batch.seal', args: { id, count: 3 } },
      { commandId: newId(), name: 'batch.seal', args: { id, count: 120 } },
      { commandId: newId(), name: 'batch.seal', args: { id, count: 120 } },
      { commandId: 'x', name: 'batch.seal', args: {} },
      { commandId: newId(), name: 'batch.fly', args: {} },
    ];
    type Answers = { answers: ({ ok: true; seq: number } | { ok: false; error: WireError })[] };
    const { status, body } = await world.admin.post<Answers>('/api/commands/bulk', { commands });
    expect(status).toBe(200);
    const codes = body.answers.map((answer) => (answer.ok ? 'ok' : answer.error.code));
    expect(codes).toEqual([
      ...Array<string>(121).fill('ok'),
      'count_mismatch',
      'ok',
      'illegal_step',
      'bad_request',
      'unknown_command',
    ]);
    const seqs = body.answers.flatMap((answer) => (answer.ok ? [answer.seq] : []));
    expect(seqs).toEqual([...seqs].sort((a, b) => a - b));
    const again = await world.admin.post<Answers>('/api/commands/bulk', { commands });
    expect(again.body).toEqual(body);
    const { body: read } = await world.admin.get<{ batch: Batch }>(`/api/batches/${id}`);
    expect(read.batch).toMatchObject({ status: 'sealed', partCount: 120, rev: 122 });
  });

  it('takes 500 and no more', async () => {
    const commands = (n: number) =>
      Array.from({ length: n }, () => ({ commandId: newId(), name: 'batch.arrive', args: { id: late } }));
    expect((await world.admin.post('/api/commands/bulk', { commands: commands(500) })).status).toBe(200);
    const { status, body } = await world.admin.post<WireError>('/api/commands/bulk', { commands: commands(501) });
    expect([status, body.field]).toEqual([400, 'commands']);
  });
});
