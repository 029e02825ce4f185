import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { WireError } from '@opsboard/shared/protocol/errors';
import { sweep } from '../../server/src/jobs/sweep.ts';
import { newId } from '../../server/src/platform/ids.ts';
import { createLog } from '../../server/src/platform/log.ts';
import type { TestApp } from '../support/app.ts';
import { startTestApp } from '../support/app.ts';
import type { Client } from '../support/client.ts';
import type { TestClock } from '../support/clock.ts';
import { testClock } from '../support/clock.ts';
import type { ReadDocument } from '../support/pdf.ts';
import { codesOn, print, read } from '../support/pdf.ts';
import { until } from '../support/until.ts';
import type { World } from '../support/world.ts';
import { buildWorld } from '../support/world.ts';

const day = 24 * 3_600_000;
let clock: TestClock;
let app: TestApp;
let world: World;
let other: World;
/** A draft, and one that was sealed and is driver1's. */
let draft: string;
let sealed: string;

beforeAll(async () => {
  clock = testClock();
  app = await startTestApp({ clock });
  world = await buildWorld(app);
  other = await buildWorld(app);
  draft = await world.batch({ parts: ['DOC-1', 'DOC-2', 'DOC-10'] });
  sealed = await world.batch({ parts: ['SEA-10', 'SEA-2', 'SEA-1'], driver: world.people.driver1.id });
  await world.admin.mustCommand('part.create', { id: newId(), partId: 'SEA-2', label: 'Насос, 24 V' });
  await other.admin.mustCommand('part.create', { id: newId(), partId: 'SEA-1', label: 'Not yours' });
  await world.admin.mustCommand('batch.seal', { id: sealed, count: 3 });
}, 60_000);
afterAll(() => app[Symbol.asyncDispose]());

type Got = { status: number; headers: Headers; bytes: Uint8Array; error: WireError };

/** Asks for a document; its bytes, or the refusal. */
async function get(client: Client, id: string, what: string): Promise<Got> {
  const response = await fetch(`${client.url}/api/batches/${id}/${what}`, {
    headers: client.cookie === undefined ? {} : { cookie: client.cookie },
  });
  const bytes = new Uint8Array(await response.arrayBuffer());
  const isJson = response.headers.get('content-type')?.includes('json');
  return {
    status: response.status,
    headers: response.headers,
    bytes,
    error: (isJson ? JSON.parse(new TextDecoder().decode(bytes)) : {}) as WireError,
  };
}
async function open(client: Client, id: string, what: string): Promise<ReadDocument & { bytes: Uint8Array }> {
  const { status, bytes, error } = await get(client, id, what);
  if (status !== 200) throw new Error(JSON.stringify(error));
  return { ...(await read(bytes)), bytes };
}
const referenceOf = async (id: string) =>
  (await world.admin.get<{ batch: { reference: string } }>(`/api/batches/${id}`)).body.batch.reference;
const codes = async (bytes: Uint8Array) => (await Promise.all((await print(bytes, 150)).map(codesOn))).flat().sort();
const documents = ['manifest.pdf', 'labels.pdf'];

describe('GET /api/batches/:id/manifest.pdf', () => {
  it('tells the batch as it is, with codes that say the reference and each part', async () => {
    const reference = await referenceOf(sealed);
    const { pages, bytes, info } = await open(world.admin, sealed, 'manifest.pdf');
    const [{ text }] = pages as [(typeof pages)[0]];
    for (const said of [
      reference,
      world.people.admin.name,
      world.people.driver1.name,
      '3 parts counted',
      '+49 30 7654321',
      'Насос, 24 V',
      'Europe/Berlin',
      'Total: 3 parts listed, 0 lost, 0 scrapped; 3 expected.',
    ]) {
      expect(text).toContain(said);
    }
    expect(text).not.toContain('Not yours');
    // As people count: 2 comes before 10.
    expect(text.match(/^SEA-\d+$/gm)).toEqual(['SEA-1', 'SEA-2', 'SEA-10']);
    expect(await codes(bytes)).toEqual([reference, 'SEA-1', 'SEA-10', 'SEA-2'].sort());
    expect(info['Title']).toBe(`Manifest ${reference}`);
  });

  it('is a file with a name, shown in the browser, kept by nobody', async () => {
    const { headers } = await get(world.admin, sealed, 'manifest.pdf');
    expect(headers.get('content-type')).toBe('application/pdf');
    expect(headers.get('content-disposition')).toBe(`inline; filename="Manifest ${await referenceOf(sealed)}.pdf"`);
    expect(headers.get('cache-control')).toBe('no-store');
    expect(headers.get('content-security-policy')).toContain("default-src 'none'");
    expect(headers.get('x-content-type-options')).toBe('nosniff');
  });

  it.each([
    ['', [595, 842]],
    ['?size=a4', [595, 842]],
    ['?size=letter', [612, 792]],
  ])('%s has its size', async (query, size) => {
    const { pages } = await open(world.admin, sealed, `manifest.pdf${query}`);
    expect([pages[0]!.width, pages[0]!.height].map(Math.round)).toEqual(size);
  });

  it('is not there for a draft, nor for one that was cancelled: the refusal says what to do', async () => {
    const refused = await get(world.admin, draft, 'manifest.pdf');
    expect([refused.status, refused.error.code]).toEqual([422, 'not_sealed']);
    expect(refused.error.message).toBe(
      `${await referenceOf(draft)} is a draft: its parts may still change. Seal it, then print the manifest.`,
    );
    const given = await world.batch();
    await world.admin.mustCommand('batch.cancel', { id: given, reason: 'The customer keeps them' });
    const cancelled = await get(world.admin, given, 'manifest.pdf');
    expect([cancelled.status, cancelled.error.code]).toEqual([422, 'not_sealed']);
    expect(cancelled.error.message).toContain('was cancelled');
  });

  it('follows what happened: taken back it is gone; a lost part is marked; who took over is named', async () => {
    const id = await world.batch({ parts: ['HAP-1', 'HAP-2', 'HAP-3'] });
    await world.admin.mustCommand('batch.seal', { id, count: 3 });
    await world.admin.mustCommand('batch.takeBack', { id, from: 'sealed', reason: 'One was missing in the box' });
    expect((await get(world.admin, id, 'manifest.pdf')).error.code).toBe('not_sealed');
    await world.admin.mustCommand('batch.seal', { id, count: 3 });
    expect((await open(world.admin, id, 'manifest.pdf')).pages[0]!.text).toContain('Not named yet');
    await world.admin.mustCommand('batch.handOver', { id, driver: world.people.driver2.id, count: 3 });
    await world.admin.mustCommand('batch.depart', { id });
    await world.admin.mustCommand('batch.settleParts', { id, parts: ['HAP-2'], how: 'lost', reason: 'Fell off' });
    const { pages, bytes } = await open(world.admin, id, 'manifest.pdf');
    expect(pages[0]!.text).toMatch(/HAP-2\nLost\n/);
    expect(pages[0]!.text).toContain('Total: 3 parts listed, 1 lost, 0 scrapped; 2 expected.');
    expect(pages[0]!.text).toContain(`Handed over\n${world.people.driver2.name}`);
    expect(await codes(bytes)).toContain('HAP-2');
  });

  it('of 500 parts comes whole, while the board goes on answering', async () => {
    const parts = Array.from({ length: 500 }, (_, i) => `MANY-${i + 1}`);
    const id = await world.batch({ parts });
    await world.admin.mustCommand('batch.seal', { id, count: 500 });
    const asked = open(world.admin, id, 'manifest.pdf?size=letter');
    let answered = 0;
    let done = false;
    void asked.finally(() => (done = true)).catch(() => undefined);
    while (!done) if ((await world.admin.get('/api/session')).status === 200) answered++;
    const { pages } = await asked;
    expect(pages.flatMap(({ text }) => text.match(/^MANY-\d+$/gm) ?? [])).toEqual(parts);
    expect(answered).toBeGreaterThan(10);
  }, 60_000);

  it('asked for by a crowd comes to each in turn; who is too many is told to wait, and who left costs nothing', async () => {
    const headers = { cookie: world.admin.cookie! };
    const gone = new AbortController();
    const left = Array.from({ length: 10 }, () =>
      fetch(`${app.url}/api/batches/${sealed}/manifest.pdf`, { headers, signal: gone.signal }),
    );
    const rest = Promise.all(Array.from({ length: 30 }, () => get(world.admin, sealed, 'manifest.pdf')));
    gone.abort();
    await Promise.allSettled(left);
    const answers = await rest;
    expect(answers.filter(({ status }) => status === 200).length).toBeGreaterThanOrEqual(12);
    for (const { status, bytes, error, headers: sent } of answers) {
      if (status === 200) expect(new TextDecoder('latin1').decode(bytes.slice(-6))).toContain('%%EOF');
      else {
        expect([status, error.code]).toEqual([429, 'too_many_requests']);
        expect(Number(sent.get('retry-after'))).toBeGreaterThan(0);
      }
    }
    expect((await open(world.admin, sealed, 'manifest.pdf')).pages).toHaveLength(1);
  }, 60_000);
});

describe('GET /api/batches/:id/labels.pdf', () => {
  it('has a label for each part of a draft too: they are printed while it is packed', async () => {
    const { pages, bytes, info } = await open(world.admin, draft, 'labels.pdf');
    expect(pages).toHaveLength(1);
    expect(await codes(bytes)).toEqual(['DOC-1', 'DOC-10', 'DOC-2']);
    expect(pages[0]!.text.match(/^DOC-\d+$/gm)).toEqual(['DOC-1', 'DOC-2', 'DOC-10']);
    expect(info['Title']).toBe(`Labels ${await referenceOf(draft)}`);
    expect((await get(world.admin, draft, 'labels.pdf')).headers.get('content-disposition')).toBe(
      `inline; filename="Labels ${await referenceOf(draft)}.pdf"`,
    );
  });

  it.each([
    ['?size=roll', ['DOC-1', 'DOC-10', 'DOC-2'], 3],
    ['?size=letter&from=30', ['DOC-1', 'DOC-10', 'DOC-2'], 2],
    ['?part=doc-2', ['DOC-2'], 1],
    ['?part=DOC-10&part=DOC-1&part=DOC-1&size=roll', ['DOC-1', 'DOC-10'], 2],
    ['?part=DOC-10,DOC-2', ['DOC-10', 'DOC-2'], 1],
  ])('%s: the parts, sheets and places that were asked for', async (query, parts, sheets) => {
    const { pages, bytes } = await open(world.admin, draft, `labels.pdf${query}`);
    expect(pages).toHaveLength(sheets);
    expect(await codes(bytes)).toEqual(parts);
  });

  it('leaves out what is lost or scrapped, unless it is named', async () => {
    const id = await world.batch({ parts: ['LAB-1', 'LAB-2'] });
    await world.admin.mustCommand('batch.seal', { id, count: 2 });
    await world.admin.mustCommand('batch.settleParts', { id, parts: ['LAB-1'], how: 'scrapped', reason: 'Broken' });
    expect(await codes((await open(world.admin, id, 'labels.pdf')).bytes)).toEqual(['LAB-2']);
    expect(await codes((await open(world.admin, id, 'labels.pdf?part=LAB-1')).bytes)).toEqual(['LAB-1']);
    await world.admin.mustCommand('batch.settleParts', { id, parts: ['LAB-2'], how: 'lost', reason: 'Gone' });
    expect((await get(world.admin, id, 'labels.pdf')).error.code).toBe('no_parts');
  });

  it('are refused where there is nothing to label', async () => {
    const empty = await world.batch({ parts: [] });
    const nothing = await get(world.admin, empty, 'labels.pdf');
    expect([nothing.status, nothing.error.code]).toEqual([422, 'no_parts']);
    expect(nothing.error.message).toContain('has no parts yet');
    const strange = await get(world.admin, draft, 'labels.pdf?part=DOC-1&part=SEA-1&part=SEA-2');
    expect([strange.status, strange.error]).toMatchObject([
      422,
      { code: 'part_not_in_batch', field: 'part', details: { parts: ['SEA-1', 'SEA-2'] } },
    ]);
  });
});

describe('who gets them, and what they may ask', () => {
  it.each(documents)('%s: nobody without a sign-in', async (what) => {
    expect((await get({ ...world.admin, url: app.url, cookie: undefined } as Client, sealed, what)).status).toBe(401);
  });

  it.each(documents)('%s: whoever sees the batch, and nobody else', async (what) => {
    for (const person of ['ops', 'team', 'manager', 'driver1'] as const)
      expect([person, (await get(await world.as(person), sealed, what)).status]).toEqual([person, 200]);
    const strangers = [await world.as('southOps'), await world.as('southTeam'), await world.as('driver2'), other.admin];
    for (const client of strangers) {
      for (const id of [sealed, draft]) {
        const { status, error } = await get(client, id, what);
        expect([status, error.code]).toEqual([404, 'not_found']);
        expect(error.message).not.toContain('B-2');
      }
    }
    // A driver has their own batches only, also while these are drafts.
    expect((await get(await world.as('driver1'), draft, what)).status).toBe(404);
  });

  it.each([
    ['manifest.pdf?size=a5', 'size'],
    ['manifest.pdf?size=roll', 'size'],
    ['manifest.pdf?size=a4&size=letter', 'size'],
    ['manifest.pdf?part=DOC-1', 'part'],
    ['labels.pdf?size=A4', 'size'],
    ['labels.pdf?from=0', 'from'],
    ['labels.pdf?from=25', 'from'],
    ['labels.pdf?size=letter&from=31', 'from'],
    ['labels.pdf?size=roll&from=2', 'from'],
    ['labels.pdf?from=1.5', 'from'],
    ['labels.pdf?part=%24where', 'part.0'],
    ['labels.pdf?part=', 'part.0'],
  ])('%s is refused by its field', async (what, field) => {
    const { status, error } = await get(world.admin, sealed, what);
    expect([status, error.code, error.field]).toEqual([400, 'bad_request', field]);
  });

  it.each(documents)('%s: what is no batch is not found', async (what) => {
    for (const id of [newId(), 'B-2001', world.org]) expect((await get(world.admin, id, what)).status).toBe(404);
  });

  it('are still there when the batch has left the boards', async () => {
    const id = await world.batch({ parts: ['OLD-1'], driver: world.people.driver2.id });
    await world.admin.mustCommand('batch.seal', { id, count: 1 });
    for (const name of ['batch.depart', 'batch.arrive', 'batch.departBack'] as const)
      await world.admin.mustCommand(name, { id });
    await world.admin.mustCommand('batch.complete', { id, count: 1 });
    clock.advance(4 * day);
    const { journal, dispatcher } = await app.backdoor();
    expect((await sweep({ journal, dispatcher, clock, log: createLog('test', 'silent') })).archived).toBe(1);
    // Sessions outlive the days that passed.
    const driver = await world.as('driver2');
    await expect
      .poll(async () => (await driver.get<{ batch: object }>(`/api/batches/${id}`)).body.batch)
      .toHaveProperty('archivedAt');
    const { pages, bytes } = await open(driver, id, 'manifest.pdf');
    expect(pages[0]!.text).toContain('Total: 1 part listed, 0 lost, 0 scrapped; 1 expected.');
    expect(await codes(bytes)).toContain('OLD-1');
    expect(await codes((await open(world.admin, id, 'labels.pdf')).bytes)).toEqual(['OLD-1']);
    expect((await get(await world.as('driver1'), id, 'manifest.pdf')).status).toBe(404);
  });
});

describe('GET /api/parts/labels.pdf', () => {
  const ask = async (client: Client, query: string) => {
    const response = await fetch(`${client.url}/api/parts/labels.pdf?${query}`, {
      headers: client.cookie === undefined ? {} : { cookie: client.cookie },
    });
    const bytes = new Uint8Array(await response.arrayBuffer());
    const text = new TextDecoder().decode(bytes);
    return {
      status: response.status,
      headers: response.headers,
      bytes,
      error: (text.startsWith('{') ? JSON.parse(text) : {}) as WireError,
    };
  };

  beforeAll(async () => {
    const { fast } = world.customers;
    await world.admin.mustCommand('part.create', {
      id: newId(),
      partId: 'LBL-1',
      label: 'Card reader',
      customer: fast,
    });
    await world.admin.mustCommand('part.create', { id: newId(), partId: 'LBL-2', label: 'Receipt printer' });
    const old = newId();
    await world.admin.mustCommand('part.create', { id: old, partId: 'LBL-3', label: 'Old scanner' });
    await world.admin.mustCommand('part.archive', { id: old });
    await other.admin.mustCommand('part.create', { id: newId(), partId: 'LBL-9', label: 'Not yours' });
  });

  it.each(['a4', 'letter', 'roll'])('%s: chosen parts, in a batch or in none, in the order asked for', async (size) => {
    const { status, headers, bytes, error } = await ask(
      world.admin,
      `parts=LBL-2,lbl-1,SEA-2,LBL-3,LBL-2&size=${size}`,
    );
    expect([status, error]).toEqual([200, {}]);
    expect(headers.get('content-disposition')).toBe('inline; filename="Part labels.pdf"');
    expect(headers.get('cache-control')).toBe('no-store');
    const { pages, info } = await read(bytes);
    expect(info['Title']).toBe('Part labels');
    expect(pages).toHaveLength(size === 'roll' ? 4 : 1);
    const text = pages.map((page) => page.text).join('\n');
    expect(text.match(/^(LBL|SEA)-\d+$/gm)).toEqual(['LBL-2', 'LBL-1', 'SEA-2', 'LBL-3']);
    for (const words of ['Card reader', 'Receipt printer', 'Насос', 'Old scanner']) expect(text).toContain(words);
    const { body } = await world.admin.get<{ customers: { id: string; name: string }[] }>('/api/customers');
    expect(text).toContain(body.customers.find(({ id }) => id === world.customers.fast)!.name);
    expect(text, 'no batch is named').not.toContain(await referenceOf(sealed));
    expect(await codes(bytes)).toEqual(['LBL-1', 'LBL-2', 'LBL-3', 'SEA-2']);
  });

  it('begins at the first free label', async () => {
    const pagesOf = async (from: number) =>
      (await read((await ask(world.admin, `parts=LBL-1,LBL-2&from=${from}`)).bytes)).pages.length;
    expect([await pagesOf(23), await pagesOf(24)]).toEqual([1, 2]);
  });

  it('prints 200 at once and no more', async () => {
    const many = Array.from({ length: 200 }, (_, i) => `MANY-${i}`);
    for (const partId of many) await world.admin.mustCommand('part.create', { id: newId(), partId, label: 'Many' });
    const { status, bytes } = await ask(world.admin, `parts=${many.join(',')}`);
    expect(status).toBe(200);
    expect((await read(bytes)).pages).toHaveLength(9);
    const { error } = await ask(world.admin, `parts=${[...many, 'LBL-1'].join(',')}`);
    expect(error).toMatchObject({ code: 'bad_request', field: 'parts' });
  }, 30_000);

  it.each([
    ['parts=', 'bad_request', 'parts.0'],
    ['size=a4', 'bad_request', 'parts'],
    ['parts=%24where', 'bad_request', 'parts.0'],
    ['parts=LBL-1&size=roll&from=2', 'bad_request', 'from'],
    ['parts=LBL-1&batch=x', 'bad_request', undefined],
    ['parts=LBL-1,LBL-404', 'not_found', 'parts'],
    ['parts=LBL-9', 'not_found', 'parts'],
  ])('refuses ?%s', async (query, code, field) => {
    const { error } = await ask(world.admin, query);
    expect(error).toMatchObject({ code, ...(field === undefined ? {} : { field }) });
  });

  it('is for those who may read what parts are', async () => {
    expect((await ask(await world.as('southTeam'), 'parts=LBL-1')).status).toBe(200);
    expect((await ask(await world.as('driver1'), 'parts=LBL-1')).error.code).toBe('forbidden');
    expect((await ask(await world.as('display'), 'parts=LBL-1')).error.code).toBe('forbidden');
  });

  it('stands in the access log as printed, with the parts', async () => {
    await ask(world.admin, 'parts=LBL-1,LBL-2&size=letter');
    type Rows = { rows: { what: string; kind?: string; detail?: string }[] };
    await until('the labels are in the access log', async () => {
      const { rows } = (await world.admin.get<Rows>('/api/access?what=printed&kind=part')).body;
      return rows.some(({ detail }) => detail === 'LBL-1,LBL-2');
    });
  });
});
