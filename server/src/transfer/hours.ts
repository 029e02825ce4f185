import type { Weekday } from '@opsboard/shared/time/weekdays';

/** Opening hours as a center has them: minutes after local midnight, by day; a missing day is closed. */
export type Hours = { [D in Weekday]?: [number, number] };

const two = (value: number): string => String(value).padStart(2, '0');
const clock = (minutes: number): string => `${two(Math.floor(minutes / 60))}:${two(minutes % 60)}`;

/** `08:00-17:00`, or `closed`. */
export const writeHours = (range: readonly [number, number] | undefined): string =>
  range ? `${clock(range[0])}-${clock(range[1])}` : 'closed';

/** Reads `08:00-17:00`, `8-17`, `8.30 – 17.00`, `0800-1700` or `closed`; undefined: none of these, or it closes before it opens. */
export function readHours(text: string): [number, number] | 'closed' | undefined {
  if (/^(closed|[-–—x])$/i.test(text)) return 'closed';
  const found = /^(\d{1,2})(?:[:.]?(\d{2}))?\s*(?:[-–—]|to)\s*(\d{1,2})(?:[:.]?(\d{2}))?$/i.exec(text);
  if (!found) return undefined;
  const minutes = (hour = '', minute = '0'): number => (Number(minute) < 60 ? Number(hour) * 60 + Number(minute) : NaN);
  const range: [number, number] = [minutes(found[1], found[2]), minutes(found[3], found[4])];
  // Midnight at the end is the end of that day.
  if (range[1] === 0) range[1] = 1440;
  return range.every((value) => value >= 0 && value <= 1440) && range[0] < range[1] ? range : undefined;
}

/** `2026-12-25 Christmas Day; 2026-12-26 Boxing Day`; a semicolon or backslash in a name gets a backslash. */
export const writeHolidays = (holidays: readonly { date: string; name: string }[]): string =>
  // A list without days must not read as if nothing had been given.
  holidays.length === 0
    ? 'none'
    : holidays.map(({ date, name }) => `${date} ${name.replace(/[\\;]/g, (sign) => `\\${sign}`)}`).join('; ');

/** The inverse of {@link writeHolidays}; undefined when a part of it is not a day with a name. */
export function readHolidays(text: string): { date: string; name: string }[] | undefined {
  if (text.toLowerCase() === 'none') return [];
  const holidays: { date: string; name: string }[] = [];
  for (const [, piece = ''] of text.matchAll(/((?:\\.|[^\\;])+)(?:;|$)/gsu)) {
    const [, date = '', name = ''] = /^\s*(\d{4}-\d{2}-\d{2})[\s:,]\s*(.+?)\s*$/su.exec(piece) ?? [];
    if (date === '') {
      if (piece.trim() === '') continue;
      return undefined;
    }
    holidays.push({ date, name: name.replace(/\\(.)/gsu, '$1') });
  }
  return holidays.length === 0 ? undefined : holidays;
}
