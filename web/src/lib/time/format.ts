import { startOfDay } from '@opsboard/shared/time/days';

/**
 * How moments and durations are written. Figures and their units stay together: a thin gap inside ("2 h"), a no-break
 * space between ("2 h 14 m"), so that a time never wraps.
 */

const THIN = '\u202f';
const GAP = '\u00a0';

const MINUTE = 60_000;
const HOUR = 3_600_000;
const DAY = 86_400_000;

const unit = (value: number, word: string): string => `${value}${THIN}${word}`;
const two = (value: number): string => String(value).padStart(2, '0');

/**
 * A duration in its two largest units: `45 s`, `38 m`, `2 h 14 m`, `1 d 5 h`. Whole units passed, never rounded up,
 * so that "1 m left" does not read "2 m". The sign is dropped: say "over" or "left" beside it.
 *
 * @param ms milliseconds
 */
export function duration(ms: number): string {
  const span = Math.abs(ms);
  if (span < MINUTE) return unit(Math.floor(span / 1000), 's');
  if (span < HOUR) return unit(Math.floor(span / MINUTE), 'm');
  if (span < DAY) {
    const hours = Math.floor(span / HOUR);
    return unit(hours, 'h') + GAP + `${two(Math.floor((span % HOUR) / MINUTE))}${THIN}m`;
  }
  const days = Math.floor(span / DAY);
  if (days >= 14) return unit(days, 'd');
  return unit(days, 'd') + GAP + unit(Math.floor((span % DAY) / HOUR), 'h');
}

/** A duration for ears: "2 hours 14 minutes". Screen readers spell "h" and "m" as letters. */
export function spoken(ms: number): string {
  const span = Math.abs(ms);
  const say = (value: number, word: string): string => `${value} ${word}${value === 1 ? '' : 's'}`;
  if (span < MINUTE) return 'less than a minute';
  if (span < HOUR) return say(Math.floor(span / MINUTE), 'minute');
  if (span < DAY) return `${say(Math.floor(span / HOUR), 'hour')} ${say(Math.floor((span % HOUR) / MINUTE), 'minute')}`;
  return `${say(Math.floor(span / DAY), 'day')} ${say(Math.floor((span % DAY) / HOUR), 'hour')}`;
}

/**
 * A running clock, `h:mm:ss`. Hours go on past 24, days are not a unit of a countdown.
 *
 * @param ms milliseconds; the sign is dropped
 */
export function clockTime(ms: number): string {
  const seconds = Math.floor(Math.abs(ms) / 1000);
  return `${Math.floor(seconds / 3600)}:${two(Math.floor((seconds % 3600) / 60))}:${two(seconds % 60)}`;
}

/** A countdown to `due`, with `+` once it has passed. */
export function countdown(due: number, now: number): string {
  return now > due ? `+${clockTime(now - due)}` : clockTime(due - now);
}

/** `mm:ss`, or `h:mm:ss` from an hour on: how long a line has been cut. */
export function cutFor(ms: number): string {
  const seconds = Math.max(0, Math.floor(ms / 1000));
  return seconds >= 3600 ? clockTime(ms) : `${two(Math.floor(seconds / 60))}:${two(seconds % 60)}`;
}

const formats = new Map<string, Intl.DateTimeFormat>();

/** `Intl.DateTimeFormat` is dear to make and cheap to use: one for each zone and shape. */
function format(zone: string, key: string, options: Intl.DateTimeFormatOptions): Intl.DateTimeFormat {
  const name = `${zone}/${key}`;
  let made = formats.get(name);
  if (!made) {
    made = new Intl.DateTimeFormat('en-GB', { timeZone: zone, ...options });
    formats.set(name, made);
  }
  return made;
}

function parts(made: Intl.DateTimeFormat, at: number): Record<string, string> {
  const found: Record<string, string> = {};
  for (const part of made.formatToParts(at)) found[part.type] = part.value;
  return found;
}

const HOURS: Intl.DateTimeFormatOptions = { hour: '2-digit', minute: '2-digit', hourCycle: 'h23' };

/** `14:32` in the organization's zone. */
export const hourMinute = (at: number, zone: string): string => format(zone, 'hm', HOURS).format(at);

/** `14:32:08`. */
export const hourMinuteSecond = (at: number, zone: string): string =>
  format(zone, 'hms', { ...HOURS, second: '2-digit' }).format(at);

/** `Thu 15 Oct`. */
export function dayName(at: number, zone: string): string {
  const p = parts(format(zone, 'day', { weekday: 'short', day: 'numeric', month: 'short' }), at);
  return `${p['weekday']} ${p['day']} ${p['month']}`;
}

/** `Thu 15 Oct, 14:32`. */
export const dayTime = (at: number, zone: string): string => `${dayName(at, zone)}, ${hourMinute(at, zone)}`;

/** `Thu 15 Oct 2026, 14:32:08`: what a hover shows. */
export function absolute(at: number, zone: string): string {
  const p = parts(format(zone, 'year', { weekday: 'short', day: 'numeric', month: 'short', year: 'numeric' }), at);
  return `${p['weekday']} ${p['day']} ${p['month']} ${p['year']}, ${hourMinuteSecond(at, zone)}`;
}

/** The calendar day in a zone, `2026-10-15`: compares and sorts as text. */
export function dayKey(at: number, zone: string): string {
  const p = parts(format(zone, 'key', { year: 'numeric', month: '2-digit', day: '2-digit' }), at);
  return `${p['year']}-${p['month']}-${p['day']}`;
}

/** Today `14:32`, otherwise `Tue 15:52` within a week, otherwise `3 Oct`. */
export function shortWhen(at: number, now: number, zone: string): string {
  if (dayKey(at, zone) === dayKey(now, zone)) return hourMinute(at, zone);
  const p = parts(format(zone, 'day', { weekday: 'short', day: 'numeric', month: 'short' }), at);
  return Math.abs(now - at) < 6 * DAY ? `${p['weekday']} ${hourMinute(at, zone)}` : `${p['day']} ${p['month']}`;
}

/** Minutes that a zone is ahead of UTC at a moment. */
function offsetMinutes(at: number, zone: string): number {
  const p = parts(
    format(zone, 'full', {
      year: 'numeric',
      month: '2-digit',
      day: '2-digit',
      hour: '2-digit',
      minute: '2-digit',
      second: '2-digit',
      hourCycle: 'h23',
    }),
    at,
  );
  const wall = Date.UTC(
    Number(p['year']),
    Number(p['month']) - 1,
    Number(p['day']),
    Number(p['hour']),
    Number(p['minute']),
    Number(p['second']),
  );
  return Math.round((wall - Math.floor(at / 1000) * 1000) / MINUTE);
}

/** A moment as `datetime-local` wants it, on the zone's wall clock: `2026-10-15T14:32`. */
export function toLocalInput(at: number, zone: string): string {
  return new Date(at + offsetMinutes(at, zone) * MINUTE).toISOString().slice(0, 16);
}

/**
 * The moment that a `datetime-local` value names in a zone, or `undefined` when it names none. In the hour that a
 * change of summer time skips or doubles, the later reading is taken.
 */
export function fromLocalInput(value: string, zone: string): number | undefined {
  const wall = Date.parse(`${value}Z`);
  if (!/^\d{4}-\d\d-\d\dT\d\d:\d\d/.test(value) || Number.isNaN(wall)) return undefined;
  // The offset belongs to the moment, which is not known yet: guess, then correct once.
  const guess = wall - offsetMinutes(wall, zone) * MINUTE;
  return wall - offsetMinutes(guess, zone) * MINUTE;
}

/** The calendar day that `at` lies in: its first moment and the first of the next, so 23 to 25 hours apart. */
export function dayOf(at: number, zone: string): { start: number; end: number } {
  // Asked again and again for the same day, and a calendar takes its time.
  if (lastDay?.zone !== zone || at < lastDay.start || at >= lastDay.end) {
    lastDay = { zone, start: startOfDay(at, zone), end: startOfDay(at, zone, 1) };
  }
  return lastDay;
}
let lastDay: { readonly zone: string; readonly start: number; readonly end: number } | undefined;

const grouped = new Intl.NumberFormat('en-GB');

/** `3 parts`, `1 part`. */
export const counted = (n: number, one: string, many: string = `${one}s`): string =>
  `${grouped.format(n)} ${n === 1 ? one : many}`;

/** Figures of four digits and more get a thin gap by thousands: `10 000`. */
export const figure = (n: number): string => String(n).replace(/\B(?=(\d{3})+(?!\d))/g, THIN);
