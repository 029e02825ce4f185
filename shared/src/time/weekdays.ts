/** The days of a week from Monday on, by the keys of opening hours, with their names. */
export const weekdayWords = {
  mon: 'Monday',
  tue: 'Tuesday',
  wed: 'Wednesday',
  thu: 'Thursday',
  fri: 'Friday',
  sat: 'Saturday',
  sun: 'Sunday',
} as const;
export type Weekday = keyof typeof weekdayWords;
export const weekdays = Object.keys(weekdayWords) as readonly Weekday[];

/** The weekday of a calendar day. */
export function weekdayOf(date: string): Weekday {
  return weekdays[(new Date(`${date}T00:00:00Z`).getUTCDay() + 6) % 7]!;
}
