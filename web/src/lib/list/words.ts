import { clockTime, duration } from '#lib/time/format.ts';

const hour = 3_600_000;

/** A duration that is watched: with seconds under an hour, `37:08`, in its two largest units above, `2 h 14 m`. */
export function running(ms: number): string {
  const span = Math.abs(ms);
  return span < hour ? clockTime(span).replace(/^0:/, '') : duration(span);
}

/** A count among words, written as `counted` writes it: `2,200 of 10,000`. */
export const grouped = (n: number): string => n.toLocaleString('en-GB');
