import type { Channel, MessageState } from '../messages/words.ts';
import { channels } from '../messages/words.ts';
import type { Batch } from './schema.ts';
import type { Response } from './response-schema.ts';
import { slaStatus } from './sla.ts';

/** The four steps of a breach response, in the order in which they are offered. Any order is allowed. */
export const responseSteps = ['call', 'date', 'notify', 'log'] as const;
export type ResponseStep = (typeof responseSteps)[number];

/** The words of a step: what is to be done. */
export const responseWords: { readonly [S in ResponseStep]: string } = {
  call: 'Call the service center',
  date: 'Set a new expected return date',
  notify: 'Notify customer',
  log: 'Log the reason',
};

/** `under_way`: a message has left a person's hands and its outcome is awaited. It is neither offered nor counted. */
export type StepState = 'open' | 'under_way' | 'done';

type Responding = Pick<Batch, 'status' | 'dueAt' | 'steps' | 'response' | 'archivedAt'>;

/** Where each step of a response stands; of none, every step is open. */
export function stepStates(response: Response | undefined): { readonly [S in ResponseStep]: StepState } {
  const done = (fact: object | undefined): StepState => (fact === undefined ? 'open' : 'done');
  return {
    call: done(response?.called),
    date: done(response?.dated),
    notify: notifyState(response),
    log: done(response?.logged),
  };
}

/**
 * A customer is notified when one message has been sent, or when a person says that they told them. What failed, and
 * what may or may not have arrived, does not count: the step is open again.
 */
function notifyState(response: Response | undefined): StepState {
  if (!response) return 'open';
  if (response.told) return 'done';
  const states: (MessageState | undefined)[] = channels.map((channel) => response[channel]?.state);
  if (states.includes('sent')) return 'done';
  return states.some((state) => state === 'queued' || state === 'sending') ? 'under_way' : 'open';
}

/** How many of the four steps are done. */
export function stepsDone(response: Response | undefined): number {
  const states = stepStates(response);
  return responseSteps.filter((step) => states[step] === 'done').length;
}

/** The first step that is open: the one that is offered. Undefined when all are done or under way. */
export function nextStep(response: Response | undefined): ResponseStep | undefined {
  const states = stepStates(response);
  return responseSteps.find((step) => states[step] === 'open');
}

export const isComplete = (response: Response): boolean => stepsDone(response) === responseSteps.length;

/** Whether an open batch has a response that is not finished, whatever its date says now. */
export function isResponding(batch: Responding): boolean {
  return (
    batch.response !== undefined &&
    batch.status !== 'completed' &&
    batch.archivedAt === undefined &&
    !isComplete(batch.response)
  );
}

/**
 * The response that a step would belong to now: the one on record, or a new one when the batch is breached and has
 * none for this breach (the clock has not put it on record yet). Undefined: there is nothing to respond to.
 */
export function currentResponse(batch: Responding, now: number): { response: Response; isNew: boolean } | undefined {
  const { response } = batch;
  const breached = slaStatus(batch, undefined, 1, now) === 'breached';
  if (breached && (!response || (isComplete(response) && response.breachOf !== batch.dueAt)))
    return { response: { breachOf: batch.dueAt, openedAt: now }, isNew: true };
  return response && { response, isNew: false };
}

/** What a breach changes of a response, as `set` and `unset` of the batch. */
export function breachOpens(
  batch: Responding,
  breachOf: number,
  now: number,
): { set: { [path: string]: unknown }; unset: string[] } {
  const { response } = batch;
  if (!response || (isComplete(response) && response.breachOf !== breachOf))
    return { set: { response: { breachOf, openedAt: now } satisfies Response }, unset: [] };
  if (response.breachOf === breachOf) return { set: {}, unset: [] };
  // The date that was set, and that the customer was told, has passed as well: both are owed again.
  const owed = (['dated', 'told', ...channels] as const).filter((name) => response[name] !== undefined);
  return { set: { 'response.breachOf': breachOf }, unset: owed.map((name) => `response.${name}`) };
}

/**
 * What a completion changes of a breach on record that was none: it was done in time, and told after the date had passed.
 * A response that nobody has begun goes with it; what was done stays on record.
 *
 * @param done when it was completed, milliseconds
 */
export function breachWithdrawn(
  batch: Responding & Pick<Batch, 'breachOf'>,
  done: number,
  now: number,
): { set: { [path: string]: unknown }; unset: string[]; why?: string } {
  const { breachOf, dueAt, response } = batch;
  if (breachOf !== dueAt || done > dueAt) return { set: {}, unset: [] };
  const begun = response && Object.keys(response).some((name) => name !== 'breachOf' && name !== 'openedAt');
  return {
    set: { breachWithdrawn: { of: dueAt, at: now } },
    unset: ['breachOf', ...(response && !begun ? ['response'] : [])],
    why: 'Done in time and told late: the breach is withdrawn',
  };
}

/** What a new expected return date ticks off, as `set` of the batch. */
export function datedBy(batch: Responding, now: number, at: number, by: string): { [path: string]: unknown } {
  return stepChange(batch, now, 'dated', { at, by });
}

/** Puts one fact on the response that is current at `now`; nothing when there is none. */
export function stepChange<F extends 'called' | 'dated' | 'told' | 'logged' | Channel>(
  batch: Responding,
  now: number,
  field: F,
  fact: NonNullable<Response[F]>,
): { [path: string]: unknown } {
  const current = currentResponse(batch, now);
  if (!current) return {};
  return current.isNew ? { response: { ...current.response, [field]: fact } } : { [`response.${field}`]: fact };
}
