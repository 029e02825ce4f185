import adapter from '@sveltejs/adapter-static';
import { sveltekit } from '@sveltejs/kit/vite';
import { defineConfig, type Plugin } from 'vite';
import { phoneFiles } from './vite.drive-files.ts';

/** Where `npm run dev` finds the API and the socket: the address of a running `web` process. */
const server = process.env['OPSBOARD_SERVER'] ?? 'http://127.0.0.1:3000';

/**
 * The line goes over WebSocket alone, and the library's other transports are bound to it too firmly to be left out by
 * themselves: two kilobytes that no page would ever run.
 */
const webSocketOnly: Plugin = {
  name: 'websocket-only',
  load: (id) =>
    /engine\.io-client\/build\/esm\/transports\/index\.js$/.test(id)
      ? "import { WS } from './websocket.js'; export const transports = { websocket: WS };"
      : undefined,
};

/**
 * Kit writes what a server of its own would send, and what goes along with an entry of the history, in a format for any
 * value there is. No server renders these pages and no entry of ours carries anything, so JSON does: four kilobytes less
 * on the way to the first board. What is left out fails at once, by name.
 */
const plainHistory: Plugin = {
  name: 'plain-history',
  applyToEnvironment: (environment) => environment.name === 'client',
  enforce: 'pre',
  resolveId: (id) => (id === 'devalue' ? '\0plain-history' : undefined),
  load: (id) =>
    id === '\0plain-history'
      ? `export const stringify = (value) => JSON.stringify(value);
         export const parse = (text) => JSON.parse(text);
         export const unflatten = () => { throw new Error('No server renders these pages.'); };
         export const stringifyAsync = unflatten, uneval = unflatten;`
      : undefined,
};

export default defineConfig({
  plugins: [
    webSocketOnly,
    plainHistory,
    phoneFiles(),
    sveltekit({
      // Only the phone's pages register it, for themselves: see lib/drive/release.svelte.ts.
      serviceWorker: { register: false },
      // Everything is live and behind a sign-in, so pages are rendered in the browser from one fallback page.
      adapter: adapter({ pages: 'build', assets: 'build', fallback: 'index.html', precompress: true, strict: false }),
      compilerOptions: { runes: true },
      // The hashes cover Kit's own start script; everything else is a file of ours.
      csp: {
        mode: 'hash',
        directives: {
          'default-src': ['self'],
          // Code readers for cameras are WebAssembly, from our own files.
          'script-src': ['self', 'wasm-unsafe-eval'],
          'style-src': ['self'],
          // Style attributes carry measured sizes (a bar's fill, a virtual row's place), never text from outside.
          'style-src-attr': ['unsafe-inline'],
          'img-src': ['self', 'data:'],
          'font-src': ['self'],
          'connect-src': ['self'],
          'worker-src': ['self'],
          'manifest-src': ['self'],
          'object-src': ['none'],
          'base-uri': ['self'],
          'form-action': ['self'],
        },
      },
    }),
  ],
  server: {
    proxy: {
      '/api': { target: server, changeOrigin: false },
      '/socket.io': { target: server, ws: true, changeOrigin: false },
    },
  },
  environments: {
    client: {
      build: {
        rolldownOptions: {
          output: {
            codeSplitting: {
              // What several pages share travels in one file: forty small ones would cost more than they save.
              groups: [
                // What the page hands to Kit must be set before anything of Kit's reads it: these two travel ahead of the
                // rest. In one file with it, the page's version is unknown, and a page that fails reloads for ever.
                { name: 'ahead', test: /[\\/]runtime[\\/]client[\\/]payload\.js$|preload-helper/, priority: 1 },
                {
                  name: 'shared',
                  test: /[\\/](web[\\/]src[\\/]lib[\\/](announce|batches[\\/](live|figures|marks|icons)|session[\\/](may|session)|shell|store|socket|theme|time[\\/](?!week|zones)|toasts|ui[\\/](Avatar|Notice|When|focus))|@lucide[\\/])/,
                  minShareCount: 3,
                },
              ],
            },
          },
        },
      },
    },
  },
  build: {
    target: 'es2022',
    // A font or an icon inlined as data: would fall foul of the content security policy.
    assetsInlineLimit: 0,
  },
});
