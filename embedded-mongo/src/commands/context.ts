import type { Catalog } from '../catalog/catalog.ts';
import type { Collection } from '../catalog/collection.ts';
import { Code, MongoError } from '../errors.ts';
import type { Session, Sessions } from '../sessions/session.ts';
import type { Patch, Transaction } from '../sessions/transaction.ts';
import type { Seq } from '../storage/clock.ts';
import { type Engine, LockBusy } from '../storage/engine.ts';
import type { Doc } from '../values/index.ts';
import type { Connection } from '../wire/connection.ts';
import type { Cursors } from './cursors.ts';
import type { FailPoints } from './fail-points.ts';

/** What all commands share. */
export interface Shared {
  readonly engine: Engine;
  readonly catalog: Catalog;
  readonly sessions: Sessions;
  readonly cursors: Cursors;
  readonly failPoints: FailPoints;
  readonly setName: string;
  readonly testCommands: boolean;
  readonly startedAt: number;
  readonly dataDir: string;
  /** host:port as clients dial it. */
  address: string;
  connections: number;
  ttlIntervalMs: number;
  /** Told what went wrong without anybody to answer to. */
  readonly onError: (message: string) => void;
}

/** A command being served. */
export interface Context {
  readonly shared: Shared;
  readonly connection: Connection;
  /** The name of the command. */
  readonly name: string;
  readonly command: Doc;
  /** Documents of an insert, as they came. */
  readonly documents: readonly Buffer[] | undefined;
  readonly db: string;
  session: Session | undefined;
  transaction: Transaction | undefined;
  /** The moment as of which to read, outside of a transaction. */
  snapshot: Seq | undefined;
  /** The number of a retryable write. */
  retry: bigint | undefined;
  /** When the client's patience ends, in milliseconds of the wall clock. */
  readonly deadline: number | undefined;
  readonly exhaustAllowed: boolean;
}

/** The name of a collection, as the command's first field says it. */
export function collectionName(context: Context): string {
  const name = context.command.get(context.name);
  if (typeof name !== 'string') {
    throw new MongoError(Code.InvalidNamespace, `collection name has invalid type for command ${context.name}`);
  }
  if (name === '' || name.includes('\0'))
    throw new MongoError(Code.InvalidNamespace, `Invalid namespace specified '${context.db}.${name}'`);
  return name;
}

/** The collection that a command reads, if there is one. */
export function findCollection(context: Context, name: string, db = context.db): Collection | undefined {
  return context.shared.catalog.find(db, name, context.transaction);
}

/** What a command sees differently from what a collection holds now. */
export function patchFor(context: Context, collection: Collection): Patch | undefined {
  if (context.transaction) return context.transaction.patch(collection);
  return context.snapshot === undefined ? undefined : collection.statesAt(context.snapshot);
}

/** Fails with 50 when the time that the client gave is over. */
export function checkTime(context: Context): void {
  if (context.deadline !== undefined && Date.now() > context.deadline) throw timeIsUp();
}

export function timeIsUp(): MongoError {
  return new MongoError(Code.MaxTimeMSExpired, 'operation exceeded time limit');
}

/**
 * Does something that may meet a transaction's lock before it has written anything: waits for that transaction, then
 * does it again. Ends with 50 when the client's time is over, and with 11600 when the client has gone.
 */
export async function waitingForLocks<T>(context: Context, attempt: () => T): Promise<T> {
  for (;;) {
    try {
      return attempt();
    } catch (error) {
      if (!(error instanceof LockBusy)) throw error;
      await new Promise<void>((resolve, reject) => {
        let timer: NodeJS.Timeout | undefined;
        const done = (outcome: () => void): void => {
          clearTimeout(timer);
          forget();
          unlisten();
          outcome();
        };
        const forget = error.holder.whenEnded(() => done(resolve));
        let unlisten = (): void => {};
        unlisten = context.connection.onClose(() => done(() => reject(new MongoError(11600, 'the client has gone'))));
        if (context.deadline !== undefined) {
          timer = setTimeout(() => done(() => reject(timeIsUp())), Math.max(context.deadline - Date.now(), 0));
        }
      });
    }
  }
}
