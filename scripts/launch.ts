import { join } from 'node:path';
import { Launcher } from './lib/launcher.ts';
import { HELP, readOptions } from './lib/options.ts';
import { StartError } from './lib/progress.ts';

// The terminal may be gone; ending in order matters more than saying so.
process.stdout.on('error', () => undefined);

const root = join(import.meta.dirname, '..');

try {
  const options = readOptions(process.argv.slice(2), process.env, root);
  if (options) await Launcher.run(root, options);
  else process.stdout.write(HELP);
} catch (error) {
  process.stderr.write(error instanceof StartError ? `${error.message}\n` : `${(error as Error).stack}\n`);
  process.exitCode = 1;
}
// Whatever is still under way (a download, a timer) serves nobody any more.
process.exit();
