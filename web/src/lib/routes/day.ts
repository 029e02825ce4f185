import { dateAfter, dateOf, momentAt } from '@opsboard/shared/time/days';
import { dayName } from '#lib/time/format.ts';

/** The day that an address asks for; today's where it names none. */
export function dayFrom(params: Pick<URLSearchParams, 'get'>, now: number, zone: string): string {
  const asked = params.get('day');
  return asked !== null && isDay(asked) ? asked : dateOf(now, zone);
}

/** Whether a text names a day of the calendar: `2026-02-30` does not. */
export function isDay(text: string): boolean {
  if (!/^\d{4}-\d\d-\d\d$/.test(text)) return false;
  const at = Date.parse(`${text}T00:00:00Z`);
  return !Number.isNaN(at) && new Date(at).toISOString().slice(0, 10) === text;
}

/** A day as people say it: `Today, Thu 15 Oct`. */
export function dayWords(day: string, now: number, zone: string): string {
  const today = dateOf(now, zone);
  const name = dayName(momentAt(day, 720, zone), zone);
  if (day === today) return `Today, ${name}`;
  if (day === dateAfter(today, 1)) return `Tomorrow, ${name}`;
  if (day === dateAfter(today, -1)) return `Yesterday, ${name}`;
  return name;
}

/**
 * A time of a day, as `14:10` of a field, as a moment in the organization's zone; undefined where the field says none.
 */
export function momentOn(day: string, time: string, zone: string): number | undefined {
  const found = /^(\d\d):(\d\d)/.exec(time);
  return found ? momentAt(day, Number(found[1]) * 60 + Number(found[2]), zone) : undefined;
}

/**
 * When a new route of a day would begin: eight in the morning; today, when that is over, the next quarter of an hour
 * that leaves time to load.
 */
export function usualStart(day: string, now: number, zone: string): number {
  const morning = momentAt(day, 8 * 60, zone);
  const quarter = 15 * 60_000;
  return dateOf(now, zone) === day && now > morning - quarter
    ? Math.ceil((now + quarter) / quarter) * quarter
    : morning;
}
