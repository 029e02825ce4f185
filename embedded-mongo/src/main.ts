import { enableCompileCache, flushCompileCache } from 'node:module';
import { parseArgs } from 'node:util';

// Reading the sources is most of a start, and a start is what clients wait for after a crash.
enableCompileCache();
const { startEmbeddedMongo, StorageError } = await import('./index.ts');

/** The exit code of a start that failed for a reason a person can do something about. */
const CANNOT_START = 4;

function readOptions(): {
  data: string;
  port: number;
  host: string;
  testCommands: boolean;
  synchronous: 'FULL' | 'NORMAL';
} {
  const { values } = parseArgs({
    options: {
      data: { type: 'string' },
      port: { type: 'string', default: '0' },
      host: { type: 'string', default: '127.0.0.1' },
      synchronous: { type: 'string', default: 'FULL' },
      'test-commands': { type: 'boolean', default: false },
    },
  });
  const port = Number(values.port);
  if (values.data === undefined || values.data === '')
    throw new StorageError('The data folder is missing: --data FOLDER.');
  if (!Number.isInteger(port) || port < 0 || port > 65_535)
    throw new StorageError(`--port ${values.port} is not a port.`);
  const { synchronous } = values;
  if (synchronous !== 'FULL' && synchronous !== 'NORMAL') throw new StorageError('--synchronous is FULL or NORMAL.');
  return { data: values.data, port, host: values.host, testCommands: values['test-commands'], synchronous };
}

try {
  const { data, port, host, testCommands, synchronous } = readOptions();
  const server = await startEmbeddedMongo({ dataDir: data, port, host, testCommands, synchronous });
  const stop = (): void => {
    // A client that does not let go must not hold up the end for ever.
    setTimeout(() => process.exit(0), 2500).unref();
    void server.close().then(() => process.exit(0));
  };
  process.on('SIGTERM', stop);
  process.on('SIGINT', stop);
  if (process.channel) {
    // Started by a launcher: without it there is nobody left to serve.
    // The servers that it started are closing down at this moment and still have something to write.
    process.on('disconnect', () => setTimeout(stop, 1500));
    process.channel.unref();
  }
  process.stdout.write(`${JSON.stringify({ ready: true, uri: server.uri })}\n`);
  // Now, because a process that is killed never comes to its end.
  flushCompileCache();
} catch (error) {
  process.stderr.write(`${(error as Error).message}\n`);
  process.exitCode = CANNOT_START;
}
