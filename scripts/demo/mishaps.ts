import type { Deed, Doer } from './history.ts';
import type { Random } from './random.ts';

const minute = 60_000;

/** One batch of the history, as far as it got. */
export type Told = {
  id: string;
  /** When each status began, in order, milliseconds. */
  times: readonly number[];
  parts: readonly string[];
  driver: string;
  desk: () => Doer;
  /** Who may reopen what was completed. */
  lead: Doer;
  now: number;
};

/** Makes a deed of a moment, somebody and a command. */
type Say = (at: number, actor: Doer, name: Deed['command']['name'], args: object) => Deed;

/** What went otherwise than planned with one batch: what was done about it, and what follows for the rest of its way. */
export type Mishaps = {
  deeds: Deed[];
  /** Parts that are missing when it is completed. */
  out: number;
  /** It was completed once before, at this time, and reopened. */
  completedBefore?: number;
};

const notes = [
  'Spoke to the workshop: two boards are on back order, the rest is ready tonight.',
  'Customer asked for the invoice with this batch.',
  'Please keep the cases: they go back in the same boxes.',
  'Driver rang: the ramp is closed, use the yard at the back.',
];

/**
 * What really happens, to about one batch in eight: some are handed over before they depart, and now and then a part is
 * lost, a step is recorded too early, or a batch is completed before everything is there.
 */
export function mishapsOf(told: Told, chance: Random, say: Say): Mishaps {
  const { id, times, parts, driver, desk, lead, now } = told;
  const deeds: Deed[] = [];
  const between = (a: number, b: number, share: number): number => Math.floor(a + (b - a) * share);
  const [, sealed, departed, arrived, left, completed] = times;

  const waits = sealed === undefined ? 0 : (departed ?? now) - sealed;
  if (sealed !== undefined && waits > 10 * minute && chance.next() < 0.45) {
    const at = between(sealed, departed ?? now, 0.7);
    deeds.push(say(at, desk(), 'batch.handOver', { id, driver, count: parts.length }));
  }
  if (departed !== undefined && arrived !== undefined && arrived - departed > 30 * minute && chance.next() < 0.02) {
    const early = between(departed, arrived, 0.5);
    deeds.push(say(early, desk(), 'batch.arrive', { id }));
    deeds.push(
      say(early + 4 * minute, desk(), 'batch.takeBack', {
        id,
        from: 'at_center',
        reason: 'Recorded for the wrong batch',
      }),
    );
  }
  let out = 0;
  if (arrived !== undefined && (left ?? now) - arrived > 60 * minute && parts.length > 3 && chance.next() < 0.03) {
    const at = between(arrived, left ?? now, 0.8);
    const scrapped = chance.next() < 0.6;
    const part = parts[parts.length - 1];
    deeds.push(
      say(at, desk(), 'batch.settleParts', {
        id,
        parts: [part],
        how: scrapped ? 'scrapped' : 'lost',
        reason: scrapped ? 'Beyond repair, agreed with the customer' : 'Not on the bench, not on the shelf',
      }),
    );
    out = 1;
  }
  if (arrived !== undefined && completed === undefined && chance.next() < 0.2) {
    const text = chance.pick(notes);
    deeds.push(
      say(between(arrived, left ?? now, 0.5), desk(), 'batch.addNote', { id, note: { id: noteId(id), text } }),
    );
  }
  if (completed !== undefined && left !== undefined && completed - left > 40 * minute && chance.next() < 0.015) {
    const before = between(left, completed, 0.4);
    deeds.push(say(before, desk(), 'batch.complete', { id, count: parts.length - out }));
    deeds.push(say(before + 9 * minute, lead, 'batch.reopen', { id, reason: 'A part was still in the van' }));
    return { deeds, out, completedBefore: before };
  }
  return { deeds, out };
}

/** A note has an id of its own; one for each batch is enough here. */
const noteId = (batch: string): string => `${batch.slice(0, -4)}0001`;

const labels = [
  'Card reader',
  'Receipt printer',
  'Display, 15 inch',
  'Handheld scanner',
  'Cash drawer',
  'Router',
  'Tablet',
];

/** What a part is, by its number: the same number is the same thing every time. */
export const labelOf = (part: string): string => labels[(Number(part.replace(/\D/g, '')) * 5) % labels.length]!;
