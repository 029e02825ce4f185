import { weekdays, weekdayWords, type Weekday } from '@opsboard/shared/time/weekdays';

/** A week as it is filled in: two clock times, or closed. */
export type Week = { [D in Weekday]: { open: boolean; from: string; to: string } };
/** Opening hours as they are kept: minutes after midnight; a missing day is closed. */
export type Hours = { [D in Weekday]?: [number, number] };
const two = (value: number): string => String(value).padStart(2, '0');
/** Minutes after midnight as a clock shows them; 1440 is 24:00. */
export const clockOf = (minutes: number): string => `${two(Math.floor(minutes / 60))}:${two(minutes % 60)}`;

/** Reads `8`, `08:30`, `8.30` or `0830`; undefined: none of these. */
export function minutesOf(text: string): number | undefined {
  const found = /^\s*(\d{1,2})(?:[:.]?(\d{2}))?\s*$/.exec(text);
  if (!found) return undefined;
  const [hour, minute] = [Number(found[1]), Number(found[2] ?? 0)];
  const minutes = hour * 60 + minute;
  return minute < 60 && minutes <= 1440 ? minutes : undefined;
}

/** The week that a form begins with where nothing is known. */
export const usualWeek = (): Week => weekOf({ mon: usual, tue: usual, wed: usual, thu: usual, fri: usual });
const usual: [number, number] = [480, 1020];

/** Hours as a form shows them. */
export function weekOf(hours: Hours): Week {
  return Object.fromEntries(
    weekdays.map((day) => {
      const [from, to] = hours[day] ?? usual;
      return [day, { open: hours[day] !== undefined, from: clockOf(from), to: clockOf(to) }];
    }),
  ) as Week;
}

/** Reads a week as it was filled in: the hours, or the sentence that says what is wrong with it. */
export function readWeek(week: Week): { hours: Hours } | { wrong: string } {
  const hours: Hours = {};
  for (const day of weekdays) {
    const { open, from, to } = week[day];
    if (!open) continue;
    const range = [minutesOf(from), minutesOf(to)];
    if (range[0] === undefined || range[1] === undefined)
      return { wrong: `${weekdayWords[day]}: type times as 08:00 and 17:30, or take the tick out.` };
    // Midnight at the end is the end of that day.
    if (range[1] === 0) range[1] = 1440;
    if (range[0] >= range[1]) return { wrong: `${weekdayWords[day]}: it must close later than it opens.` };
    hours[day] = [range[0], range[1]];
  }
  return { hours };
}
