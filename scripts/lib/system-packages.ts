import { spawn } from 'node:child_process';
import { accessSync, constants } from 'node:fs';
import { delimiter, join } from 'node:path';
import { StartError, step } from './progress.ts';

/** Full path of a program on the PATH. */
export function findProgram(name: string): string | undefined {
  for (const folder of (process.env['PATH'] ?? '').split(delimiter)) {
    const path = join(folder, name);
    try {
      accessSync(path, constants.X_OK);
      return path;
    } catch {
      // Not here.
    }
  }
  return undefined;
}

/**
 * Finds a program of the system, and installs its package where that may be done unasked: by root, or in CI.
 *
 * @param program for example `redis-server`
 * @param aptPackage Debian's and Ubuntu's package of it
 * @param brewPackage Homebrew's, for the sentence on a Mac
 * @throws {StartError} naming the one command that installs it
 */
export async function needProgram(program: string, aptPackage: string, brewPackage = aptPackage): Promise<string> {
  const found = findProgram(program);
  if (found) return found;
  const apt = findProgram('apt-get');
  const root = process.getuid?.() === 0;
  const sudo = root ? [] : ['sudo', '-n'];
  if (apt && (root || (process.env['CI'] && findProgram('sudo')))) {
    await step(`Installing ${aptPackage}`, install(sudo, aptPackage));
    const installed = findProgram(program);
    if (installed) return installed;
  }
  const command =
    process.platform === 'darwin' ? `brew install ${brewPackage}` : `sudo apt-get install -y ${aptPackage}`;
  throw new StartError(`${program} was not found. Install it with: ${command}`);
}

async function install(sudo: string[], aptPackage: string): Promise<void> {
  // A package's service must not be started: we start the program ourselves, when and where we need it.
  const apt = [...sudo, 'env', 'DEBIAN_FRONTEND=noninteractive', 'RUNLEVEL=1', 'apt-get', '-qq'];
  const installArgs = ['install', '-y', '--no-install-recommends', aptPackage];
  // The list of packages may be missing (a fresh container) or old; it is fetched only where it is needed.
  if (await run([...apt, ...installArgs])) return;
  await run([...apt, 'update']);
  await run([...apt, ...installArgs]);
}

function run(command: string[]): Promise<boolean> {
  const [program = '', ...args] = command;
  return new Promise((resolve) => {
    const child = spawn(program, args, { stdio: ['ignore', 'ignore', 'ignore'] });
    child.once('error', () => resolve(false));
    child.once('exit', (code) => resolve(code === 0));
  });
}
