import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import type { Plugin } from 'vite';

/** A file that the phone needs without network. `integrity`: of one whose name does not tell its content. */
type PhoneFile = { path: string; integrity?: string };

/** The module under which the service worker finds the list. */
const name = 'virtual:phone-files';

/** Pages' parts that are fetched when they are needed, and that a phone may need without network. */
const needed = /\/web\/src\/(lib\/(drive|scan)|routes\/drive)\/|\/barcode-detector\/|\/zxing-wasm\//;
/** What the frame around every page fetches, and a phone uses. */
const alsoNeeded = /\/web\/src\/lib\/(drive\/|session\/SignInAgain\.svelte$)|\/shared\/src\/protocol\/deciders\.ts$/;
/** Scripts for names that are rarely written here come when there is network; until then the phone's own font serves. */
const rareFonts = /inter-(cyrillic|greek|vietnamese)/;
const served = ['theme.js', 'icon.svg', 'manifest.webmanifest'];

/**
 * Finds the files that `/drive` needs, and no others: the way into any page, the phone's own pages, and what those fetch
 * later. The service worker keeps them for when there is no network.
 */
export function phoneFiles(): Plugin {
  let files: PhoneFile[] = [];
  return {
    name: 'phone-files',
    sharedDuringBuild: true,
    resolveId: (id) => (id === name ? `\0${name}` : undefined),
    load: (id) => (id === `\0${name}` ? `export const files = ${JSON.stringify(files)};` : undefined),

    generateBundle(_options, bundle) {
      if (this.environment.name !== 'client') return;
      const chunks = Object.values(bundle).filter((one) => one.type === 'chunk');
      const holding = new Map(chunks.flatMap((chunk) => chunk.moduleIds.map((id) => [id, chunk] as const)));
      const found = new Set<string>();
      const add = (chunk: (typeof chunks)[number] | undefined): void => {
        if (!chunk || found.has(chunk.fileName)) return;
        found.add(chunk.fileName);
        for (const file of [...(chunk.viteMetadata?.importedCss ?? []), ...(chunk.viteMetadata?.importedAssets ?? [])])
          found.add(file);
        for (const file of chunk.imports) add(chunks.find(({ fileName }) => fileName === file));
        for (const id of chunk.moduleIds) {
          for (const later of this.getModuleInfo(id)?.dynamicallyImportedIds ?? []) {
            if (needed.test(id) || alsoNeeded.test(later)) add(holding.get(later));
          }
        }
      };
      for (const chunk of chunks) {
        // The frame and the page for errors are always nodes 0 and 1.
        const frame = chunk.isEntry && (chunk.name.startsWith('entry/') || /^nodes\/[01]$/.test(chunk.name));
        if (frame || chunk.moduleIds.some((id) => id.includes('/web/src/routes/drive/'))) add(chunk);
      }
      for (const file of [...found]) {
        const asset = bundle[file];
        if (asset?.type !== 'asset' || !file.endsWith('.css')) continue;
        for (const [, font] of String(asset.source).matchAll(/url\(([^)]+\.woff2)\)/g)) {
          const font2 = font!.replace(/^.*\//, 'ASSETS/').replace('ASSETS', file.replace(/\/[^/]+$/, ''));
          if (!rareFonts.test(font2)) found.add(font2);
        }
      }
      files = [
        ...[...found].sort().map((path) => ({ path: `/${path}` })),
        ...served.map((path) => ({ path: `/${path}`, integrity: integrityOf(path) })),
      ];
    },
  };
}

function integrityOf(path: string): string {
  const bytes = readFileSync(fileURLToPath(new URL(`static/${path}`, import.meta.url)));
  return `sha256-${createHash('sha256').update(bytes).digest('base64')}`;
}
