/** Days of the week as opening hours name them, in their order. */
export const weekDays = [
  ['mon', 'Monday'],
  ['tue', 'Tuesday'],
  ['wed', 'Wednesday'],
  ['thu', 'Thursday'],
  ['fri', 'Friday'],
  ['sat', 'Saturday'],
  ['sun', 'Sunday'],
] as const;
export type WeekDay = (typeof weekDays)[number][0];
/** Opening hours: minutes after midnight; a missing day is closed. */
export type Week = { [D in WeekDay]?: [number, number] | undefined };

/** Minutes after midnight as a time field writes them: 1440, the end of a day, is `00:00`. */
export const timeOf = (minutes: number): string =>
  `${String(Math.floor(minutes / 60) % 24).padStart(2, '0')}:${String(minutes % 60).padStart(2, '0')}`;

/** Minutes after midnight; undefined for what is no time. */
export function minutesOf(time: string): number | undefined {
  const [, hours, minutes] = /^(\d{2}):(\d{2})/.exec(time) ?? [];
  return hours === undefined ? undefined : Number(hours) * 60 + Number(minutes);
}

/** The first day that closes before it opens; undefined: the hours can be. */
export const impossibleDay = (week: Week): string | undefined =>
  weekDays.find(([day]) => week[day] && week[day][0] >= week[day][1])?.[1];
