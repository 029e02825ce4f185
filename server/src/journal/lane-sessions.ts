import type { ClientSession, MongoClient } from 'mongodb';
import type { Logger } from '../platform/log.ts';
import type { Collections } from './stored.ts';
import { within } from './within.ts';

/** A session is used for so long, milliseconds; who is named longer than twice that is gone. */
const lifetime = 3_600_000;
const deadline = 4000;

/**
 * The sessions that commit to one organization. Each is named in storage before its first transaction: when its process
 * dies in the middle of one, the database keeps the transaction's locks for a minute, unless another process that waits
 * for them ends the session. A living process whose session is ended loses an attempt and nothing else.
 */
export class LaneSessions {
  readonly #client: MongoClient;
  readonly #lanes: Collections['lanes'];
  readonly #org: string;
  readonly #log: Logger;
  #current: { session: ClientSession; since: number } | undefined;

  constructor(client: MongoClient, lanes: Collections['lanes'], org: string, log: Logger) {
    this.#client = client;
    this.#lanes = lanes;
    this.#org = org;
    this.#log = log;
  }

  /** The session to commit with. */
  get ready(): ClientSession | undefined {
    return this.#current && performance.now() - this.#current.since < lifetime ? this.#current.session : undefined;
  }

  /** Begins a session and names it. */
  async begin(): Promise<ClientSession> {
    this.drop();
    const session = this.#client.startSession();
    try {
      const named = { _id: session.id!.id, org: this.#org, at: new Date() };
      await within(deadline, this.#lanes.replaceOne({ _id: named._id }, named, { upsert: true }));
    } catch (error) {
      void session.endSession().catch(() => undefined);
      throw error;
    }
    this.#current = { session, since: performance.now() };
    return session;
  }

  /** Ends the session, after what is still under way on it, and takes its name back. */
  drop(after: Promise<unknown> = Promise.resolve()): void {
    const session = this.#current?.session;
    this.#current = undefined;
    if (!session) return;
    // A name stays while it is not sure that nothing holds locks under it.
    after
      .then(() => this.#lanes.deleteOne({ _id: session.id!.id }))
      .catch((error: unknown) => this.#log.debug({ err: error }, 'a session keeps its name'))
      .then(() => session.endSession())
      .catch((error: unknown) => this.#log.debug({ err: error }, 'a session did not end'));
  }

  /** Ends every other session that commits here, and with it what it has begun. */
  async endOthers(): Promise<void> {
    const mine = this.#current?.session.id?.id.toString('hex');
    const named = await within(deadline, this.#lanes.find({ org: this.#org }).toArray());
    const others = named.filter(({ _id }) => _id.toString('hex') !== mine);
    if (others.length === 0) return;
    this.#log.warn(
      { org: this.#org, sessions: others.length },
      'no commit gets in: ending the sessions of other lanes',
    );
    const ended = this.#client.db('admin').command({ killSessions: others.map(({ _id }) => ({ id: _id })) });
    await within(deadline, ended);
    const gone = new Date(Date.now() - 2 * lifetime);
    await within(deadline, this.#lanes.deleteMany({ org: this.#org, at: { $lt: gone } }));
  }
}
