import { version } from '$app/env';
import { self } from '$app/service-worker';
import { files } from 'virtual:phone-files';

/**
 * Serves the driver's pages (`/drive`, the scope under which it is registered) from the phone, so that they open without
 * network; no other page knows it. All files are of one release: that of this worker. What is not among them, and
 * everything under `/api`, goes to the network as if there were no worker.
 */

/** The page that every address under `/drive` is. */
const page = '/drive';
const prefix = 'opsboard-drive-';
const cacheName = prefix + version;
const kept = new Set(files.map(({ path }) => path));

self.addEventListener('install', (event) => event.waitUntil(install()));
self.addEventListener('activate', (event) => event.waitUntil(activate()));
self.addEventListener('message', ({ data }) => {
  // Said by a page when its driver loses nothing by it.
  if (data === 'take') void self.skipWaiting();
});
self.addEventListener('fetch', (event) => {
  const { request } = event;
  const { origin, pathname } = new URL(request.url);
  if (request.method !== 'GET' || origin !== self.location.origin) return;
  if (request.mode === 'navigate') {
    if (/^\/drive(\/|$)/.test(pathname)) event.respondWith(fromPhone(page, request));
  } else if (kept.has(pathname)) event.respondWith(fromPhone(pathname, request));
});

/** All files or none: a release that the phone has only half of is none. */
async function install(): Promise<void> {
  try {
    const cache = await caches.open(cacheName);
    await Promise.all([keepPage(cache), ...files.map((file) => keepFile(cache, file))]);
  } catch (problem) {
    await caches.delete(cacheName);
    throw problem;
  }
}

async function keepPage(cache: Cache): Promise<void> {
  const response = await fetch(page, { cache: 'no-store' });
  const text = await response.clone().text();
  // While servers are being replaced, the worker may come from one and the page from another.
  if (!response.ok || response.redirected || !text.includes(JSON.stringify(version)))
    throw new Error('The page is of another release than this worker.');
  await cache.put(page, response);
}

async function keepFile(cache: Cache, { path, integrity }: { path: string; integrity?: string }): Promise<void> {
  // A name with a hash in it is the same file in every release.
  const known = integrity === undefined ? await caches.match(path) : undefined;
  const response = known ?? (await fetch(path, integrity === undefined ? {} : { cache: 'no-store', integrity }));
  if (!response.ok) throw new Error(`${path} is not there.`);
  await cache.put(path, response);
}

async function activate(): Promise<void> {
  for (const name of await caches.keys()) {
    if (name.startsWith(prefix) && name !== cacheName) await caches.delete(name);
  }
  // The first visit is enough: from here on the page that is open is served from the phone, too.
  await self.clients.claim();
}

async function fromPhone(path: string, request: Request): Promise<Response> {
  const cache = await caches.open(cacheName);
  // The bytes are kept unpacked, whatever way they came.
  return (await cache.match(path, { ignoreVary: true })) ?? fetch(request);
}
