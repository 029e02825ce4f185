import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { BrowserContext, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { newId } from '../../server/src/platform/ids.ts';
import type { Client } from '../support/client.ts';
import { app, browser, oneApp, world } from '../support/one-app.ts';
import { live } from '../support/page.ts';
import { read } from '../support/pdf.ts';
import { jpegPicture } from '../support/pictures.ts';
import { until } from '../support/until.ts';
import { password } from '../support/world.ts';

/** A page on another origin of this machine, which answers with whatever the test wants it to. */
type Elsewhere = AsyncDisposable & { url: string; html: string; heard: string[] };

async function startElsewhere(): Promise<Elsewhere> {
  const self = { html: '', heard: [] as string[] };
  const server = createServer((request, response) => {
    self.heard.push(request.url ?? '');
    response.writeHead(200, { 'content-type': 'text/html; charset=utf-8' }).end(self.html);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  return Object.assign(self, {
    url: `http://127.0.0.1:${port}`,
    [Symbol.asyncDispose]: async () => {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  });
}

let elsewhere: Elsewhere;

beforeAll(async () => {
  elsewhere = await startElsewhere();
});
afterAll(() => elsewhere?.[Symbol.asyncDispose]());
oneApp({ world: 'Secured' });

/** A browser that is signed in, as it is when somebody follows a link to elsewhere. */
async function signedIn(client: Client): Promise<BrowserContext> {
  const context = await browser.newContext({ viewport: { width: 1440, height: 900 } });
  const [name, value] = client.cookie!.split('=', 2) as [string, string];
  await context.addCookies([{ name, value, url: app.url, httpOnly: true, sameSite: 'Lax' }]);
  return context;
}

const names = async (): Promise<string> => (await world.admin.get('/api/branches')).text;
const command = (name: string) =>
  JSON.stringify({ commandId: newId(), name: 'branch.create', args: { id: newId(), name } });

/** Opens a page of elsewhere, on another port (same site, so that even cookies come along) or under another name. */
async function visit(html: string, run: (page: Page) => Promise<void>): Promise<void> {
  elsewhere.html = html;
  for (const url of [elsewhere.url, elsewhere.url.replace('127.0.0.1', 'localhost')]) {
    const context = await signedIn(world.admin);
    try {
      const page = await context.newPage();
      await page.goto(url);
      await run(page);
    } finally {
      await context.close();
    }
  }
}

describe('a page of another site, in a browser that is signed in here', () => {
  it('carries out nothing by a form', async () => {
    const before = await names();
    const [field, value] = [command('Planted by a form').slice(0, -1) + ',"x":"', '"}'];
    const form = `<form method="post" action="${app.url}/api/commands" enctype="text/plain"><input name='${field}' value='${value}'></form>`;
    await visit(form, async (page) => {
      const [answer] = await Promise.all([
        page.waitForResponse((response) => response.url().endsWith('/api/commands')),
        page.evaluate(() => document.querySelector('form')!.submit()),
      ]);
      expect(answer.status()).toBe(403);
    });
    expect(await names()).toBe(before);
  });

  it('carries out nothing by fetch, and reads nothing', async () => {
    const before = await names();
    const body = command('Planted by fetch');
    await visit('<p>fetch</p>', async (page) => {
      const outcomes = await page.evaluate(
        async ([url, text]) => {
          const tries: [string, RequestInit][] = [
            ['/api/commands', { method: 'POST', mode: 'no-cors', body: text! }],
            ['/api/commands', { method: 'POST', body: text!, headers: { 'content-type': 'application/json' } }],
            ['/api/session', { method: 'DELETE' }],
            ['/api/sessions', { method: 'POST', mode: 'no-cors' }],
            ['/api/people', {}],
            ['/api/people', { mode: 'no-cors' }],
            ['/api/live/snapshot', { mode: 'no-cors' }],
          ];
          const read: string[] = [];
          for (const [path, init] of tries) {
            const answer = await fetch(url + path, { ...init, credentials: 'include' }).catch(() => undefined);
            const seen = await answer?.text().catch(() => '');
            if (seen) read.push(`${path}: ${seen}`);
          }
          return read;
        },
        [app.url, body],
      );
      expect(outcomes).toEqual([]);
    });
    expect(await names()).toBe(before);
    expect((await world.admin.get('/api/sessions')).status).toBe(200);
  });

  it('gets nothing as an image or a script, and frames nothing', async () => {
    const html = `<img src="${app.url}/api/people"><script src="${app.url}/api/people"></script>
      <script src="${app.url}/api/live/snapshot"></script><link rel="stylesheet" href="${app.url}/api/people">
      <iframe src="${app.url}/operations"></iframe><object data="${app.url}/settings/people"></object>`;
    await visit(html, async (page) => {
      expect(await page.locator('img').evaluate((img: HTMLImageElement) => img.complete && img.naturalWidth)).toBe(0);
      await until(
        'the frames are settled',
        () => page.frames().length > 1 && page.frames().every((frame) => frame.url() !== ''),
      );
      for (const frame of page.frames().slice(1)) {
        const text = await frame
          .locator('body')
          .innerText()
          .catch(() => '');
        expect(text).not.toMatch(/Dashboard|Operations|Secured/);
      }
    });
  });

  it('opens no WebSocket', async () => {
    await visit('<p>socket</p>', async (page) => {
      const outcome = await page.evaluate(
        (url) =>
          new Promise<string>((resolve) => {
            const socket = new WebSocket(`${url.replace('http', 'ws')}/socket.io/?EIO=4&transport=websocket`);
            socket.onmessage = ({ data }) => resolve(`told ${String(data)}`);
            socket.onerror = () => resolve('refused');
            socket.onclose = () => resolve('refused');
          }),
        app.url,
      );
      expect(outcome).toBe('refused');
    });
  });

  it('cannot fix a session by planting a cookie before somebody signs in', async () => {
    const context = await browser.newContext();
    const planted = 'P'.repeat(43);
    await context.addCookies([{ name: 'opsboard', value: planted, url: app.url }]);
    const page = await context.newPage();
    await page.goto(`${app.url}/sign-in`);
    await page.getByLabel(/e-mail/i).fill(world.people.ops.email);
    await page.getByLabel('Password', { exact: true }).fill(password);
    await page.keyboard.press('Enter');
    await page.waitForURL('**/operations**');
    const [cookie] = await context.cookies(app.url);
    expect(cookie!.value).not.toBe(planted);
    expect([cookie!.httpOnly, cookie!.sameSite]).toEqual([true, 'Lax']);
    expect(await page.evaluate(() => document.cookie)).toBe('');
    await context.close();
  });
});

/** What is written into every text. A page that runs any of it says so by a dialog, a request or a change of its own. */
const script = `<img src=x onerror=alert(1)><script>alert(2)</script>"'><svg onload=alert(3)>`;
const formula = '=HYPERLINK("http://evil.example","x")';
const turned = 'user\u202egpj.exe';
const address = 'javascript:alert(4)';

type Made = { batch: string; late: string; route: string };

/** Writes it wherever the board takes text, as far as the length of the field allows. */
async function writeEverywhere(): Promise<Made> {
  const { admin, branches } = world;
  const text = (max: number, begin = '') => `${begin}${script} ${turned}`.slice(0, max);
  const [customer, center] = [newId(), newId()];
  const { body } = await admin.get<{ organization: { rev: number } }>('/api/session');
  await admin.mustCommand('organization.edit', {
    id: world.org,
    rev: body.organization.rev,
    name: text(80),
    productName: text(40),
  });
  await admin.mustCommand('branch.edit', { id: branches.north, rev: 1, name: text(60) });
  await admin.mustCommand('customer.create', { id: customer, name: text(80, formula.slice(0, 20)), slaHours: 48 });
  await admin.mustCommand('center.create', {
    id: center,
    name: text(80),
    address: text(200, `${address} `),
    holidays: [{ date: '2027-01-01', name: text(60) }],
  });
  await admin.post('/api/people', {
    commandId: newId(),
    id: newId(),
    name: text(80),
    email: 'script@secured.test',
    role: 'driver',
    password,
  });
  await admin.mustCommand('part.create', { id: newId(), partId: 'SCRIPT-1', label: text(80, formula.slice(0, 10)) });
  const template = { name: text(60), branch: branches.north, customer, center };
  await admin.mustCommand('template.create', { id: newId(), ...template });
  await admin.mustCommand('savedView.create', { id: newId(), name: text(60), page: 'batches', query: `q=${script}` });
  await admin.post('/api/keys', { commandId: newId(), id: newId(), name: text(60), scopes: ['batches:read'] });
  const batch = await world.batch({
    customer,
    center,
    parts: ['SCRIPT-1', 'SCRIPT-2'],
    driver: world.people.driver1.id,
  });
  await admin.mustCommand('batch.addNote', { id: batch, note: { id: newId(), text: text(4_000, `${address}\n`) } });
  const { body: read } = await admin.get<{ batch: { rev: number } }>(`/api/batches/${batch}`);
  await admin.mustCommand('batch.moveDueDate', {
    id: batch,
    rev: read.batch.rev,
    dueAt: Date.now() + 9e7,
    reason: text(300),
  });
  await admin.mustCommand('batch.seal', { id: batch, count: 2 });
  const [route, first, second, third] = [newId(), newId(), newId(), newId()];
  const home = { place: { kind: 'branch' as const, id: branches.north }, pickUp: [], handOver: [], note: text(300) };
  await admin.mustCommand('route.create', {
    id: route,
    branch: branches.north,
    day: new Date().toISOString().slice(0, 10),
    driver: world.people.driver1.id,
    vehicle: text(40),
    stops: [
      { id: first, ...home, pickUp: [batch] },
      { id: second, ...home, place: { kind: 'center', id: center }, handOver: [batch] },
      { id: third, ...home, place: { kind: 'customer', id: customer } },
    ],
  });
  await admin.mustCommand('route.start', { id: route });
  await admin.mustCommand('route.pickUp', { id: route, stop: first, batch, count: 1, reason: text(300) });
  await admin.mustCommand('route.report', { id: route, problem: newId(), reason: 'road', text: text(1_000) });
  await admin.mustCommand('route.depart', { id: route, stop: first });
  await admin.mustCommand('route.handOver', { id: route, stop: second, batch, count: 2, receiver: text(80) });
  await admin.mustCommand('route.depart', { id: route, stop: second });
  const late = await world.batch({ customer, center, parts: ['SCRIPT-3'], dueAt: Date.now() + 300 });
  await until('it is late', async () => (await admin.command('batch.logCall', { id: late, note: text(300) })).ok);
  const message = {
    id: newId(),
    channel: 'email' as const,
    to: 'jo@customer.test',
    subject: text(150),
    text: text(8_000),
  };
  await admin.mustCommand('batch.notifyCustomer', { id: late, messages: [message], told: text(300) });
  return { batch, late, route };
}

describe('script that is stored in every text field', () => {
  let made: Made;
  beforeAll(async () => {
    made = await writeEverywhere();
  });

  it('is shown as the text that it is, on every page, under a policy that has nothing to forbid', async () => {
    const context = await signedIn(world.admin);
    const faults: string[] = [];
    const page = await context.newPage();
    page.on('dialog', (dialog) => {
      faults.push(`${page.url()}: a dialog: ${dialog.message()}`);
      void dialog.dismiss();
    });
    page.on('console', (said) => {
      if (/Content Security Policy|Refused to/i.test(said.text())) faults.push(`${page.url()}: ${said.text()}`);
    });
    page.on('request', (request) => {
      const { origin, pathname } = new URL(request.url(), app.url);
      if (request.url().startsWith('data:') || request.url().startsWith('blob:')) return;
      if (origin !== app.url || pathname.endsWith('/x')) faults.push(`${page.url()}: asked for ${request.url()}`);
    });
    const paths = [
      '/operations',
      '/operations/board',
      '/operations/board?lanes=customer',
      '/operations/batches',
      `/operations/batches?q=${encodeURIComponent(script)}`,
      `/operations/batches/${made.batch}`,
      `/operations/batches/${made.late}`,
      '/operations/routes',
      `/operations/routes?route=${made.route}`,
      '/operations/map',
      '/wall',
      '/settings/profile',
      '/settings/organization',
      '/settings/people',
      '/settings/branches',
      '/settings/warehouses',
      '/settings/vendors',
      '/settings/customers',
      '/settings/centers',
      '/settings/teams',
      '/settings/parts',
      '/settings/keys',
      '/settings/access',
      '/settings/retention',
    ];
    let shown = 0;
    for (const path of paths) {
      await page.goto(app.url + path);
      await page.locator('main').first().waitFor();
      if (path.startsWith('/operations')) await live(page);
      // What came out of a text as an element, or as an address that runs.
      const planted = await page.evaluate(
        () =>
          document.querySelectorAll('img[src="x"], [onerror], svg[onload], a[href^="javascript:" i], main script')
            .length,
      );
      expect([path, planted]).toEqual([path, 0]);
      if ((await page.locator('body').innerText()).includes('<img src=x')) shown++;
      expect([path, await page.evaluate(() => /[\u202a-\u202e\u2066-\u2069]/.test(document.body.innerText))]).toEqual([
        path,
        false,
      ]);
    }
    expect(faults).toEqual([]);
    expect(shown).toBeGreaterThan(6);
    await page.goto(`${app.url}/operations`);
    await live(page);
    await page.keyboard.press('Control+k');
    await page.keyboard.type('<img');
    await page.getByText('<img src=x', { exact: false }).first().waitFor();
    expect(await page.locator('img[src="x"]').count()).toBe(0);
    expect(faults).toEqual([]);
    await context.close();
  });

  it('is text on the driver’s phone as well, where nothing but the phone’s own worker can work for it', async () => {
    const driver = await world.as('driver1');
    const context = await signedIn(driver);
    const page = await context.newPage();
    const dialogs: string[] = [];
    page.on('dialog', (dialog) => {
      dialogs.push(dialog.message());
      void dialog.dismiss();
    });
    await page.goto(`${app.url}/drive`);
    await page.getByText('<img src=x', { exact: false }).first().waitFor();
    expect(await page.locator('img[src="x"], [onerror], a[href^="javascript:" i], main script').count()).toBe(0);
    const photo = newId();
    const data = jpegPicture.toString('base64');
    expect((await driver.post('/api/files', { id: photo, data })).status).toBe(200);
    const registered = await page.evaluate(
      async (paths) =>
        Promise.all(
          paths.map((path) =>
            navigator.serviceWorker.register(path, { scope: '/' }).then(
              () => `${path} is a worker`,
              () => 'refused',
            ),
          ),
        ),
      [`/api/files/${photo}`, '/api/session', '/api/batches/export.csv'],
    );
    expect(registered).toEqual(['refused', 'refused', 'refused']);
    expect(dialogs).toEqual([]);
    await context.close();
  });

  it('is text on paper, and no formula in a file', async () => {
    for (const paper of ['manifest.pdf', 'labels.pdf']) {
      const response = await fetch(`${app.url}/api/batches/${made.batch}/${paper}`, {
        headers: { cookie: world.admin.cookie! },
      });
      const bytes = new Uint8Array(await response.arrayBuffer());
      const text = (await read(bytes)).pages.map((one) => one.text).join(' ');
      expect(text.replace(/\s/g, '')).toContain('<imgsrc=x');
      // Nothing that a viewer would run or follow.
      expect(new TextDecoder('latin1').decode(bytes)).not.toMatch(/\/(JavaScript|JS|OpenAction|Launch|URI)\b/);
    }
    for (const path of [
      '/api/batches/export.csv',
      '/api/parts/export.csv',
      '/api/customers/export.csv',
      '/api/centers/export.csv',
    ]) {
      const { text } = await world.admin.get(path);
      expect(text).toContain('<img');
      expect(text).not.toMatch(/(^|,|\n)"?[=+@-][A-Z]/);
      expect(text).not.toMatch(/[\u202a-\u202e]/);
    }
  });
});
