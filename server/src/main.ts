import { setTimeout as pause } from 'node:timers/promises';
import type { App, Role } from './app.ts';
import { ConfigError, readConfig } from './platform/config.ts';
import type { Config } from './platform/config.ts';
import { createLog } from './platform/log.ts';
import { onStop, reportReady } from './platform/supervised.ts';

/** Exit codes that the launcher knows: the settings are wrong; the address cannot be had; the data is not usable. */
const badSettings = 2;
const noAddress = 3;
const notWhole = 4;
/** How long a process that was serving waits for a restore to end, milliseconds. */
const restorePatience = 60_000;

function fail(message: string, code: number): never {
  process.stderr.write(`${message}\n`);
  process.exit(code);
}

function roleOf(argument: string | undefined): Role {
  if (argument === 'web' || argument === 'worker') return argument;
  return fail('Say what to run: node server/src/main.ts web, or node server/src/main.ts worker.', badSettings);
}

function settings(): Config {
  try {
    return readConfig(process.env);
  } catch (error) {
    if (error instanceof ConfigError) return fail(error.problems.join('\n'), badSettings);
    throw error;
  }
}

const role = roleOf(process.argv[2]);
const config = settings();
const log = createLog(role, config.LOG_LEVEL);

process.on('uncaughtException', (err) => {
  // What is half done is not known; the launcher, or whoever keeps the process running, starts a fresh one.
  log.fatal({ err }, 'unexpected error, ending');
  process.exit(1);
});

try {
  // Only now: what is wrong with the settings is said at once, before everything is loaded.
  const { startApp } = await import('./app.ts');
  let stopping = false;
  const start = (port: number): Promise<App> =>
    startApp({ config: { ...config, PORT: port }, role, log, onReplaced: () => void (app = app.then(again)) });
  let app: Promise<App> = start(config.PORT);

  /** After a restore nothing that is in memory is true: everything is let go of and begins anew on the same port. */
  async function again(old: App): Promise<App> {
    await old.close();
    for (const until = performance.now() + restorePatience; ; await pause(300)) {
      try {
        return await start(role === 'web' ? old.port : 0);
      } catch (error) {
        const wait = (error as Error).name === 'RestoringError' && performance.now() < until && !stopping;
        if (!wait) couldNotStart(error);
      }
    }
  }

  onStop(async (reason) => {
    log.info({ reason }, 'draining');
    stopping = true;
    await (await app).close();
    log.info('ended');
    process.exit(0);
  });
  const { url } = await app;
  reportReady(role === 'web' ? url : undefined);
} catch (error) {
  couldNotStart(error);
}

function couldNotStart(error: unknown): never {
  const { code, name, message } = error as Error & { code?: string };
  if (name === 'RestoringError') fail(message, notWhole);
  if (error instanceof ConfigError) fail(error.problems.join('\n'), badSettings);
  if (code === 'EADDRINUSE')
    fail(`Port ${config.PORT} on ${config.HOST} is taken by another program. Choose another with PORT.`, noAddress);
  if (code === 'EACCES')
    fail(`This user may not listen on port ${config.PORT}. Choose one above 1023 with PORT.`, noAddress);
  if (code === 'EADDRNOTAVAIL')
    fail(`${config.HOST} is not an address of this machine. Choose another with HOST.`, noAddress);
  log.fatal({ err: error }, 'could not start');
  process.exit(1);
}
