import { connect } from 'node:net';
import { mkdirSync } from 'node:fs';
import { setTimeout as pause } from 'node:timers/promises';
import { Redis } from 'ioredis';
import { Child, isRunning } from './child.ts';
import type { LogFile } from './log-file.ts';
import { freePort } from './ports.ts';
import { StartError } from './progress.ts';
import { needProgram } from './system-packages.ts';

/** Whether a Redis without a password answers on this machine. */
export function answersPing(port: number, host = '127.0.0.1', timeoutMs = 500): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect({ port, host });
    const end = (answers: boolean): void => {
      socket.destroy();
      resolve(answers);
    };
    socket.setTimeout(timeoutMs, () => end(false));
    socket.once('error', () => end(false));
    socket.once('connect', () => socket.write('PING\r\n'));
    socket.once('data', (data) => end(data.toString('latin1').startsWith('+PONG')));
    socket.once('close', () => end(false));
  });
}

/** Makes sure that the Redis that somebody named answers. @throws {StartError} */
export async function needRedisAt(url: string): Promise<void> {
  const redis = new Redis(url, {
    lazyConnect: true,
    connectTimeout: 5000,
    retryStrategy: () => null,
    maxRetriesPerRequest: 0,
  });
  let reason = '';
  redis.on('error', (error: Error) => (reason = error.message));
  try {
    await redis.connect();
    await redis.ping();
  } catch (error) {
    // Only the host: the password in the address must not reach the terminal.
    const { host } = new URL(url);
    throw new StartError(`The Redis at ${host} (REDIS_URL) does not answer: ${reason || (error as Error).message}.`);
  } finally {
    redis.disconnect();
  }
}

/**
 * Redis knows nothing of a launcher, so a shell watches beside it: when its stdin ends, the launcher is gone, and Redis is
 * ended a little later, for the board's processes still use it while they drain. A line on stdin ends it at once. The
 * process that the launcher has is Redis itself: whatever ends that one leaves no Redis behind that nobody knows of.
 */
const GUARD = `
redis=$$
exec 3<&0
( read -r line <&3 || { kill -0 $redis && sleep 2; } && kill -TERM $redis ) >/dev/null 2>&1 &
exec "$@" </dev/null 3<&-
`;

/**
 * A Redis of our own on a free port of the loopback interface, whose data survives in `folder`.
 *
 * @throws {StartError} where no `redis-server` is installed and it may not be installed unasked
 */
export async function planRedis(folder: string, log: LogFile): Promise<{ child: Child; url: string }> {
  const program = await needProgram('redis-server', 'redis-server', 'redis');
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  const port = await freePort();
  const options = {
    port: String(port),
    bind: '127.0.0.1',
    dir: folder,
    appendonly: 'yes',
    save: '',
    daemonize: 'no',
  };
  const child = new Child({
    name: 'Redis',
    command: 'sh',
    args: ['-c', GUARD, 'sh', program, ...Object.entries(options).flatMap(([name, value]) => [`--${name}`, value])],
    log,
    tether: 'line',
    ready: async (process) => {
      while (isRunning(process) && !(await answersPing(port))) await pause(20);
    },
    readyMs: 30_000,
    askToEnd: (process) => process.stdin?.end('end\n'),
  });
  return { child, url: `redis://127.0.0.1:${port}` };
}
