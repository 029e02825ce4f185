import { hostname } from 'node:os';
import { Code, MongoError } from '../errors.ts';
import { type Doc, docOf, int32 } from '../values/index.ts';
import type { Context } from './context.ts';
import type { Reply } from './reply.ts';
import { VERSION } from './handshake.ts';

/** The command `serverStatus`. */
export function serverStatus(context: Context): Reply {
  const { shared } = context;
  const memory = process.memoryUsage();
  let transactions = 0;
  for (const session of shared.sessions.all()) if (session.transaction) transactions++;
  return docOf(
    'host',
    shared.address,
    'version',
    VERSION,
    'process',
    'embedded-mongo',
    'pid',
    BigInt(process.pid),
    'uptime',
    process.uptime(),
    'localTime',
    new Date(),
    'connections',
    docOf('current', int32(shared.connections)),
    'logicalSessionRecordCache',
    docOf('activeSessionsCount', int32(shared.sessions.size)),
    'transactions',
    docOf('currentOpen', BigInt(transactions)),
    'metrics',
    docOf('cursor', docOf('open', docOf('total', BigInt(shared.cursors.size)))),
    'mem',
    docOf('resident', int32(Math.round(memory.rss / 1048576))),
    'storageEngine',
    docOf('name', 'embedded', 'persistent', true),
    'ok',
    1,
  );
}

/** The command `getParameter`. */
export function getParameter(context: Context): Reply {
  const { command, shared } = context;
  const reply: Doc = new Map();
  const all = command.get('getParameter') === '*';
  const known: Record<string, () => Doc | boolean | number> = {
    featureCompatibilityVersion: () => docOf('version', '8.0'),
    enableTestCommands: () => shared.testCommands,
    transactionLifetimeLimitSeconds: () => shared.sessions.transactionLifetimeMs / 1000,
    ttlMonitorSleepSecs: () => shared.ttlIntervalMs / 1000,
    requireApiVersion: () => false,
    authenticationMechanisms: () => new Map(),
  };
  for (const [name, value] of Object.entries(known)) if (all || command.has(name)) reply.set(name, value());
  if (reply.size === 0) throw new MongoError(Code.InvalidOptions, 'no option found to get');
  return reply.set('ok', 1);
}

/** The command `setParameter`, for tests. */
export function setParameter(context: Context): Reply {
  const { command, shared } = context;
  const lifetime = command.get('transactionLifetimeLimitSeconds');
  if (lifetime === undefined) throw new MongoError(Code.InvalidOptions, 'no option found to set');
  const was = shared.sessions.transactionLifetimeMs / 1000;
  shared.sessions.transactionLifetimeMs = Number(lifetime) * 1000;
  return docOf('was', was, 'ok', 1);
}

/** The command `hostInfo`. */
export function hostInfo(): Reply {
  return docOf(
    'system',
    docOf('currentTime', new Date(), 'hostname', hostname()),
    'os',
    docOf('type', process.platform),
    'ok',
    1,
  );
}

/** The command `connectionStatus`: there are no users. */
export function connectionStatus(): Reply {
  return docOf('authInfo', docOf('authenticatedUsers', [], 'authenticatedUserRoles', []), 'ok', 1);
}

/** The command `replSetGetStatus`. */
export function replSetGetStatus(context: Context): Reply {
  const { shared } = context;
  const member = docOf(
    '_id',
    int32(0),
    'name',
    shared.address,
    'health',
    1,
    'state',
    int32(1),
    'stateStr',
    'PRIMARY',
    'self',
    true,
  );
  return docOf('set', shared.setName, 'date', new Date(), 'myState', int32(1), 'members', [member], 'ok', 1);
}
