import type { Center } from '../directory/schema.ts';
import type { Organization } from '../organization/schema.ts';
import { dateAfter, dateOf, minutesOf, momentAt } from '../time/days.ts';
import { weekdayOf } from '../time/weekdays.ts';

/** Why the proposed date is what it is, in order: the contract, days that do not count, and the next opening. */
export type ProposalStep =
  | { why: 'sla'; hours: number; at: number }
  /** A calendar day on which the center is closed as a whole; `name` of a holiday. */
  | { why: 'closed'; day: string; name?: string; at: number }
  /** It fell outside the opening hours, and was moved to the next opening. */
  | { why: 'opens'; at: number };

/** An expected return date with its reasons; each step carries the date as of then, milliseconds. */
export type Proposal = { dueAt: number; steps: ProposalStep[] };

type Opening = Pick<Center, 'hours' | 'holidays' | 'timeZone'>;

const hour = 3_600_000;
/** A center that never opens again would be looked at for ever. */
const furthest = 400;

/**
 * The expected return date proposed in an organization: its time zone and working hours are those of a center that has
 * none of its own.
 *
 * @param start when the contracted hours begin, milliseconds
 */
export function proposeIn(
  organization: Pick<Organization, 'timeZone' | 'hours'> | undefined,
  given: { start: number; slaHours: number; center: Opening },
): Proposal {
  const { center } = given;
  const own = center.hours !== undefined && Object.keys(center.hours).length > 0;
  const hours = own ? center.hours : organization?.hours;
  return proposeDueAt({
    ...given,
    center: { ...center, ...(hours === undefined ? {} : { hours }) },
    zone: organization?.timeZone ?? 'UTC',
  });
}

/**
 * The expected return date proposed: SLA hours after the start. Each day in that span on which the service center is
 * closed as a whole puts it off by a day, and where it then falls outside the opening hours it is the next opening. A
 * center without known hours counts as always open, but for its holidays.
 *
 * @param start when the contracted hours begin, milliseconds
 * @param zone the organization's time zone, where the center has none of its own
 */
export function proposeDueAt(given: { start: number; slaHours: number; center: Opening; zone: string }): Proposal {
  const { start, slaHours, center } = given;
  const zone = center.timeZone ?? given.zone;
  let dueAt = start + slaHours * hour;
  const steps: ProposalStep[] = [{ why: 'sla', hours: slaHours, at: dueAt }];
  const hasHours = center.hours !== undefined && Object.keys(center.hours).length > 0;
  const holidays = new Map(center.holidays?.map(({ date, name }) => [date, name]));
  if (!hasHours && holidays.size === 0) return { dueAt, steps };

  const hoursOf = (date: string): readonly [number, number] | undefined => {
    if (holidays.has(date)) return undefined;
    return hasHours ? center.hours![weekdayOf(date)] : [0, 1440];
  };
  let last = dateOf(dueAt, zone);
  for (let date = dateOf(start, zone), i = 0; date <= last && i < furthest; date = dateAfter(date, 1), i++) {
    if (hoursOf(date)) continue;
    // The same time of day, also across a change of summer time.
    const next = dateAfter(last, 1);
    dueAt = momentAt(next, minutesOf(dueAt, zone), zone);
    last = next;
    const name = holidays.get(date);
    steps.push({ why: 'closed', day: date, ...(name === undefined ? {} : { name }), at: dueAt });
  }
  const [opens, closes] = hoursOf(last) ?? [0, 1440];
  const minutes = minutesOf(dueAt, zone);
  if (minutes < opens) dueAt = momentAt(last, opens, zone);
  else if (minutes > closes) {
    let date = dateAfter(last, 1);
    for (let i = 0; i < furthest && !hoursOf(date); i++) date = dateAfter(date, 1);
    dueAt = momentAt(date, hoursOf(date)?.[0] ?? 0, zone);
  } else return { dueAt, steps };
  steps.push({ why: 'opens', at: dueAt });
  return { dueAt, steps };
}
