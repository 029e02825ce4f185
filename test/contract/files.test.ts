import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { WireError } from '@opsboard/shared/protocol/errors';
import { newId } from '../../server/src/platform/ids.ts';
import type { TestApp } from '../support/app.ts';
import { startTestApp } from '../support/app.ts';
import { Client } from '../support/client.ts';
import { print } from '../support/pdf.ts';
import { pngOf } from '../support/png.ts';
import type { World } from '../support/world.ts';
import { buildWorld } from '../support/world.ts';

let app: TestApp;
let world: World;
let other: World;

beforeAll(async () => {
  app = await startTestApp();
  world = await buildWorld(app);
  other = await buildWorld(app);
}, 60_000);
afterAll(() => app[Symbol.asyncDispose]());

const picture = pngOf(60, 20);
const upload = (bytes: Buffer, id = newId(), who = world.admin) =>
  who.post<{ type: string } & WireError>('/api/files', { id, data: bytes.toString('base64') });
const rev = async (): Promise<number> =>
  (await world.admin.get<{ organization: { rev: number } }>('/api/session')).body.organization.rev;

/** The bytes of a file as they come, which the client of the other tests would take for text. */
const download = (client: Client, id: string) =>
  fetch(`${client.url}/api/files/${id}`, { headers: client.cookie === undefined ? {} : { cookie: client.cookie } });

describe('a picture', () => {
  it('comes back byte for byte, under its own type, and can do nothing', async () => {
    const id = newId();
    const sent = await upload(picture, id);
    expect([sent.status, sent.body]).toEqual([
      200,
      { id, type: 'image/png', width: 60, height: 20, size: picture.length },
    ]);
    // Until it is the logo it is its sender's.
    expect((await download(await world.as('team'), id)).status).toBe(404);
    await world.admin.mustCommand('organization.edit', { id: world.org, rev: await rev(), logo: id });
    for (const who of ['admin', 'team', 'driver1', 'manager', 'display'] as const) {
      const answer = await download(await world.as(who), id);
      expect([who, answer.status]).toEqual([who, 200]);
      expect(Buffer.from(await answer.arrayBuffer()).equals(picture)).toBe(true);
      expect(answer.headers.get('content-type')).toBe('image/png');
      expect(answer.headers.get('x-content-type-options')).toBe('nosniff');
      expect(answer.headers.get('content-security-policy')).toBe("default-src 'none'; sandbox");
      expect(answer.headers.get('cache-control')).toBe('private, max-age=31536000, immutable');
    }
    expect((await download(new Client(app.url), id)).status).toBe(401);
    expect((await download(other.admin, id)).status, 'of another organization').toBe(404);
  });

  it('may be sent again; another one under its id may not, not even by another organization', async () => {
    const id = newId();
    expect((await upload(picture, id)).status).toBe(200);
    expect((await upload(picture, id)).status).toBe(200);
    expect((await upload(pngOf(2, 2), id)).body.code).toBe('already_exists');
    expect((await upload(picture, id, other.admin)).body.code).toBe('already_exists');
    expect(Buffer.from(await (await download(world.admin, id)).arrayBuffer()).equals(picture)).toBe(true);
  });

  it.each([
    [
      'a script in a picture',
      Buffer.from('<svg xmlns="http://www.w3.org/2000/svg" onload="alert(1)"/>'),
      /^SVG is not/,
    ],
    ['a page', Buffer.from('<!doctype html><script>alert(1)</script>'), /^This is not a PNG/],
    ['nothing', Buffer.alloc(0), /./],
    ['half a gigabyte in a few bytes', pngOf(4, 4, Buffer.alloc(200_000_000)), /damaged/],
  ])('is not %s', async (_what, bytes, words) => {
    const { status, body } = await upload(bytes);
    expect(status).toBe(400);
    expect(body.message).toMatch(words);
  });

  it('is not larger than 512 KB', async () => {
    const large = Buffer.concat([picture, Buffer.alloc(512 * 1024)]);
    expect((await upload(large)).status).toBeGreaterThanOrEqual(400);
    expect((await upload(Buffer.concat([picture, Buffer.alloc(512 * 1024 - picture.length)]))).status).toBe(200);
  });

  it('is uploaded by desks and drivers, who prove by it, and by nobody else', async () => {
    for (const who of ['ops', 'team', 'driver1'] as const)
      expect((await upload(picture, newId(), await world.as(who))).status).toBe(200);
    for (const who of ['manager', 'display'] as const)
      expect((await upload(picture, newId(), await world.as(who))).body.code).toBe('forbidden');
  });
});

describe('a logo', () => {
  it('comes before it is named: refused without a receipt, so that the same command acts when it is there', async () => {
    const [logo, commandId] = [newId(), newId()];
    const args = { id: world.org, rev: await rev(), logo };
    const name = () => world.admin.command('organization.edit', args, { commandId });
    expect(await name()).toMatchObject({ ok: false, error: { code: 'unknown_reference', field: 'logo' } });
    await upload(picture, logo, other.admin);
    expect(await name(), 'a file of others').toMatchObject({ ok: false, error: { code: 'unknown_reference' } });
    const own = newId();
    await upload(picture, own);
    const again = { ...args, logo: own };
    expect(await world.admin.command('organization.edit', again, { commandId })).toMatchObject({ ok: true });
    expect(await world.admin.command('organization.edit', again, { commandId }), 'twice').toMatchObject({ ok: true });
  });

  it('is printed on manifests', async () => {
    const id = await world.batch();
    await world.admin.mustCommand('batch.seal', { id, count: 1 });
    const page = async () => {
      const answer = await fetch(`${app.url}/api/batches/${id}/manifest.pdf`, {
        headers: { cookie: world.admin.cookie! },
      });
      const [first] = await print(new Uint8Array(await answer.arrayBuffer()), 72);
      // The head of the page, left of the code and above the reference: where the logo stands.
      const top = first!.grey.subarray(0, first!.width * 80);
      return top.filter((shade) => shade > 60 && shade < 160).length;
    };
    const withLogo = await page();
    await world.admin.mustCommand('organization.edit', { id: world.org, rev: await rev(), logo: null });
    expect(withLogo - (await page())).toBeGreaterThan(1_000);
  });
});
