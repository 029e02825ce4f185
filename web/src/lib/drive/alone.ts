/** A page that waits so long for another one, milliseconds, takes its place: the system may have stopped that one. */
const patience = 30_000;

/**
 * Does something while no other page of this browser does it. Where the browser has no locks, and where another page was
 * stopped in the middle, two may do it at once: it has to be harmless.
 */
export async function alone<T>(name: string, work: () => Promise<T>): Promise<T> {
  if (typeof navigator === 'undefined' || !('locks' in navigator)) return work();
  const waiting = new AbortController();
  const timer = setTimeout(() => waiting.abort(), patience);
  try {
    return await navigator.locks.request(name, { signal: waiting.signal }, work);
  } catch (problem) {
    if (!waiting.signal.aborted) throw problem;
    return await navigator.locks.request(name, { steal: true }, work);
  } finally {
    clearTimeout(timer);
  }
}
