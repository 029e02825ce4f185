import { MongoError } from '../../errors.ts';

/** Milliseconds that local time is ahead of UTC, at a moment. */
export interface Zone {
  readonly utc: boolean;
  readonly offsetAt: (time: number) => number;
}

export const UTC: Zone = { utc: true, offsetAt: () => 0 };

const zones = new Map<string, Zone>([
  ['UTC', UTC],
  ['GMT', UTC],
  ['Z', UTC],
]);
// Offsets change at quarters of an hour at most; within one a zone's answer is remembered.
const QUARTER = 900_000;

function namedZone(name: string): Zone | undefined {
  let format: Intl.DateTimeFormat;
  try {
    format = new Intl.DateTimeFormat('en-US', {
      timeZone: name,
      hourCycle: 'h23',
      era: 'short',
      year: 'numeric',
      month: 'numeric',
      day: 'numeric',
      hour: 'numeric',
      minute: 'numeric',
      second: 'numeric',
    });
  } catch {
    return undefined;
  }
  const known = new Map<number, number>();
  const offsetAt = (time: number): number => {
    const quarter = Math.floor(time / QUARTER);
    const remembered = known.get(quarter);
    if (remembered !== undefined) return remembered;
    const start = quarter * QUARTER;
    const parts: Record<string, string> = {};
    for (const { type, value } of format.formatToParts(start)) parts[type] = value;
    const year = parts['era'] === 'BC' ? 1 - Number(parts['year']) : Number(parts['year']);
    const local = new Date(0);
    local.setUTCFullYear(year, Number(parts['month']) - 1, Number(parts['day']));
    local.setUTCHours(Number(parts['hour']), Number(parts['minute']), Number(parts['second']));
    const offset = local.getTime() - start;
    if (known.size > 10_000) known.clear();
    known.set(quarter, offset);
    return offset;
  };
  return { utc: false, offsetAt };
}

/** The zone of an Olson name or an offset such as "+02:00". Throws 40485 for what is neither. */
export function zoneOf(name: string): Zone {
  const known = zones.get(name);
  if (known) return known;
  const match = /^([+-])(\d\d)(?::?(\d\d))?$/.exec(name);
  let zone: Zone | undefined;
  if (match) {
    const offset = (match[1] === '-' ? -1 : 1) * (Number(match[2]) * 3_600_000 + Number(match[3] ?? 0) * 60_000);
    zone = { utc: offset === 0, offsetAt: () => offset };
  } else if (/^[A-Za-z]/.test(name)) zone = namedZone(name);
  if (!zone) throw new MongoError(40485, `unrecognized time zone identifier: "${name}"`);
  if (zones.size > 1000) zones.clear();
  zones.set(name, zone);
  return zone;
}

/** The moment at which clocks of a zone show a local time, given as milliseconds as if it were UTC. */
export function fromLocal(local: number, zone: Zone): number {
  const first = local - zone.offsetAt(local);
  return local - zone.offsetAt(first);
}

/** A moment's local time, as a Date whose UTC fields are the local ones. */
export function toLocal(time: number, zone: Zone): Date {
  return new Date(time + zone.offsetAt(time));
}
