import { createHash } from 'node:crypto';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { extname, join } from 'node:path';
import type { RequestHandler } from 'express';

type Served = { type: string; cache: string; etag: string; plain: Buffer; br?: Buffer; gzip?: Buffer };

/** The built web app, in memory: about a megabyte of files that every client asks for. */
export type WebApp = {
  handle: RequestHandler;
  /** The build's own version; it changes with every build. */
  release: string;
  /** Content-Security-Policy sources for the inline scripts of the page, as `'sha256-…'`. */
  scriptHashes: string[];
};

const types: { [extension: string]: string } = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.mjs': 'text/javascript; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.json': 'application/json',
  '.webmanifest': 'application/manifest+json',
  '.svg': 'image/svg+xml',
  '.png': 'image/png',
  '.ico': 'image/x-icon',
  '.woff2': 'font/woff2',
  '.wasm': 'application/wasm',
  '.txt': 'text/plain; charset=utf-8',
};

/** Files under this path carry the hash of their content in their name: they never change. */
const immutable = '/_app/immutable/';
const fallback = '/index.html';

/**
 * Reads the built web app.
 *
 * @param folder where the build is; when there is none, every page says how to make it
 */
export function readWebApp(folder: string): WebApp {
  const files = existsSync(join(folder, fallback)) ? readFiles(folder) : new Map<string, Served>();
  const page = files.get(fallback);
  const version = files.get('/_app/version.json')?.plain.toString();
  return {
    handle: serve(files),
    release: version ? String((JSON.parse(version) as { version?: unknown }).version) : 'none',
    scriptHashes: page ? hashesOf(page.plain.toString()) : [],
  };
}

function readFiles(folder: string): Map<string, Served> {
  const files = new Map<string, Served>();
  for (const entry of readdirSync(folder, { recursive: true, withFileTypes: true })) {
    const extension = extname(entry.name);
    if (!entry.isFile() || extension === '.br' || extension === '.gz') continue;
    const file = join(entry.parentPath, entry.name);
    const path = file.slice(folder.length).replaceAll('\\', '/');
    const plain = readFileSync(file);
    const packed = (suffix: string) => (existsSync(file + suffix) ? readFileSync(file + suffix) : undefined);
    const [br, gzip] = [packed('.br'), packed('.gz')];
    files.set(path, {
      type: types[extension] ?? 'application/octet-stream',
      cache: path.startsWith(immutable) ? 'public, max-age=31536000, immutable' : 'no-cache',
      etag: `"${createHash('sha256').update(plain).digest('base64url').slice(0, 22)}"`,
      plain,
      ...(br ? { br } : {}),
      ...(gzip ? { gzip } : {}),
    });
  }
  return files;
}

function serve(files: ReadonlyMap<string, Served>): RequestHandler {
  return (req, res) => {
    if (req.method !== 'GET' && req.method !== 'HEAD') {
      res
        .status(405)
        .setHeader('Allow', 'GET, HEAD')
        .type('text/plain')
        .send('Pages are only read. The API is under /api.');
      return;
    }
    const file = files.get(req.path) ?? pageFor(files, req.path);
    if (!file) {
      const built = files.has(fallback);
      res
        .status(built ? 404 : 503)
        .setHeader('Cache-Control', 'no-store')
        .type('text/plain');
      res.send(
        built
          ? 'There is no such file.'
          : 'The web app is not built yet. Run "npm run build", then start again. The API answers under /api.',
      );
      return;
    }
    const [body, encoding] = choose(file, req.headers['accept-encoding']);
    // Each encoding is its own bytes, so it has its own tag.
    const etag = encoding === undefined ? file.etag : `${file.etag.slice(0, -1)}-${encoding}"`;
    res.setHeader('Content-Type', file.type);
    res.setHeader('Cache-Control', file.cache);
    res.setHeader('ETag', etag);
    if (file.br || file.gzip) res.setHeader('Vary', 'Accept-Encoding');
    if (req.headers['if-none-match'] === etag) {
      res.status(304).end();
      return;
    }
    if (encoding) res.setHeader('Content-Encoding', encoding);
    res.setHeader('Content-Length', body.length);
    if (req.method === 'HEAD') res.end();
    else res.end(body);
  };
}

/** Every address of the app is the one page, which finds out where it is; a missing file is not. */
function pageFor(files: ReadonlyMap<string, Served>, path: string): Served | undefined {
  return path.startsWith('/_app/') || extname(path) !== '' ? undefined : files.get(fallback);
}

function choose(file: Served, accepted = ''): [Buffer, 'br' | 'gzip' | undefined] {
  const takes = (name: string) =>
    new RegExp(`(?:^|,)\\s*${name}\\s*(?:;\\s*q=(?!0(?:\\.0*)?\\s*(?:,|$))[0-9.]+\\s*)?(?:,|$)`).test(accepted);
  if (file.br && takes('br')) return [file.br, 'br'];
  if (file.gzip && takes('gzip')) return [file.gzip, 'gzip'];
  return [file.plain, undefined];
}

function hashesOf(page: string): string[] {
  return [...page.matchAll(/<script(?![^>]*\ssrc=)[^>]*>([\s\S]*?)<\/script>/g)].map(
    ([, script]) => `'sha256-${createHash('sha256').update(script!).digest('base64')}'`,
  );
}
