import { watch } from 'node:fs';
import { join } from 'node:path';
import type { Settings } from '../../server/src/platform/config.ts';
import { Child } from './child.ts';
import type { LogFile } from './log-file.ts';
import { needFreePort } from './ports.ts';

/** Editors write a file in several steps; one restart is enough. */
const SETTLE_MS = 150;

/** The development server of the web app, with hot reload, on the board's own port. */
export async function planPages(
  root: string,
  { HOST, PORT }: Settings,
  behind: string,
  log: LogFile,
): Promise<{ child: Child; url: string }> {
  await needFreePort(HOST, PORT);
  const child = new Child({
    name: "the pages' development server",
    command: process.execPath,
    args: [join(root, 'scripts/lib/dev-pages.ts'), HOST, String(PORT)],
    env: { OPSBOARD_SUPERVISED: '1', OPSBOARD_SERVER: behind },
    cwd: join(root, 'web'),
    log,
    tether: 'channel',
    output: 'terminal',
    ready: (process) => new Promise((resolve) => process.once('message', () => resolve())),
  });
  return { child, url: `http://${HOST}:${PORT}` };
}

/** Starts processes again when a source that they run has changed. */
export function restartOnChange(root: string, children: Child[]): void {
  let timer: NodeJS.Timeout | undefined;
  for (const folder of ['server/src', 'shared/src']) {
    watch(join(root, folder), { recursive: true }, (_, name) => {
      if (!name?.endsWith('.ts') || name.endsWith('.test.ts')) return;
      clearTimeout(timer);
      timer = setTimeout(() => children.forEach((child) => void child.restart()), SETTLE_MS);
    });
  }
}
