import type { Command } from '@opsboard/shared/protocol/envelope';
import type { CommandName } from '@opsboard/shared/protocol/deciders';
import { uuidv7From } from '@opsboard/shared/protocol/ids';
import type { Status } from '@opsboard/shared/batches/steps';
import { statuses } from '@opsboard/shared/batches/steps';
import { labelOf, mishapsOf } from './mishaps.ts';
import { Random } from './random.ts';
import { responseTo } from './responses.ts';
import { centers, customers } from './world.ts';

const minute = 60_000;
const hour = 60 * minute;
const day = 24 * hour;

/** Something that somebody did at a moment of the past, as a command. */
export type Deed = { at: number; actor: Doer; command: Command };
/** A person by id, or a system actor by name. */
export type Doer = { person: string } | { system: 'clock' | 'archive' };

/** The ids of the directory that the history points at. */
export type Directory = {
  branches: readonly string[];
  customers: readonly string[];
  centers: readonly string[];
  drivers: readonly string[];
  /** Who creates, seals and completes: for each branch, by index. */
  desks: readonly (readonly string[])[];
};

/** How many open batches there are in each status; 120 in all. */
const openCounts: readonly [Status, number][] = [
  ['draft', 14],
  ['sealed', 22],
  ['in_transit_to_center', 18],
  ['at_center', 47],
  ['in_transit_back', 19],
];
/** Of the open ones at the center or on the way back: past their date, and due within hours. */
const breachedCount = 5;
const dueSoonestCount = 11;
const pastCount = 2_000;
const pastDays = 42;
const archiveAfter = 3 * day;
const cancelledCount = 24;
const cancelReasons = ['Entered twice', 'Customer withdrew it', 'Wrong customer', 'Parts were not ready'] as const;

/**
 * Everything that happened in the demo world up to `now`, oldest first: 2,000 batches that came back over six weeks and
 * 120 that are open. Durations depend on the center, on the hour (little moves at night) and on the day (Monday
 * mornings and Friday afternoons are bad), so that some batches are late for reasons that analytics can find.
 */
export function historyUntil(now: number, directory: Directory, seed = 20_261): Deed[] {
  const random = new Random(seed);
  const parts = new PartPool(random);
  const plans = [...pastPlans(now, random), ...openPlans(now, random)].toSorted((a, b) => a.times[0]! - b.times[0]!);
  // A source of its own: what goes wrong does not change what was planned.
  const chance = new Random(seed + 1);
  const deeds: Deed[] = [];
  for (const plan of plans) deeds.push(...deedsOf(plan, now, directory, random, parts, chance));
  deeds.push(...cancelledDeeds(now, directory, chance), ...labelDeeds(deeds, chance));
  return deeds.toSorted((a, b) => a.at - b.at);
}

/** Makes a deed; its ids come from a source of numbers. */
export const deedFrom =
  (random: Random) =>
  <N extends CommandName>(at: number, actor: Doer, name: N, args: object): Deed => ({
    at,
    actor,
    command: { commandId: uuidv7From(at, random.bytes(10)), name, args } as unknown as Command,
  });

/** Drafts that were given up; their parts have numbers of their own, and go nowhere else. */
function cancelledDeeds(now: number, directory: Directory, chance: Random): Deed[] {
  const deed = deedFrom(chance);
  return Array.from({ length: cancelledCount }, (_, i) => {
    const at = Math.floor(byDay(now - chance.between(0.2, pastDays) * day, chance));
    const id = uuidv7From(at, chance.bytes(10));
    const branch = chance.whole(0, directory.branches.length - 1);
    const customer = weighted(customers, chance);
    const actor = { person: chance.pick(directory.desks[branch]!) };
    return [
      deed(at, actor, 'batch.create', {
        id,
        branch: directory.branches[branch],
        customer: directory.customers[customer],
        center: chance.pick(directory.centers),
        parts: Array.from({ length: chance.whole(1, 9) }, (__, n) => `P-${39_000 + i * 10 + n}`),
        dueAt: at + customers[customer]!.slaHours * hour,
      }),
      deed(at + chance.whole(4, 50) * minute, actor, 'batch.cancel', { id, reason: chance.pick(cancelReasons) }),
    ].filter(({ at: done }) => done < now);
  }).flat();
}

/** What the parts of open batches are. */
function labelDeeds(deeds: readonly Deed[], chance: Random): Deed[] {
  const deed = deedFrom(chance);
  const closed = new Set<unknown>();
  for (const { command } of deeds)
    if (command.name === 'batch.complete') closed.add((command.args as { id: string }).id);
  return deeds.flatMap(({ at, actor, command }) => {
    const { id, parts, customer } = command.args as { id: string; parts: string[]; customer: string };
    if (command.name !== 'batch.create' || closed.has(id)) return [];
    return parts.map((partId) =>
      deed(at - 1, actor, 'part.create', {
        id: uuidv7From(at, chance.bytes(10)),
        partId,
        label: labelOf(partId),
        customer,
      }),
    );
  });
}

/** One batch: when each status began, in the order of {@link statuses}, as far as it got. */
type Plan = { customer: number; center: number; times: number[] };

function pastPlans(now: number, random: Random): Plan[] {
  const plans: Plan[] = [];
  while (plans.length < pastCount) {
    const customer = weighted(customers, random);
    const center = random.whole(0, centers.length - 1);
    const created = byDay(now - random.between(0.6, pastDays) * day, random);
    const times = [created];
    for (const length of stageLengths(center, created, random))
      times.push(byDay(times[times.length - 1]! + length, random));
    // A batch that would still be under way belongs to the open ones, which are drawn apart.
    if (times[5]! < now - 10 * minute) plans.push({ customer, center, times });
  }
  return plans;
}

function stageLengths(center: number, created: number, random: Random): number[] {
  const { hours, spread } = centers[center]!;
  const weekday = new Date(created).getUTCDay();
  const bad = weekday === 5 || weekday === 1 ? 1.35 : 1;
  return [
    random.duration(1.1 * hour, 0.6),
    random.duration(2 * hour * bad, 0.5),
    random.duration(1.3 * hour, 0.35),
    random.duration(hours * 0.8 * hour * bad, spread),
    random.duration(1.6 * hour, 0.4),
  ];
}

function openPlans(now: number, random: Random): Plan[] {
  const plans: Plan[] = [];
  let breached = 0;
  let soonest = 0;
  for (const [status, count] of openCounts) {
    for (let i = 0; i < count; i++) {
      const customer = weighted(customers, random);
      const center = random.whole(0, centers.length - 1);
      const sla = customers[customer]!.slaHours * hour;
      const late = status === 'at_center' || status === 'in_transit_back';
      let age: number;
      if (late && breached < breachedCount && i % 6 === 1) {
        age = sla + random.between(0.2, 5.5) * hour;
        breached++;
      } else if (late && soonest < dueSoonestCount && i % 4 === 2) {
        age = sla - random.between(0.5, 9) * hour;
        soonest++;
      } else {
        age =
          {
            draft: () => random.between(0.1, 4),
            sealed: () => random.between(1.5, 9),
            in_transit_to_center: () => random.between(3, 12),
            at_center: () => random.between(7, 38),
            in_transit_back: () => random.between(24, 44),
            completed: () => 0,
          }[status]() * hour;
      }
      plans.push({ customer, center, times: openTimes(statuses.indexOf(status), now - age, now, random) });
    }
  }
  return plans;
}

/** Moments of the first `reached` steps between `created` and `now`: short at the desk, long at the center. */
function openTimes(reached: number, created: number, now: number, random: Random): number[] {
  const weights = [1.2, 2, 1.4, 26, 3].slice(0, reached + 1).map((weight) => weight * random.between(0.6, 1.4));
  const sum = weights.reduce((total, weight) => total + weight, 0);
  const times = [created];
  for (let i = 0; i < reached; i++) times.push(times[i]! + ((now - created) * weights[i]!) / sum);
  return times;
}

function deedsOf(
  plan: Plan,
  now: number,
  directory: Directory,
  random: Random,
  pool: PartPool,
  chance: Random,
): Deed[] {
  const times = plan.times.map(Math.floor);
  const reached = times.length - 1;
  const branch = random.whole(0, directory.branches.length - 1);
  const id = uuidv7From(times[0]!, random.bytes(10));
  const desk = () => ({ person: random.pick(directory.desks[branch]!) });
  const driver = random.pick(directory.drivers);
  const backDriver = random.next() < 0.6 ? driver : random.pick(directory.drivers);
  const count = Math.max(1, Math.round(random.duration(7, 0.65)));
  const dueAt = times[0]! + customers[plan.customer]!.slaHours * hour;
  const parts = pool.take(count, times[0]!, times[5] ?? Number.POSITIVE_INFINITY);
  const deed = deedFrom(random);
  const mishaps = mishapsOf(
    {
      id,
      times,
      parts,
      driver,
      desk: () => ({ person: chance.pick(directory.desks[branch]!) }),
      lead: { person: directory.desks[branch]![0]! },
      now,
    },
    chance,
    deedFrom(chance),
  );
  const assignedEarly = random.next() < 0.7;
  const deeds = [
    deed(times[0]!, desk(), 'batch.create', {
      id,
      branch: directory.branches[branch],
      customer: directory.customers[plan.customer],
      center: directory.centers[plan.center],
      parts,
      // By the contract alone: the plans above say how many are late, on whatever day of the week the demo begins.
      dueAt,
      ...(assignedEarly ? { driver } : {}),
    }),
  ];
  if (reached >= 1) deeds.push(deed(times[1]!, desk(), 'batch.seal', { id, count: parts.length }));
  if (reached >= 2)
    deeds.push(deed(times[2]!, { person: assignedEarly ? driver : desk().person }, 'batch.depart', { id, driver }));
  if (reached >= 3) deeds.push(deed(times[3]!, { person: driver }, 'batch.arrive', { id }));
  if (reached >= 4) deeds.push(deed(times[4]!, desk(), 'batch.departBack', { id, driver: backDriver }));
  const breach = dueAt + 20_000;
  // While it counted as completed, its date passed without anybody being told.
  const reopened = mishaps.completedBefore;
  if (breach < Math.min(now, times[5] ?? now) && (reopened === undefined || breach < reopened)) {
    deeds.push(deed(breach, { system: 'clock' }, 'batch.markBreached', { id, dueAt }));
    // Dice of its own, so that what is said about breaches changes nothing else of the world.
    const own = new Random(Number.parseInt(id.slice(-6), 16));
    const until = Math.min(now, reopened ?? times[5] ?? now);
    const room = () => ({ person: own.pick(directory.desks[branch]!) });
    deeds.push(...responseTo({ id, at: breach, until, desk: room }, own, deedFrom(own)));
  }
  if (reached >= 5) {
    deeds.push(
      deed(times[5]!, random.next() < 0.5 ? { person: backDriver } : desk(), 'batch.complete', {
        id,
        count: parts.length - mishaps.out,
      }),
    );
    const archive = times[5]! + archiveAfter + 5 * minute;
    if (archive < now) deeds.push(deed(archive, { system: 'archive' }, 'batch.archive', { id }));
  }
  return [...deeds, ...mishaps.deeds];
}

/** Work begins at 6 and ends at 20, by the clock of the organization near enough; what falls into the night waits. */
function byDay(at: number, random: Random): number {
  const local = at + 2 * hour;
  const midnight = Math.floor(local / day) * day;
  const inDay = local - midnight;
  if (inDay < 6 * hour) return midnight + 6 * hour + random.between(0, 90) * minute - 2 * hour;
  if (inDay > 20 * hour) return midnight + day + 6 * hour + random.between(0, 90) * minute - 2 * hour;
  return at;
}

function weighted(list: readonly { weight: number }[], random: Random): number {
  let at = random.next() * list.reduce((sum, item) => sum + item.weight, 0);
  return list.findIndex((item) => (at -= item.weight) < 0);
}

/** Physical parts: they come again, but are in one open batch at a time. */
class PartPool {
  #random: Random;
  /** When each part is free again. */
  #busyUntil = new Map<string, number>();
  #next = 40_000;

  constructor(random: Random) {
    this.#random = random;
  }

  take(count: number, from: number, until: number): string[] {
    const taken = new Set<string>();
    const known = this.#next - 40_000;
    while (taken.size < count) {
      const again = known > 500 && this.#random.next() < 0.25;
      const part = again ? `P-${40_000 + this.#random.whole(0, known - 1)}` : `P-${this.#next++}`;
      const free = this.#busyUntil.get(part) ?? 0;
      if (taken.has(part) || free > from) continue;
      taken.add(part);
      // Batches are drawn in order of creation, so that the end of the last one is all that must be known.
      this.#busyUntil.set(part, until + minute);
    }
    return [...taken];
  }
}
