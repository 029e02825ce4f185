import type { ClientSession, MongoClient } from 'mongodb';
import type { Group, Namespaces } from './group.ts';
import { modelsOf } from './group.ts';
import type { LaneSessions } from './lane-sessions.ts';
import type { Outcome } from './outcome.ts';
import { outcomeOf, outcomeOfCommit } from './outcome.ts';
import { TimeoutError, within } from './within.ts';

/** A round trip that takes longer is given up, milliseconds; the writes have so much more for each entry. */
const deadline = 4000;
const deadlinePerEntry = 5;

/** Commits groups of one lane, one at a time. Keeps a session between them. */
export class Committer {
  readonly #client: MongoClient;
  readonly #namespace: (collection: string) => string;
  readonly #process: string;
  readonly #sessions: LaneSessions;
  #doubt: Doubt | undefined;

  /** @param process the id of this process in what it writes */
  constructor(client: MongoClient, database: string, process: string, sessions: LaneSessions) {
    this.#process = process;
    this.#client = client;
    this.#sessions = sessions;
    this.#namespace = (collection) => `${database}.${collection}`;
  }

  async commit(group: Group): Promise<Outcome> {
    if (this.#doubt) {
      const earlier = await this.#resolve(this.#doubt);
      if (earlier) return earlier;
    }
    const { models, owners, updates, inserts } = modelsOf(group, this.#namespace, this.#process);
    let session: ClientSession;
    try {
      session = this.#sessions.ready ?? (await this.#sessions.begin());
      session.startTransaction({ writeConcern: { w: 'majority' }, readConcern: { level: 'local' } });
    } catch (error) {
      this.#sessions.drop();
      return { type: 'failed', error };
    }
    const writes = this.#client.bulkWrite<Namespaces>(models, { session, ordered: true });
    try {
      const result = await within(deadline + group.entries.length * deadlinePerEntry, writes);
      if (result.matchedCount + result.upsertedCount !== updates || result.insertedCount !== inserts) {
        await within(deadline, session.abortTransaction());
        return { type: 'moved' };
      }
    } catch (error) {
      const outcome = outcomeOf(error, owners);
      // An abort must not overtake the writes: they would begin the transaction anew and hold their locks.
      const aborted = writes
        .then(
          () => undefined,
          () => undefined,
        )
        .then(() => session.abortTransaction());
      if (outcome.type === 'failed') this.#sessions.drop(aborted);
      else await within(deadline, aborted).catch(() => this.#sessions.drop(aborted));
      return outcome;
    }
    return this.#finish({ session, commit: session.commitTransaction() });
  }

  close(): void {
    this.#sessions.drop();
  }

  /** Waits for a commit. One without an answer stays in doubt: until it is resolved, it may hold its locks. */
  async #finish(doubt: Doubt): Promise<Outcome> {
    try {
      await within(deadline, doubt.commit);
      this.#doubt = undefined;
      return { type: 'committed' };
    } catch (error) {
      const outcome = outcomeOfCommit(error);
      this.#doubt = outcome.type === 'unknown' ? doubt : undefined;
      if (outcome.type !== 'unknown') this.#sessions.drop();
      return outcome;
    }
  }

  /** Commits once more what is in doubt: the same transaction, which the server does not do twice. */
  async #resolve({ session, commit }: Doubt): Promise<Outcome | undefined> {
    const settled = await within(
      deadline,
      commit.then(
        () => true,
        () => false,
      ),
    ).catch(() => undefined);
    if (settled === undefined) return { type: 'unknown', error: new TimeoutError('a commit is still under way') };
    const outcome = settled
      ? { type: 'committed' as const }
      : await this.#finish({ session, commit: session.commitTransaction() });
    if (settled) this.#doubt = undefined;
    // The group in doubt is in: what is decided now was decided before it.
    if (outcome.type === 'committed') return { type: 'moved' };
    return outcome.type === 'unknown' ? outcome : undefined;
  }
}

/** A commit whose outcome is not known. */
type Doubt = { session: ClientSession; commit: Promise<void> };
