import { uuidv7From } from '@opsboard/shared/protocol/ids';
import { dateOf, momentAt } from '@opsboard/shared/time/days';
import type { Deed, Directory } from './history.ts';
import { deedFrom } from './history.ts';
import type { Random } from './random.ts';
import type { Load, Places, Trouble } from './routes.ts';
import { dayOf } from './routes.ts';
import { customers, timeZone } from './world.ts';

const minute = 60_000;
const hour = 60 * minute;
const day = 24 * hour;

/** How many days back there are routes. */
const pastDays = 3;

/** A day's routes: which driver, how many parcels of work out and back, when it begins, and what went wrong. */
const runs: readonly { driver: number; out: number; back: number; begins: number; vehicle: string }[] = [
  { driver: 0, out: 3, back: 2, begins: 8 * 60, vehicle: 'Van 1' },
  { driver: 1, out: 2, back: 3, begins: 8 * 60 + 30, vehicle: 'Van 2' },
  { driver: 4, out: 2, back: 2, begins: 9 * 60 + 15, vehicle: 'Van 5' },
  { driver: 6, out: 2, back: 1, begins: 11 * 60, vehicle: 'Cargo bike 1' },
];
/** By run, a different one each day. */
const troubles: readonly (Trouble | undefined)[] = ['closed', undefined, 'count', undefined, undefined];

/**
 * The finished routes of the last days, with the batches that rode on them: made for these routes, so that they take
 * nothing from the rest of the history, and back at their branches by now.
 *
 * @param now where the history ends
 */
export function pastRouteDeeds(now: number, places: Places, directory: Directory, random: Random): Deed[] {
  const deeds: Deed[] = [];
  let parts = 37_000;
  for (let ago = pastDays; ago >= 1; ago--) {
    const date = dateOf(now - ago * day, timeZone);
    for (const [i, run] of runs.entries()) {
      const home = run.driver % directory.branches.length;
      const [branch, driver] = [directory.branches[home]!, directory.drivers[run.driver]!];
      const desk = directory.desks[home]!.at(-1)!;
      const begins = momentAt(date, run.begins, timeZone);
      const planned = begins - 40 * minute;
      const load = (status: 'sealed' | 'at_center'): Load => {
        const partCount = random.whole(2, 8);
        const id = uuidv7From(begins - (status === 'sealed' ? 16 : 40) * hour, random.bytes(10));
        const center = random.pick(directory.centers);
        const names = Array.from({ length: partCount }, () => `P-${parts++}`);
        const given = { load: { id, status, branch, center, partCount }, parts: names, driver, desk, begins };
        deeds.push(...lifeOf(given, directory, random));
        return given.load;
      };
      const batches = [
        ...Array.from({ length: run.out }, () => load('sealed')),
        ...Array.from({ length: run.back }, () => load('at_center')),
      ];
      const trouble = troubles[(ago + i * 2) % troubles.length];
      const given = { now: begins + 9 * hour, places, begins, planned, vehicle: run.vehicle, trouble };
      deeds.push(...dayOf({ ...given, driver, branch, batches, desk }, random));
    }
  }
  return deeds.toSorted((a, b) => a.at - b.at);
}

type Life = { load: Load; parts: readonly string[]; driver: string; desk: string; begins: number };

/** What happened to a batch before its route, and after it: what was taken to a center comes back in the evening. */
function lifeOf({ load, parts, driver, desk, begins }: Life, directory: Directory, random: Random): Deed[] {
  const { id, branch, center, status } = load;
  const deed = deedFrom(random);
  const [room, road] = [{ person: desk }, { person: driver }];
  const customer = random.whole(0, customers.length - 1);
  const created = begins - (status === 'sealed' ? 16 : 40) * hour;
  const deeds = [
    deed(created, room, 'batch.create', {
      id,
      branch,
      customer: directory.customers[customer],
      center,
      parts: [...parts],
      dueAt: created + customers[customer]!.slaHours * hour,
    }),
    deed(created + 50 * minute, room, 'batch.seal', { id, count: parts.length }),
  ];
  if (status === 'at_center') {
    const left = created + 90 * minute + random.whole(0, 30) * minute;
    return [
      ...deeds,
      deed(left, room, 'batch.depart', { id, driver }),
      deed(left + random.whole(35, 70) * minute, road, 'batch.arrive', { id }),
    ];
  }
  const back = begins + 9 * hour + random.whole(0, 40) * minute;
  return [
    ...deeds,
    deed(back, room, 'batch.departBack', { id, driver }),
    deed(back + random.whole(30, 60) * minute, room, 'batch.complete', { id, count: parts.length }),
  ];
}
