const formats = new Map<string, Intl.DateTimeFormat>();

/** `Intl.DateTimeFormat` is dear to make and cheap to use: one for each zone. */
function formatOf(timeZone: string): Intl.DateTimeFormat {
  let format = formats.get(timeZone);
  if (!format) {
    format = new Intl.DateTimeFormat('en-US', {
      timeZone,
      hourCycle: 'h23',
      year: 'numeric',
      month: 'numeric',
      day: 'numeric',
      hour: 'numeric',
      minute: 'numeric',
      second: 'numeric',
    });
    formats.set(timeZone, format);
  }
  return format;
}

/** What the clock on the wall of a time zone shows at a moment, as if it were UTC. */
function wall(at: number, timeZone: string): number {
  const parts = formatOf(timeZone).formatToParts(at);
  const part = (type: string) => Number(parts.find((p) => p.type === type)?.value ?? 0);
  return Date.UTC(part('year'), part('month') - 1, part('day'), part('hour'), part('minute'), part('second'));
}

/** By how much the wall clock of a time zone is ahead of UTC at a moment, milliseconds. */
export function offsetAt(at: number, timeZone: string): number {
  return wall(at, timeZone) - Math.floor(at / 1000) * 1000;
}

const day = 86_400_000;

/** The moment at which a wall clock shows `local`; where it jumps over that, the first moment after the jump. */
function momentOf(local: number, guess: number, timeZone: string): number {
  // The offset at the guess may differ from the offset at the answer: the second round uses the latter.
  let at = guess;
  for (let i = 0; i < 2; i++) at += local - wall(at, timeZone);
  return at;
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
  const midnight = Math.floor(local / day) * day + days * day;
  return momentOf(midnight, midnight - (local - Math.floor(at / 1000) * 1000), timeZone);
}

/** A calendar day, as `2026-12-24`, of a moment in a time zone. */
export function dateOf(at: number, timeZone: string): string {
  return new Date(wall(at, timeZone)).toISOString().slice(0, 10);
}

/** The calendar day so many days after another. */
export function dateAfter(date: string, days: number): string {
  return new Date(Date.parse(`${date}T00:00:00Z`) + days * day).toISOString().slice(0, 10);
}

/** The moment at so many minutes on the wall clock of a calendar day in a time zone; 1440 is the next midnight. */
export function momentAt(date: string, minutes: number, timeZone: string): number {
  const local = Date.parse(`${date}T00:00:00Z`) + minutes * 60_000;
  return momentOf(local, local, timeZone);
}

/** Minutes since midnight on the wall clock of a time zone, with fractions. */
export function minutesOf(at: number, timeZone: string): number {
  return (wall(at, timeZone) % day) / 60_000;
}
