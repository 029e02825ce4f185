/// <reference lib="dom" />
import { inflateSync } from 'node:zlib';
import type { Page } from 'playwright-core';
import { beforeAll, expect, it } from 'vitest';
import type { Organization } from '@opsboard/shared/organization/schema';
import { app, browser, oneApp, world } from '../support/one-app.ts';
import { driverUnderWay, inStep, notInStep, press, readRoute, waiting } from '../support/phone.ts';
import { pngOf } from '../support/png.ts';
import { openRoutePage } from '../support/route-desk.ts';
import { until } from '../support/until.ts';

oneApp({ world: 'Proof' });
beforeAll(async () => {
  const { organization } = (await world.admin.get<{ organization: Organization }>('/api/session')).body;
  const proof = { receiver: 'optional', signature: 'required', photo: 'required' } as const;
  await world.admin.mustCommand('organization.edit', { id: world.org, rev: organization.rev, proof });
});

/** Signs with the pointer: a stroke up and down over the whole field. @returns how many pixels are ink then */
async function sign(page: Page): Promise<number> {
  const canvas = page.locator('canvas[aria-labelledby="signature-label"]');
  await canvas.scrollIntoViewIfNeeded();
  const box = (await canvas.boundingBox())!;
  const at = (x: number, y: number) => [box.x + box.width * x, box.y + box.height * y] as const;
  await page.mouse.move(...at(0.1, 0.8));
  await page.mouse.down();
  for (const [x, y] of [
    [0.3, 0.2],
    [0.5, 0.8],
    [0.7, 0.2],
    [0.9, 0.8],
  ] as const)
    await page.mouse.move(...at(x, y), { steps: 8 });
  await page.mouse.up();
  await page.getByText('There is a signature.').waitFor({ state: 'attached' });
  return canvas.evaluate((drawn: HTMLCanvasElement) => {
    const { data } = drawn.getContext('2d')!.getImageData(0, 0, drawn.width, drawn.height);
    let ink = 0;
    for (let i = 0; i < data.length; i += 4) if (data[i]! < 128) ink++;
    return ink;
  });
}

/** How large a PNG is, and how many bytes its pixels take: a blank sheet takes next to none. */
function png(bytes: Buffer): { width: number; height: number; packed: number; raw: number } {
  let [packed, at] = [Buffer.alloc(0), 8];
  while (at < bytes.length) {
    const size = bytes.readUInt32BE(at);
    const data = bytes.subarray(at + 8, at + 8 + size);
    if (bytes.toString('latin1', at + 4, at + 8) === 'IDAT') packed = Buffer.concat([packed, data]);
    at += size + 12;
  }
  return {
    width: bytes.readUInt32BE(16),
    height: bytes.readUInt32BE(20),
    packed: packed.length,
    raw: inflateSync(packed).length,
  };
}

/** A file as the desk gets it. */
async function file(id: string): Promise<{ type: string | null; bytes: Buffer }> {
  const answer = await fetch(`${app.url}/api/files/${id}`, { headers: { cookie: world.admin.cookie! } });
  expect(answer.status).toBe(200);
  return { type: answer.headers.get('content-type'), bytes: Buffer.from(await answer.arrayBuffer()) };
}

it('a signature and a photo wait without network in a page that is closed, and are stored once with the hand-over', async () => {
  const { route, phone, client } = await driverUnderWay(browser, app, world, 'driver1');
  await using _ = phone;
  const { id, batch, stops } = route;
  for (const stop of [stops.north.id, stops.south.id, stops.center.id]) {
    await client.mustCommand('route.arrive', { id, stop });
    if (stop === stops.north.id) await client.mustCommand('route.pickUp', { id, stop, batch, count: 3 });
    if (stop !== stops.center.id) await client.mustCommand('route.depart', { id, stop });
  }
  const { page } = phone;
  await page.getByRole('heading', { level: 2 }).filter({ hasText: 'Proof Near' }).waitFor();
  await phone.offline(true);
  await notInStep(page, 'Offline').waitFor();

  await page.getByRole('link', { name: 'Count instead' }).click();
  await page.getByLabel('How many parts do you count?').fill('3');
  await press(page, 'Next: receiver');
  await page.getByLabel('Who receives?').fill('Ana Ruiz');
  const ink = await sign(page);
  expect(ink, 'a stroke across the field').toBeGreaterThan(1_000);
  await press(page, 'Hand over 3 parts');
  await page.getByText('This needs a photo.', { exact: true }).waitFor();
  await page
    .getByLabel('Photo, from a file')
    .setInputFiles({ name: 'box.png', mimeType: 'image/png', buffer: pngOf(1_200, 900) });
  await page.getByRole('button', { name: 'Remove' }).waitFor();
  await press(page, 'Hand over 3 parts');
  await waiting(page, 1);
  await page.close();

  const again = await phone.open();
  await waiting(again, 1);
  const done = async () => (await readRoute(world, id)).stops[stops.center.id]!.done?.[batch];
  expect(await done(), 'nothing has left the phone').toBeUndefined();
  await phone.offline(false);
  await until('the hand-over is with the server', async () => (await done()) !== undefined);
  await inStep(again);

  const { signature, photo } = (await done())!;
  const signed = await file(signature!);
  expect(signed.type).toBe('image/png');
  const { width, height, packed, raw } = png(signed.bytes);
  expect(width).toBeGreaterThan(1.5 * height);
  expect(raw, 'a whole sheet').toBeGreaterThan(width * height);
  expect(packed, 'with a stroke on it').toBeGreaterThan(1_000);
  const pictured = await file(photo!);
  expect(pictured.type).toBe('image/jpeg');
  expect(pictured.bytes.length).toBeLessThan(512 * 1_024);
  const { connection } = await app.backdoor();
  const stored = connection.getClient().db(connection.name);
  expect(await stored.collection('files').countDocuments({ org: world.org }), 'each file once').toBe(2);
  const entries = await stored
    .collection('journal')
    .countDocuments({ org: world.org, verb: 'route.handOver', kind: 'route' });
  expect(entries, 'once').toBe(1);

  await using desk = await openRoutePage(browser, await world.as('ops'), id);
  await desk.page.getByText('Ana Ruiz').waitFor();
  for (const [name, source] of [
    ['Signature', signature],
    ['Photo', photo],
  ] as const) {
    const [opened] = await Promise.all([
      desk.page.context().waitForEvent('page'),
      desk.page.getByRole('link', { name, exact: true }).click(),
    ]);
    await opened.waitForLoadState();
    expect(opened.url()).toBe(`${app.url}/api/files/${source}`);
    const size = await opened.locator('img').evaluate((img: HTMLImageElement) => [img.naturalWidth, img.naturalHeight]);
    expect(size, `${name} is drawn`).toEqual(name === 'Signature' ? [width, height] : [1_200, 900]);
    await opened.close();
  }
  expect(phone.complaints.filter((one) => !one.includes('ERR_INTERNET_DISCONNECTED'))).toEqual([]);
  expect(desk.complaints).toEqual([]);
});
