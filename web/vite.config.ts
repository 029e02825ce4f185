import adapter from '@sveltejs/adapter-static';
import { sveltekit } from '@sveltejs/kit/vite';
import { defineConfig } from 'vite';
import { chunkGroups } from './chunks.ts';
import { leanBuild } from './lean-build.ts';
import { phoneFiles } from './vite.drive-files.ts';

/** Where `npm run dev` finds the API and the socket: the address of a running `web` process. */
const server = process.env['OPSBOARD_SERVER'] ?? 'http://127.0.0.1:3000';

export default defineConfig({
  plugins: [
    leanBuild,
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
        // What a setting can widen (where maps come from) is said by the server's header alone, which is as strict.
        directives: {
          // Code readers for cameras are WebAssembly, from our own files.
          'script-src': ['self', 'wasm-unsafe-eval'],
          'style-src': ['self'],
          // Style attributes carry measured sizes (a bar's fill, a virtual row's place), never text from outside.
          'style-src-attr': ['unsafe-inline'],
          'font-src': ['self'],
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
            codeSplitting: { groups: chunkGroups },
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
