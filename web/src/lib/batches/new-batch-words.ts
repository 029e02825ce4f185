import type { ProposalStep } from '@opsboard/shared/batches/proposal';
import { dayTime } from '#lib/time/format.ts';

/**
 * Why a date is proposed, a phrase for each reason, each with the date as of then: `48 h after now: Mon 23 Nov, 14:00`,
 * `closed on Sunday: Tue 24 Nov, 14:00`.
 *
 * @param zone the zone that times are shown in
 */
export function proposalWords(steps: readonly ProposalStep[], zone: string): string[] {
  const phrases: string[] = [];
  for (let i = 0; i < steps.length; i++) {
    const step = steps[i]!;
    if (step.why === 'sla') phrases.push(`${step.hours}\u202fh after now: ${dayTime(step.at, zone)}`);
    else if (step.why === 'opens') phrases.push(`the center opens: ${dayTime(step.at, zone)}`);
    else {
      // Days that are closed one after the other are one reason.
      const days = [step];
      for (let next = steps[i + 1]; next?.why === 'closed'; next = steps[++i + 1]) days.push(next);
      phrases.push(`${closedWords(days)}: ${dayTime(days.at(-1)!.at, zone)}`);
    }
  }
  return phrases;
}

type Closed = Extract<ProposalStep, { why: 'closed' }>;

function closedWords(days: readonly Closed[]): string {
  if (days.length > 3) return `the center is closed on ${days.length} days`;
  const words = days.map(({ day, name }) => (name === undefined ? weekday(day) : `${name}, ${weekday(day)}`));
  const last = words.at(-1)!;
  return `closed on ${words.length === 1 ? last : `${words.slice(0, -1).join(', ')} and ${last}`}`;
}

const weekdays = new Intl.DateTimeFormat('en-GB', { weekday: 'long', timeZone: 'UTC' });
const weekday = (day: string): string => weekdays.format(Date.parse(`${day}T00:00:00Z`));
