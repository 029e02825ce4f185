/** The parts of a moment on the clock of a time zone. */
function wall(at: number, timeZone: string): number {
  const parts = new Intl.DateTimeFormat('en-US', {
    timeZone,
    hourCycle: 'h23',
    year: 'numeric',
    month: 'numeric',
    day: 'numeric',
    hour: 'numeric',
    minute: 'numeric',
    second: 'numeric',
  }).formatToParts(at);
  const part = (type: string) => Number(parts.find((p) => p.type === type)?.value ?? 0);
  return Date.UTC(part('year'), part('month') - 1, part('day'), part('hour'), part('minute'), part('second'));
}

/**
 * The first moment of a local day, milliseconds since the epoch.
 *
 * @param at any moment of the day
 * @param timeZone IANA name
 * @param days days to go on from there: 1 is the next midnight
 */
export function startOfDay(at: number, timeZone: string, days = 0): number {
  const local = wall(at, timeZone);
  const midnight = Math.floor(local / 86_400_000) * 86_400_000 + days * 86_400_000;
  // The offset at the guess may differ from the offset at midnight: the second round uses the latter.
  let guess = midnight - (local - Math.floor(at / 1000) * 1000);
  for (let i = 0; i < 2; i++) guess += midnight - wall(guess, timeZone);
  // Where the clock jumps over midnight, the day begins with the first moment that exists.
  return guess;
}
