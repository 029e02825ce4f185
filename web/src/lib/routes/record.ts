import type { Batch } from '@opsboard/shared/batches/schema';
import type { ProofPart } from '@opsboard/shared/organization/driver-settings';
import { proofParts, type Proof } from '@opsboard/shared/organization/driver-settings';
import type { Route, Stop } from '@opsboard/shared/routes/schema';
import { hasEnded, isDone, lastStepOf } from '@opsboard/shared/routes/stops';
import { dateOf } from '@opsboard/shared/time/days';
import { fromLocalInput, hourMinute, toLocalInput } from '#lib/time/format.ts';
import { momentOn } from './day.ts';

/** What can be put on record at a stop. `key` names it among those of its stop. */
export type StopStep =
  | { readonly key: string; readonly what: 'arrive' | 'depart' | 'skip' }
  | { readonly key: string; readonly what: 'pick_up' | 'hand_over'; readonly batch: string };

/**
 * What a desk can put on record at a stop, in the order in which it is usually done: handed over before it is picked
 * up, because the car has to be emptied first.
 */
export function stepsAt(stop: Stop): StopStep[] {
  if (hasEnded(stop)) return [];
  const work = (what: 'pick_up' | 'hand_over', batches: readonly string[]): StopStep[] =>
    batches.filter((batch) => !isDone(stop, batch)).map((batch) => ({ key: `${what}/${batch}`, what, batch }));
  return [
    ...(stop.arrived ? [] : [{ key: 'arrive', what: 'arrive' } as const]),
    ...work('hand_over', stop.handOver),
    ...work('pick_up', stop.pickUp),
    ...(stop.arrived ? [{ key: 'depart', what: 'depart' } as const] : []),
    { key: 'skip', what: 'skip' },
  ];
}

/** What is next at a stop when `done` is on record there; undefined when that was the end of it. */
export function following(stop: Stop, done: StopStep): StopStep | undefined {
  if (done.what === 'depart' || done.what === 'skip') return undefined;
  // Whatever was done there, the driver has arrived.
  const reached = stop.arrived ? stop : { ...stop, arrived: { at: 0, by: '' } };
  return stepsAt(reached).find(({ key }) => key !== done.key);
}

/** When the step before was done, milliseconds: on the route, and on the batch that is moved. */
export const stepBefore = (route: Route, batch: Pick<Batch, 'since'> | undefined): number =>
  Math.max(lastStepOf(route), batch?.since ?? 0);

const minute = 60_000;

/** How a time is asked for: the hour alone, unless the step before was on another day. */
export const askedWithDay = (before: number, now: number, zone: string): boolean =>
  dateOf(before, zone) !== dateOf(now, zone);

/** A moment as the field shows it. */
export const shownMoment = (at: number, withDay: boolean, zone: string): string =>
  withDay ? toLocalInput(at, zone) : hourMinute(at, zone);

/**
 * When something was done, from what a field says; a sentence where that cannot be.
 *
 * @param text `14:02`, or with its day as `2026-12-24T14:02`
 * @param before when the step before was done: nothing was done earlier. Milliseconds, as the answer
 */
export function doneMoment(
  text: string,
  { before, now, zone }: { before: number; now: number; zone: string },
): { at: number } | { why: string } {
  const at = text.includes('T') ? fromLocalInput(text, zone) : momentOn(dateOf(now, zone), text, zone);
  if (at === undefined) return { why: 'Give the time at which it was done.' };
  if (at > now) return { why: 'That time lies ahead. Give the time at which it was done.' };
  // People give minutes: what was done in the same one was done after it.
  if (at < Math.floor(before / minute) * minute) {
    const day = askedWithDay(before, now, zone) ? `${dateOf(before, zone)}, ` : '';
    return { why: `The step before was done at ${day}${hourMinute(before, zone)}. Give that time or a later one.` };
  }
  return { at: Math.max(at, before) };
}

const proofWords: { readonly [P in ProofPart]: string } = {
  receiver: 'the name of who received it',
  signature: 'their signature',
  photo: 'a photo',
};

/** What is required as proof and a desk does not have, in words; undefined: nothing. */
export function proofLacking(proof: Proof, given: { readonly receiver: string }): string | undefined {
  const lacking = proofParts.filter(
    (part) => proof[part] === 'required' && !(part === 'receiver' && given.receiver.trim() !== ''),
  );
  return lacking.length === 0 ? undefined : lacking.map((part) => proofWords[part]).join(' and ');
}
