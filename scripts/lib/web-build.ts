import { mkdirSync, readdirSync, statSync, utimesSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { LogFile } from './log-file.ts';
import { step } from './progress.ts';
import { Task } from './task.ts';

/** What the web app is made from; the build writes beside these, never into them. */
const SOURCES = [
  'web/src',
  'web/static',
  'web/package.json',
  'web/vite.config.ts',
  'web/tsconfig.json',
  'shared/src',
  'package-lock.json',
];

/** Beside the packages, because a new install of them calls for a new build. */
const stamp = (root: string): string => join(root, 'node_modules/.cache/opsboard/web-built');

/**
 * Builds the web app, unless the build is newer than all that it is made from.
 *
 * @param root folder of the checkout
 * @param task holds the running build, for whoever may have to end it
 * @throws {StartError} when it cannot be built
 */
export async function buildWeb(root: string, task = new Task()): Promise<void> {
  if (!isOld(root)) return;
  const began = Date.now();
  const text = 'Building the web app';
  const cache = dirname(stamp(root));
  mkdirSync(cache, { recursive: true });
  const output = new LogFile(join(cache, 'build.log'));
  const vite = join(root, 'node_modules/vite/bin/vite.js');
  await step(text, task.run(text, [vite, 'build'], { cwd: join(root, 'web'), output }));
  noteBuild(root, began);
}

/** Whether the web app must be built: it never was, or something that it is made from has changed since. */
function isOld(root: string): boolean {
  const built = statSync(stamp(root), { throwIfNoEntry: false })?.mtimeMs;
  if (built === undefined || !statSync(join(root, 'web/build/index.html'), { throwIfNoEntry: false })) return true;
  return newestChange(SOURCES.map((path) => join(root, path))) > built;
}

/** Notes that the web app was built from what was there at `began`, ms since 1970. */
function noteBuild(root: string, began: number): void {
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
