import type { Role } from './app.ts';
import { ConfigError, readConfig } from './platform/config.ts';
import type { Config } from './platform/config.ts';
import { createLog } from './platform/log.ts';
import { onStop, reportReady } from './platform/supervised.ts';

/** Exit codes that the launcher knows: the settings are wrong; the address cannot be had. */
const badSettings = 2;
const noAddress = 3;

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
  const app = await startApp({ config, role, log });
  onStop(async (reason) => {
    log.info({ reason }, 'draining');
    await app.close();
    log.info('ended');
    process.exit(0);
  });
  reportReady(role === 'web' ? app.url : undefined);
} catch (error) {
  const { code } = error as { code?: string };
  if (code === 'EADDRINUSE')
    fail(`Port ${config.PORT} on ${config.HOST} is taken by another program. Choose another with PORT.`, noAddress);
  if (code === 'EACCES')
    fail(`This user may not listen on port ${config.PORT}. Choose one above 1023 with PORT.`, noAddress);
  if (code === 'EADDRNOTAVAIL')
    fail(`${config.HOST} is not an address of this machine. Choose another with HOST.`, noAddress);
  log.fatal({ err: error }, 'could not start');
  process.exit(1);
}
