import type { DriverPosition, Fix } from '@opsboard/shared/positions/schema';

/**
 * Where a driver was last. `text` is the {@link DriverPosition} as JSON: made once, where the phone is connected, and
 * written as it is to Redis, to other processes and to every desk.
 */
export type Latest = { route: string; at: number; text: string };

/** As much as a phone can know: a tenth of a metre, a degree, a decimetre a second. */
export const rounded = ({ point: [lon, lat], heading, speed }: Fix) =>
  [
    Math.round(lon * 1e6) / 1e6,
    Math.round(lat * 1e6) / 1e6,
    heading === undefined ? null : Math.round(heading) % 360,
    speed === undefined ? null : Math.round(speed * 10) / 10,
  ] as const;

export function latestOf(driver: string, route: string, fix: Fix): Latest {
  const [lon, lat, heading, speed] = rounded(fix);
  const position: DriverPosition = [driver, route, lon, lat, fix.at, heading, speed];
  return { route, at: fix.at, text: JSON.stringify(position) };
}

/** As it is stored: the time stands in front, where Redis compares it. */
export const stored = ({ at, text }: Latest): string => `${at}|${text}`;

/** @throws {Error} on what is not a stored position: another release may have written it */
export function readStored(value: string): Latest {
  const text = value.slice(value.indexOf('|') + 1);
  const [, route, , , at] = JSON.parse(text) as DriverPosition;
  if (typeof route !== 'string' || typeof at !== 'number') throw new Error('this is no position');
  return { route, at, text };
}
