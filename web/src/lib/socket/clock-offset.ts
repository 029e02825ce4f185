/** One exchange with the server's clock. Local times are monotonic milliseconds (`performance.now()`). */
export type ClockSample = { sentAt: number; receivedAt: number; serverNow: number };

/**
 * How far the server's clock is ahead of the local monotonic one: from the exchange that was fastest, because half of
 * its round trip bounds the error.
 */
export function offsetOf(samples: readonly ClockSample[]): number | undefined {
  let best: ClockSample | undefined;
  for (const sample of samples) {
    if (!best || sample.receivedAt - sample.sentAt < best.receivedAt - best.sentAt) best = sample;
  }
  return best && best.serverNow - (best.sentAt + best.receivedAt) / 2;
}
