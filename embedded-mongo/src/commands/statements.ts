import { setTimeout as sleep } from 'node:timers/promises';
import { Code, MongoError } from '../errors.ts';
import { asInteger, type Doc, docOf, int32, isDoc, type Value } from '../values/index.ts';
import { type Context, waitingForLocks } from './context.ts';
import { HangUp } from './reply.ts';

/** Errors that end a transaction's command as a whole instead of being listed with its statement. */
const WHOLE = new Set<number>([Code.WriteConflict, Code.NoSuchTransaction, Code.MaxTimeMSExpired, 246, 11600]);

/** The number of a statement within a retryable write: its own, or counted from the command's first. */
export function statementId(command: Doc, index: number): number {
  const ids = command.get('stmtIds');
  if (Array.isArray(ids)) return asInteger(ids[index] ?? null) ?? index;
  return (asInteger(command.get('stmtId') ?? null) ?? 0) + index;
}

/**
 * Executes a statement, waiting for locks; once only for a retryable write: a repeated one gives the first result.
 * @param attempt does it; throws before anything is written, or has done it
 * @param wrote whether there is something to remember
 */
export async function executeStatement(
  context: Context,
  index: number,
  attempt: () => Doc,
  wrote: (result: Doc) => boolean,
): Promise<Doc> {
  const { session, retry, shared } = context;
  if (session === undefined || retry === undefined) return waitingForLocks(context, attempt);
  const id = statementId(context.command, index);
  const known = session.statements.get(id);
  if (known !== undefined) return known;
  const failure = shared.failPoints.transactionalWrite();
  if (failure?.errorCode !== undefined) {
    if (failure.closeConnection) throw new HangUp();
    throw new MongoError(failure.errorCode, 'Failing write via onPrimaryTransactionalWrite');
  }
  const result = await waitingForLocks(context, () => {
    // Another connection may have used the session for something newer while this one waited.
    shared.sessions.retryable(session, retry);
    const done = attempt();
    if (wrote(done)) shared.sessions.executed(session, id, done);
    return done;
  });
  if (failure?.closeConnection) {
    // What was written stays, only the answer is lost.
    await sleep(0);
    throw new HangUp();
  }
  return result;
}

/** One entry of `writeErrors`. */
export function writeErrorEntry(error: MongoError, index: number): Doc {
  const entry = docOf('index', int32(index), 'code', int32(error.code));
  if (error.details) for (const [name, value] of error.details) entry.set(name, value);
  entry.set('errmsg', error.message);
  return entry;
}

/**
 * Executes the statements of a write command one after another.
 * @returns the entries for `writeErrors`
 */
export async function executeAll(
  context: Context,
  count: number,
  ordered: boolean,
  execute: (index: number) => Promise<void>,
): Promise<Value[]> {
  const errors: Value[] = [];
  for (let index = 0; index < count; index++) {
    try {
      await execute(index);
    } catch (error) {
      if (!(error instanceof MongoError)) throw error;
      const { transaction, session, shared } = context;
      if (transaction && WHOLE.has(error.code)) throw error;
      errors.push(writeErrorEntry(error, index));
      if (transaction && session) {
        shared.sessions.abort(session);
        break;
      }
      if (ordered) break;
    }
  }
  return errors;
}

/** A list of array filters. */
export function arrayFilters(statement: Doc): Doc[] | undefined {
  const value = statement.get('arrayFilters');
  if (value === undefined || value === null) return undefined;
  if (!Array.isArray(value) || !value.every((item) => isDoc(item)))
    throw new MongoError(Code.TypeMismatch, "'arrayFilters' must be an array of objects");
  return value as Doc[];
}
