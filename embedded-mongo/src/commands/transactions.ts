import { Code, MongoError } from '../errors.ts';
import type { Session } from '../sessions/session.ts';
import { Binary } from 'bson';
import { docOf, isDoc, type Value } from '../values/index.ts';
import type { Context } from './context.ts';
import { HangUp, type Reply } from './reply.ts';

function needed(context: Context): { session: Session; number: bigint } {
  const { session, retry, db, name } = context;
  if (db !== 'admin') throw new MongoError(Code.Unauthorized, `${name} may only be run against the admin database.`);
  if (session === undefined || retry === undefined)
    throw new MongoError(Code.InvalidOptions, `${name} must be run within a transaction`);
  return { session, number: retry };
}

/** The command `commitTransaction`. */
export function commitTransaction(context: Context): Reply {
  const { session, number } = needed(context);
  const { sessions, catalog, failPoints } = context.shared;
  const open = session.transaction !== undefined && session.number === number;
  const failure = open ? failPoints.transactionalWrite() : undefined;
  if (failure?.errorCode !== undefined) {
    if (failure.closeConnection) throw new HangUp();
    throw new MongoError(failure.errorCode, 'Failing commit via onPrimaryTransactionalWrite');
  }
  sessions.commit(session, number, (collection, transaction) => catalog.register(collection, transaction));
  if (failure?.closeConnection) throw new HangUp();
  return docOf('ok', 1);
}

/** The command `abortTransaction`. */
export function abortTransaction(context: Context): Reply {
  const { session, number } = needed(context);
  context.shared.sessions.abortCommand(session, number);
  return docOf('ok', 1);
}

/** The command `startSession`: sessions come into being with their first use anyway. */
export function startSession(context: Context): Reply {
  const id = docOf('id', new Binary(Buffer.from(crypto.randomUUID().replaceAll('-', ''), 'hex'), 4));
  context.shared.sessions.of(id);
  return docOf('id', id, 'timeoutMinutes', context.shared.sessions.timeoutMs / 60_000, 'ok', 1);
}

function listed(context: Context): Session[] {
  const ids = context.command.get(context.name);
  if (!Array.isArray(ids)) throw new MongoError(Code.TypeMismatch, `BSON field '${context.name}' must be an array`);
  return ids.map((id) => context.shared.sessions.of(isDoc(id) ? id : (null as Value)));
}

/** The commands `refreshSessions`, `endSessions`, `killSessions` and `killAllSessions`. */
export function sessionsCommand(context: Context): Reply {
  const { sessions, cursors } = context.shared;
  if (context.name === 'refreshSessions') {
    listed(context);
    return docOf('ok', 1);
  }
  const all = context.name === 'killAllSessions' || context.name === 'killAllSessionsByPattern';
  const ended =
    all || (context.name === 'killSessions' && (context.command.get('killSessions') as Value[]).length === 0)
      ? [...sessions.all()]
      : listed(context);
  for (const session of ended) {
    sessions.end(session);
    cursors.killWhere((cursor) => cursor.sessionKey === session.key);
  }
  return docOf('ok', 1);
}
