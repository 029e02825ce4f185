import type { Entry } from '../protocol/entries.ts';
import { patched } from '../protocol/patch.ts';
import type { Batch } from './schema.ts';

/** Who has a batch in their hands: a branch, a service center, or the driver between them. */
export type Holder = { kind: 'branch' | 'person' | 'center'; id: string };

type Held = Pick<Batch, 'status' | 'branch' | 'center' | 'since' | 'createdAt' | 'steps'> &
  Partial<Pick<Batch, 'driver' | 'handover'>>;

/**
 * Who has a batch now, and since when (milliseconds). A sealed batch is the branch's until it is handed over; what a
 * driver took over they have until it arrives.
 */
export function holderOf(batch: Held): Holder & { since: number } {
  const { status, since, handover, driver } = batch;
  const atBranch = { kind: 'branch', id: batch.branch } as const;
  switch (status) {
    case 'draft':
      return { ...atBranch, since: batch.steps.draft?.at ?? batch.createdAt };
    case 'sealed':
      return handover
        ? { kind: 'person', id: handover.to, since: handover.at }
        : { ...atBranch, since: batch.steps.draft?.at ?? batch.createdAt };
    case 'in_transit_to_center':
    case 'in_transit_back': {
      const took = status === 'in_transit_to_center' && handover && handover.to === driver;
      // A batch on the road has a driver; one of a former rule that has none counts as the branch's.
      return driver === undefined
        ? { ...atBranch, since }
        : { kind: 'person', id: driver, since: took ? handover.at : since };
    }
    case 'at_center':
      return { kind: 'center', id: batch.center, since };
    case 'completed':
      return { ...atBranch, since };
  }
}

/** One link of a chain of custody: from `at` on (milliseconds, as it was done) it was the holder's. */
export type CustodyStep = Holder & {
  at: number;
  /** Who put it on record. */
  by: string;
  verb: string;
  commandId: string;
  /** How many parts were counted when it passed. */
  count?: number;
  why?: string;
};

type Told = Pick<Entry, 'set' | 'unset' | 'rev' | 'done' | 'actor' | 'verb' | 'commandId' | 'why' | 'id'>;

/** The batch after each of its entries, oldest first. */
function* unfolding(entries: readonly Told[]): Generator<{ entry: Told; batch: Batch }> {
  let batch = {} as Batch;
  for (const entry of entries) {
    batch = patched(batch, entry.set, entry.unset);
    yield { entry, batch };
  }
}

/**
 * The chain of custody of a batch, oldest first: each time it came into other hands. A step that was taken back shows
 * as the hands it went back to.
 *
 * @param entries the batch's entries from its creation on, oldest first
 */
export function custodyOf(entries: readonly Told[]): CustodyStep[] {
  const chain: CustodyStep[] = [];
  for (const { entry, batch } of unfolding(entries)) {
    // A reader who came to see the batch later has no beginning to tell from.
    if (batch.status === undefined || batch.steps === undefined) continue;
    const { kind, id } = holderOf(batch);
    const last = chain.at(-1);
    if (last && last.kind === kind && last.id === id) continue;
    const count = (entry.set[`steps.${batch.status}`] as { count?: number } | undefined)?.count;
    chain.push({
      kind,
      id,
      at: entry.done,
      by: entry.actor.id,
      verb: entry.verb,
      commandId: entry.commandId,
      ...(count === undefined ? {} : { count }),
      ...(entry.why === undefined ? {} : { why: entry.why }),
    });
  }
  return chain;
}

/** What happened to one part in a batch, besides changing hands with the rest. */
export type PartEvent = {
  kind: 'added' | 'removed' | 'corrected' | 'split' | 'lost' | 'scrapped' | 'found';
  at: number;
  by: string;
  verb: string;
  commandId: string;
  why?: string;
};

/**
 * The chain of custody of one part in a batch, oldest first: from when it was put in, with every change of hands, until
 * it was taken out, put right as a wrong scan, stayed behind, or was lost. Empty when it never was in the batch.
 */
export function custodyOfPart(entries: readonly Told[], part: string): (CustodyStep | PartEvent)[] {
  const chain: (CustodyStep | PartEvent)[] = [];
  const hands = custodyOf(entries);
  let inside = false;
  let out: string | undefined;
  for (const { entry, batch } of unfolding(entries)) {
    const now = batch.parts?.[part];
    const base = {
      at: entry.done,
      by: entry.actor.id,
      verb: entry.verb,
      commandId: entry.commandId,
      ...(entry.why === undefined ? {} : { why: entry.why }),
    };
    const was = inside;
    if (now && !was) chain.push({ kind: 'added', ...base });
    inside = now !== undefined;
    if (inside) {
      const passed = hands.filter(({ commandId, at }) => commandId === entry.commandId && at === entry.done);
      if (was || passed.length > 0) chain.push(...passed);
      // Put into a batch that somebody holds already, it is theirs from then on.
      else
        chain.push(
          ...hands
            .filter(({ at }) => at <= entry.done)
            .slice(-1)
            .map((step) => ({ ...step, at: entry.done })),
        );
    }
    const outNow = now?.out?.how;
    if (outNow !== out && inside && outNow) chain.push({ kind: outNow, ...base });
    else if (outNow === undefined && out !== undefined && inside) chain.push({ kind: 'found', ...base });
    out = inside ? outNow : undefined;
    if (!inside && was) {
      const kind =
        entry.verb === 'batch.split' ? 'split' : entry.verb === 'batch.correctPart' ? 'corrected' : 'removed';
      chain.push({ kind, ...base });
    }
  }
  return chain;
}
