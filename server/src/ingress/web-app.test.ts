import { createHash } from 'node:crypto';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import express from 'express';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { WebApp } from './web-app.ts';
import { readWebApp } from './web-app.ts';

const script = '{ start("a"); }';
const page = `<!doctype html><script src="/theme.js"></script><body><script>${script}</script></body>`;
let folder: string;
let web: WebApp;
let server: Server;
let url: string;

async function serve(app: WebApp): Promise<string> {
  server = createServer(express().use(app.handle)).listen(0, '127.0.0.1');
  await new Promise((resolve) => server.once('listening', resolve));
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'web-'));
  mkdirSync(join(folder, '_app/immutable'), { recursive: true });
  const write = (name: string, text: string) => writeFileSync(join(folder, name), text);
  write('index.html', page);
  write('index.html.br', 'page in brotli');
  write('index.html.gz', 'page in gzip');
  write('_app/version.json', '{"version":"42"}');
  write('_app/immutable/a.js', 'a()');
  write('_app/immutable/a.js.br', 'a in brotli');
  write('icon.svg', '<svg/>');
  web = readWebApp(folder);
  url = await serve(web);
});
afterAll(() => {
  server.close();
  rmSync(folder, { recursive: true });
});

/** With the raw bytes: fetch would unpack what is only called brotli. */
async function get(path: string, accept = 'identity', more: { [name: string]: string } = {}) {
  const { request } = await import('node:http');
  return new Promise<{ status: number; headers: { [name: string]: string }; text: string }>((resolve) => {
    request(url + path, { headers: { 'accept-encoding': accept, ...more } }, (response) => {
      let text = '';
      response.setEncoding('utf8').on('data', (part: string) => (text += part));
      response.on('end', () => resolve({ status: response.statusCode!, headers: response.headers as never, text }));
    }).end();
  });
}

describe('files', () => {
  it.each([
    ['/', 'gzip, deflate, br', 'br', 'page in brotli'],
    ['/', 'gzip', 'gzip', 'page in gzip'],
    ['/', 'br;q=0, gzip', 'gzip', 'page in gzip'],
    ['/', 'br;q=0.0,gzip;q=0', undefined, page],
    ['/', 'br ; q=1', 'br', 'page in brotli'],
    ['/', 'identity', undefined, page],
    ['/_app/immutable/a.js', 'gzip', undefined, 'a()'],
    ['/_app/immutable/a.js', 'br', 'br', 'a in brotli'],
    ['/icon.svg', 'br', undefined, '<svg/>'],
  ])('%s for "%s" goes as %s', async (path, accept, encoding, text) => {
    const answer = await get(path, accept);
    expect([answer.status, answer.headers['content-encoding'], answer.text]).toEqual([200, encoding, text]);
    expect(answer.headers['vary']).toBe(path === '/icon.svg' ? undefined : 'Accept-Encoding');
  });

  it('with a hash in their name are kept for ever, the page is asked for anew', async () => {
    expect((await get('/_app/immutable/a.js')).headers['cache-control']).toBe('public, max-age=31536000, immutable');
    expect((await get('/')).headers['cache-control']).toBe('no-cache');
  });

  it('that are known are not sent again; each encoding is known by itself', async () => {
    const { etag } = (await get('/', 'br')).headers;
    expect((await get('/', 'br', { 'if-none-match': etag! })).status).toBe(304);
    expect((await get('/', 'gzip', { 'if-none-match': etag! })).status).toBe(200);
  });

  it.each([
    ['/operations/batches/1', 200],
    ['/_app/immutable/gone.js', 404],
    ['/_app/nothing', 404],
    ['/favicon.ico', 404],
    ['/../package.json', 404],
    ['/..%2f..%2fetc%2fpasswd', 404],
    ['/index.html.br', 404],
  ])('%s answers %i', async (path, status) => {
    const answer = await get(path);
    expect(answer.status).toBe(status);
    if (status === 200) expect(answer.text).toBe(page);
  });
});

describe('the page', () => {
  it('gives the hash of its inline script only', () => {
    expect(web.scriptHashes).toEqual([`'sha256-${createHash('sha256').update(script).digest('base64')}'`]);
    expect(web.release).toBe('42');
  });

  it('says how it is built when it is not', async () => {
    const none = readWebApp(join(folder, 'nowhere'));
    expect([none.release, none.scriptHashes]).toEqual(['none', []]);
    const before = server;
    const [, other] = [url, await serve(none)];
    const answer = await fetch(other);
    expect([answer.status, await answer.text()]).toEqual([503, expect.stringContaining('npm run build')]);
    server.close();
    server = before;
  });
});
