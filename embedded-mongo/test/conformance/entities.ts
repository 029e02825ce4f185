import type { Document } from 'bson';
import {
  ChangeStream,
  ClientSession,
  Db,
  GridFSBucket,
  MongoClient,
  ReadPreference,
  type AbstractCursor,
  type CollectionOptions,
  type DbOptions,
  type ReadPreferenceMode,
} from 'mongodb';
import { RunnerError } from './failures.ts';
import { EventLog } from './events.ts';
import type { MatchContext } from './match.ts';
import type { EntityDescription } from './spec.ts';

type Cursor = AbstractCursor<Document>;

/** Everything that the steps of one case name by an id: clients, collections, sessions, saved results. */
export class Entities implements MatchContext {
  readonly #uri: string;
  readonly #byId = new Map<string, unknown>();
  readonly #logs = new Map<string, EventLog>();
  readonly #lsids = new Map<string, Document>();

  constructor(uri: string) {
    this.#uri = uri;
  }

  /** Makes entities in the order of the descriptions, since later ones refer to earlier ones. */
  async create(descriptions: EntityDescription[]): Promise<void> {
    for (const description of descriptions) {
      const [kind, settings] = Object.entries(description)[0] as [string, Document & { id: string }];
      if (this.#byId.has(settings.id)) throw new RunnerError(`two entities are called ${settings.id}`);
      this.#byId.set(settings.id, await this.#make(kind, settings));
    }
  }

  /** Keeps a result under a name. */
  save(id: string, value: unknown): void {
    if (this.#byId.has(id)) throw new RunnerError(`two entities are called ${id}`);
    this.#byId.set(id, value);
  }

  entity(id: string): unknown {
    if (!this.#byId.has(id)) throw new RunnerError(`no entity is called ${id}`);
    return this.#byId.get(id);
  }

  lsid(id: string): Document {
    const lsid = this.#lsids.get(id);
    if (lsid === undefined) throw new RunnerError(`no session is called ${id}`);
    return lsid;
  }

  /** What a client observed. */
  log(id: string): EventLog {
    const log = this.#logs.get(id);
    if (log === undefined) throw new RunnerError(`no client is called ${id}`);
    return log;
  }

  client(id: string): MongoClient {
    return this.#typed(id, MongoClient);
  }

  session(id: string): ClientSession {
    return this.#typed(id, ClientSession);
  }

  /** Stops every log: what happens while cleaning up is not part of the case. */
  closeLogs(): void {
    for (const log of this.#logs.values()) log.close();
  }

  /** Ends sessions and cursors, then closes the clients. */
  async dispose(): Promise<void> {
    const values = [...this.#byId.values()];
    for (const value of values) if (value instanceof ClientSession) await value.endSession().catch(() => undefined);
    for (const value of values)
      if (value instanceof ChangeStream || isCursor(value)) await value.close().catch(() => undefined);
    await Promise.all(values.filter((value) => value instanceof MongoClient).map((client) => client.close(true)));
  }

  #typed<T>(id: string, type: abstract new (...args: never[]) => T): T {
    const value = this.entity(id);
    if (!(value instanceof type)) throw new RunnerError(`${id} is no ${type.name}`);
    return value;
  }

  async #make(kind: string, settings: Document & { id: string }): Promise<unknown> {
    switch (kind) {
      case 'client':
        return await this.#makeClient(settings);
      case 'database': {
        const options = entityOptions(settings['databaseOptions']) as DbOptions;
        return this.client(settings['client'] as string).db(settings['databaseName'] as string, options);
      }
      case 'collection': {
        const options = entityOptions(settings['collectionOptions']) as CollectionOptions;
        return this.#typed(settings['database'] as string, Db).collection(
          settings['collectionName'] as string,
          options,
        );
      }
      case 'session':
        return this.#makeSession(settings);
      case 'bucket':
        return new GridFSBucket(this.#typed(settings['database'] as string, Db), {
          ...(settings['bucketOptions'] as Document),
        });
      default:
        throw new RunnerError(`the runner cannot make a ${kind}`);
    }
  }

  async #makeClient(settings: Document & { id: string }): Promise<MongoClient> {
    const uri = new URL(this.#uri);
    for (const [name, value] of Object.entries((settings['uriOptions'] ?? {}) as Document)) {
      uri.searchParams.set(name, String(value));
    }
    const client = new MongoClient(uri.href, {
      monitorCommands: true,
      // A closed connection makes the driver look at the server again before it retries; by default half a second later.
      minHeartbeatFrequencyMS: 5,
      serverSelectionTimeoutMS: 4000,
    });
    this.#logs.set(settings.id, new EventLog(client, settings));
    return await client.connect();
  }

  #makeSession(settings: Document & { id: string }): ClientSession {
    const client = this.client(settings['client'] as string);
    const options = { ...(settings['sessionOptions'] as Document | undefined) };
    const defaults = options['defaultTransactionOptions'] as Document | undefined;
    if (defaults !== undefined) options['defaultTransactionOptions'] = entityOptions(defaults);
    if (typeof options['snapshotTime'] === 'string') options['snapshotTime'] = this.entity(options['snapshotTime']);
    const session = client.startSession(options);
    const lsid = session.id;
    if (lsid !== undefined) this.#lsids.set(settings.id, { ...lsid });
    return session;
  }
}

/** Whether a value is a cursor that was saved to be iterated later. */
export function isCursor(value: unknown): value is Cursor {
  return typeof value === 'object' && value !== null && 'next' in value && 'close' in value && 'namespace' in value;
}

/** Options with a read preference that the driver takes. */
export function entityOptions(options: unknown): Document {
  const shaped = { ...(options as Document | undefined) };
  const preference = shaped['readPreference'] as { mode: string; maxStalenessSeconds?: number } | undefined;
  if (preference !== undefined) {
    const { mode, ...rest } = preference;
    shaped['readPreference'] = new ReadPreference(mode as ReadPreferenceMode, undefined, rest);
  }
  return shaped;
}
