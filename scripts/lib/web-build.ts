import { mkdirSync, readdirSync, statSync, utimesSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';

/** What the web app is made from; the build writes beside these, never into them. */
const SOURCES = ['web/src', 'web/static', 'web/package.json', 'web/vite.config.ts', 'web/tsconfig.json', 'shared/src', 'package-lock.json'];

/** Beside the packages, because a new install of them calls for a new build. */
const stamp = (root: string): string => join(root, 'node_modules/.cache/opsboard/web-built');

/** Whether the web app must be built: it never was, or something that it is made from has changed since. */
export function webBuildIsOld(root: string): boolean {
  const built = statSync(stamp(root), { throwIfNoEntry: false })?.mtimeMs;
  if (built === undefined || !statSync(join(root, 'web/build/index.html'), { throwIfNoEntry: false })) return true;
  return newestChange(SOURCES.map((path) => join(root, path))) > built;
}

/** Notes that the web app was built from what was there at `began`, ms since 1970. */
export function noteWebBuild(root: string, began: number): void {
  mkdirSync(dirname(stamp(root)), { recursive: true });
  writeFileSync(stamp(root), '');
  utimesSync(stamp(root), began / 1000, began / 1000);
}

/** Newest modification time below some paths, ms since 1970. Folders count too: their time tells of a deletion. */
function newestChange(paths: string[]): number {
  let newest = 0;
  for (const path of paths) {
    const stat = statSync(path, { throwIfNoEntry: false });
    if (!stat) continue;
    const within = stat.isDirectory() ? newestChange(readdirSync(path).map((name) => join(path, name))) : 0;
    newest = Math.max(newest, stat.mtimeMs, within);
  }
  return newest;
}
