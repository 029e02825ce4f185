/**
 * A process that was started by the launcher holds a channel to it. The kernel closes the channel whenever the launcher
 * ends, even by SIGKILL, so a process that listens to it never outlives its launcher.
 */

const supervised = process.env['OPSBOARD_SUPERVISED'] === '1' && process.send !== undefined;

/**
 * Calls `stop` once, when the process is asked to end: SIGTERM, SIGINT, or the launcher is gone. `stop` drains and then
 * lets the process end; a second signal ends it at once.
 *
 * @param stop receives the reason, for the log
 * @param deadlineMs a drain that takes longer is cut short with exit code 1
 */
export function onStop(
  stop: (reason: 'SIGTERM' | 'SIGINT' | 'launcher gone') => void | Promise<void>,
  deadlineMs = 10_000,
): void {
  let stopping = false;
  const run = (reason: 'SIGTERM' | 'SIGINT' | 'launcher gone'): void => {
    if (stopping) {
      if (reason !== 'launcher gone') process.exit(1);
      return;
    }
    stopping = true;
    setTimeout(() => process.exit(1), deadlineMs).unref();
    const fail = (error: unknown): never => {
      process.stderr.write(`${error instanceof Error ? error.stack : String(error)}\n`);
      process.exit(1);
    };
    try {
      Promise.resolve(stop(reason)).catch(fail);
    } catch (error) {
      fail(error);
    }
  };
  process.on('SIGTERM', () => run('SIGTERM'));
  process.on('SIGINT', () => run('SIGINT'));
  if (supervised) {
    process.once('disconnect', () => run('launcher gone'));
    // Listening holds the process open; it must end by itself when all else is closed.
    process.channel?.unref();
    if (!process.connected) run('launcher gone');
  }
}

/** Tells the launcher, if there is one, that the process serves; `url` is where, for a process with a port. */
export function reportReady(url?: string): void {
  if (supervised) process.send?.({ ready: true, ...(url === undefined ? {} : { url }) });
}
