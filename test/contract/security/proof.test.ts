import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { newId } from '../../../server/src/platform/ids.ts';
import type { TestApp } from '../../support/app.ts';
import { startTestApp } from '../../support/app.ts';
import type { Client } from '../../support/client.ts';
import { jpegPicture, pngPicture, webpPicture } from '../../support/pictures.ts';
import { buildRightsWorld, unique } from '../rights/rights-world.ts';
import type { RightsWorld } from '../rights/rights-world.ts';
import { makeRoute, sendPicture } from '../rights/route-subjects.ts';

let app: TestApp;
let world: RightsWorld;

beforeAll(async () => {
  app = await startTestApp();
  world = await buildRightsWorld(app, unique('Proof'));
}, 60_000);
afterAll(() => app?.[Symbol.asyncDispose]());

const clientOf = (who: string): Client => world.people.get(who)!.client;
const seen = async (who: string, file: string): Promise<boolean> =>
  (await clientOf(who).get(`/api/files/${file}`)).status === 200;

/** A picture with which a driver reports a problem on a route of their own. */
async function reported(branch: 'north' | 'south', driver: string): Promise<{ route: string; photo: string }> {
  const { id: route } = await makeRoute(world, { branch, driver });
  const photo = await sendPicture(world, driver);
  await clientOf(driver).mustCommand('route.report', { id: route, problem: newId(), reason: 'damaged', photo });
  return { route, photo };
}
/** @returns the code of the refusal, or `done` */
async function reports(who: string, route: string, photo: string): Promise<string> {
  const args = { id: route, problem: newId(), reason: 'other' as const, photo };
  const ack = await clientOf(who).command('route.report', args);
  return ack.ok ? 'done' : ack.error.code;
}

describe('what proves a hand-over', () => {
  it('cannot be taken from its route by somebody who names it in a command that is refused', async () => {
    const { route, photo } = await reported('north', 'driver');
    expect(await seen('ops', photo)).toBe(true);
    for (const who of ['sTeam', 'sDriver', 'manager', 'driver', 'ops'])
      for (const about of [route, newId()]) await reports(who, about, photo);
    const again = { id: route, stop: newId(), batch: newId(), count: 1, signature: photo, photo };
    for (const who of ['driver', 'sTeam', 'ops'])
      expect((await clientOf(who).command('route.handOver', again)).ok, who).toBe(false);
    expect(await seen('ops', photo)).toBe(true);
    expect(await seen('manager', photo)).toBe(true);
  });

  it('is not seen by naming it on a route of one’s own', async () => {
    const { photo } = await reported('north', 'driver');
    const { id: ours } = await makeRoute(world, { branch: 'south', driver: 'sDriver' });
    await world.people.get('sTeam')!.client.get(`/api/live/snapshot?atLeast=${world.seq()}`);
    for (const who of ['sTeam', 'sDriver', 'sAdmin']) {
      expect([who, await reports(who, ours, photo)]).toEqual([who, 'unknown_reference']);
      expect([who, await seen(who, photo)]).toEqual([who, false]);
    }
  });
});

/** Pictures by their first bytes that are something else too, or only something else. */
const markup = '<!doctype html><script>parent.stolen = document.cookie</script>';
const script = "self.addEventListener('fetch', (e) => e.respondWith(new Response('taken')));";
const crossed: readonly [string, Buffer][] = [
  ['a page', Buffer.from(markup)],
  ['a service worker', Buffer.from(script)],
  ['a drawing with a script', Buffer.from('<svg xmlns="http://www.w3.org/2000/svg" onload="alert(1)"/>')],
  ['a document', Buffer.from('%PDF-1.7\n1 0 obj<</OpenAction<</S/JavaScript/JS(app.alert(1))>>>>endobj')],
  ['a picture’s first bytes and a page', Buffer.concat([pngPicture.subarray(0, 8), Buffer.from(markup)])],
  ['a GIF that is a script', Buffer.from(`GIF89a/*${' '.repeat(40)}*/=1;${script}`)],
  ['a PNG with a page behind it', Buffer.concat([pngPicture, Buffer.from(markup)])],
  ['nothing', Buffer.alloc(0)],
];
const twofold: readonly [string, string, Buffer][] = [
  ['a script behind a JPEG', 'image/jpeg', Buffer.concat([jpegPicture, Buffer.from(script)])],
  ['an archive behind a WebP', 'image/webp', Buffer.concat([webpPicture, Buffer.from('PK\u0003\u0004evil.html')])],
];

describe('a file that is not what it says', () => {
  const upload = (bytes: Buffer, id: string) =>
    clientOf('driver').post('/api/files', { id, data: bytes.toString('base64') });

  it.each(crossed)('%s is refused, and nothing of it is kept', async (_what, bytes) => {
    const id = newId();
    expect((await upload(bytes, id)).status).toBe(400);
    expect(await seen('driver', id)).toBe(false);
  });

  it.each(twofold)(
    '%s: what is kept is the picture alone, served as one and nothing else',
    async (_what, type, bytes) => {
      const id = newId();
      expect((await upload(bytes, id)).status).toBe(200);
      const { cookie, url } = clientOf('driver');
      // As a browser asks for a worker's script.
      const answer = await fetch(`${url}/api/files/${id}`, {
        headers: { cookie: cookie!, 'service-worker': 'script', 'sec-fetch-dest': 'serviceworker' },
      });
      const kept = Buffer.from(await answer.arrayBuffer()).toString('latin1');
      for (const word of ['script', 'fetch', 'evil']) expect(kept).not.toContain(word);
      expect(answer.headers.get('content-type')).toBe(type);
      expect(answer.headers.get('x-content-type-options')).toBe('nosniff');
      expect(answer.headers.get('content-security-policy')).toBe("default-src 'none'; sandbox");
      expect(answer.headers.get('service-worker-allowed')).toBeNull();
    },
  );
});
