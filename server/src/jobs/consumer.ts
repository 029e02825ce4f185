import type { Entry } from '@opsboard/shared/protocol/entries';
import type { Connection } from 'mongoose';
import type { Journal } from '../journal/journal.ts';
import type { OrgState } from '../journal/org-state.ts';
import type { Logger } from '../platform/log.ts';

/** What a consumer has seen of one organization's journal. `_id` is its name and the organization in one text. */
type Position = { _id: string; seq: number };

export type Consumer = {
  /** Resolves when it hears of every organization that there is: what is written from then on, it acts on. */
  ready: Promise<void>;
  /** Hears nothing more, and resolves when what was being handled is. */
  close(): Promise<void>;
};

const pageSize = 500;
/** How often organizations that are new are looked for, and a position is moved past what does not concern it. */
const lookEvery = 10_000;
const retryAfter = 1_000;

/**
 * Acts on journal entries, each at least once, on whichever worker comes first: its position lives in the database and
 * is moved by compare-and-set after the effect. So an effect must be safe to begin twice.
 *
 * A new consumer begins where the journal ends; what happened before is the business of its sweep. An organization that
 * is founded later is heard from its first entry on.
 *
 * @param wants the entries that concern it; others only move the position, now and then
 * @param handle acts on them; what it rejects with is logged, and the same entries come again
 */
export function startConsumer(options: {
  name: string;
  connection: Connection;
  journal: Journal;
  log: Logger;
  wants(entry: Entry): boolean;
  handle(org: string, entries: readonly Entry[]): Promise<void>;
}): Consumer {
  const { name, connection, journal, log, wants, handle } = options;
  const positions = connection.collection<Position>('consumers');
  const followed = new Map<string, { again: boolean; isNew: boolean; running: Promise<void> | undefined }>();
  const stops: (() => void)[] = [];
  let closing = false;

  /** Where the consumer stands in an organization's journal; its first position is where the journal ends. */
  async function positionIn(state: OrgState, isNew: boolean): Promise<number> {
    const begin = { $setOnInsert: { seq: isNew ? 0 : state.seq } };
    const filter = { _id: `${name}/${state.org}` };
    return (await positions.findOneAndUpdate(filter, begin, { upsert: true, returnDocument: 'after' }))!.seq;
  }

  /** Handles what there is from the position on, until there is no more. */
  async function pass(org: string, isNew: boolean): Promise<void> {
    const state = await journal.org(org);
    const key = `${name}/${org}`;
    let seq = await positionIn(state, isNew);
    while (!closing && seq < state.seq) {
      const entries = await journal.entries(org, { from: seq, limit: pageSize });
      const last = entries.at(-1);
      if (!last) return;
      const wanted = entries.filter(wants);
      if (wanted.length > 0) await handle(org, wanted);
      const { matchedCount } = await positions.updateOne({ _id: key, seq }, { $set: { seq: last.seq } });
      // Another worker was faster: it goes on from there.
      seq = matchedCount === 1 ? last.seq : ((await positions.findOne({ _id: key }))?.seq ?? last.seq);
    }
  }

  function wake(org: string): void {
    const follower = followed.get(org);
    if (!follower || closing) return;
    follower.again = true;
    follower.running ??= run(org, follower).finally(() => (follower.running = undefined));
  }

  async function run(org: string, follower: { again: boolean; isNew: boolean }): Promise<void> {
    while (follower.again && !closing) {
      follower.again = false;
      try {
        await pass(org, follower.isNew);
      } catch (err) {
        if (closing) return;
        log.warn({ err, org, consumer: name }, 'a consumer waits, and tries again');
        await new Promise<void>((resolve) => setTimeout(resolve, retryAfter).unref());
        follower.again = true;
      }
    }
  }

  async function look(isFirst = false): Promise<void> {
    try {
      for (const org of await journal.orgs()) {
        if (!followed.has(org) && !closing) {
          const state = await journal.org(org);
          await positionIn(state, !isFirst);
          // Another look may have been faster.
          if (followed.has(org)) continue;
          followed.set(org, { again: false, isNew: !isFirst, running: undefined });
          stops.push(
            state.onApplied((batch) => {
              if (batch.some(({ entry }) => wants(entry))) wake(org);
            }),
          );
        }
        wake(org);
      }
    } catch (err) {
      if (!closing) log.warn({ err, consumer: name }, 'organizations could not be listed');
    }
  }

  const timer = setInterval(() => void look(), lookEvery);
  const first = look(true);
  return {
    ready: first,
    close: async () => {
      closing = true;
      clearInterval(timer);
      await first;
      for (const stop of stops) stop();
      await Promise.all([...followed.values()].flatMap(({ running }) => running ?? []));
    },
  };
}
