import { duration, spoken } from '#lib/time/format.ts';

const minute = 60_000;

/** "14 m late", "7 m early", "on time": within a minute nobody is either. */
export function lateWords(late: number): string {
  if (Math.abs(late) < minute) return 'on time';
  return `${duration(late)} ${late > 0 ? 'late' : 'early'}`;
}

/** "47 m over" or "1 h 13 m left". */
export const dueWords = (dueAt: number, now: number): string =>
  now > dueAt ? `${duration(now - dueAt)} over` : `${duration(dueAt - now)} left`;

/** For ears: "47 minutes over". */
export const dueSpoken = (dueAt: number, now: number): string =>
  now > dueAt ? `${spoken(now - dueAt)} over` : `${spoken(dueAt - now)} left`;
