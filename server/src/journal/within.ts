/** The database did not answer in time. What was asked of it may still happen. */
export class TimeoutError extends Error {
  override name = 'TimeoutError';
}

/**
 * What `work` comes to, unless it takes longer than `ms` milliseconds. A process that is frozen, or a line that is dead
 * without an end, would otherwise hold whoever waits for it.
 *
 * @throws {TimeoutError} then; `work` itself goes on
 */
export async function within<T>(ms: number, work: Promise<T>): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  try {
    return await Promise.race([
      work,
      new Promise<never>((_, reject) => {
        timer = setTimeout(() => reject(new TimeoutError(`no answer from the database for ${ms} ms`)), ms);
      }),
    ]);
  } finally {
    clearTimeout(timer);
  }
}
