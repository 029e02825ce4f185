import { ObjectId } from 'bson';
import { type Doc, docOf, encode, int32, isDoc, type Value } from '../values/index.ts';
import { MAX_DOCUMENT_BYTES, MAX_MESSAGE_BYTES, MAX_WRITE_BATCH } from '../wire/message.ts';
import { timestampOf } from '../log/resume-token.ts';
import { optionalCount } from './args.ts';
import type { Context } from './context.ts';
import type { Reply, Streamed } from './reply.ts';

/** What the server says that it is. */
export const VERSION = '8.0.0';
const WIRE_VERSION = 25;
const PROCESS_ID = new ObjectId();
const ELECTION = new ObjectId('7fffffff0000000000000001');

/** The state of this server as clients compare it; it never changes while the process lives. */
export function topologyVersion(): Doc {
  return docOf('processId', PROCESS_ID, 'counter', 0n);
}

function describe(context: Context): Doc {
  const { shared, connection, name } = context;
  const { last } = shared.engine.clock;
  const now = new Date();
  const time = docOf('ts', timestampOf(last), 't', 1n);
  const primary = name === 'hello' ? 'isWritablePrimary' : 'ismaster';
  return docOf(
    'helloOk',
    true,
    'topologyVersion',
    topologyVersion(),
    'hosts',
    [shared.address],
    'setName',
    shared.setName,
    'setVersion',
    int32(1),
    primary,
    true,
    'secondary',
    false,
    'primary',
    shared.address,
    'me',
    shared.address,
    'electionId',
    ELECTION,
    'lastWrite',
    docOf('opTime', time, 'lastWriteDate', now, 'majorityOpTime', time, 'majorityWriteDate', now),
    'maxBsonObjectSize',
    int32(MAX_DOCUMENT_BYTES),
    'maxMessageSizeBytes',
    int32(MAX_MESSAGE_BYTES),
    'maxWriteBatchSize',
    int32(MAX_WRITE_BATCH),
    'localTime',
    now,
    'logicalSessionTimeoutMinutes',
    int32(shared.sessions.timeoutMs / 60_000),
    'connectionId',
    int32(connection.id),
    'minWireVersion',
    int32(0),
    'maxWireVersion',
    int32(WIRE_VERSION),
    'readOnly',
    false,
    'ok',
    1,
  );
}

/** The commands `hello` and `isMaster`. A client that knows this state may wait for another, which never comes. */
export function hello(context: Context): Reply | Promise<Reply> {
  const { command, connection } = context;
  const client = command.get('client');
  if (isDoc(client)) connection.client = client;
  const known = command.get('topologyVersion');
  const wait = optionalCount(command, 'maxAwaitTimeMS');
  const same = isDoc(known) && (known.get('processId') as ObjectId | undefined)?.toString() === PROCESS_ID.toString();
  if (!same || wait === undefined) return describe(context);
  const later = async (): Promise<Streamed> => {
    await new Promise<void>((resolve) => {
      const timer = setTimeout(done, wait);
      const unlisten = connection.onClose(done);
      function done(): void {
        clearTimeout(timer);
        unlisten?.();
        resolve();
      }
    });
    return { body: encode(describe(context)), again: later };
  };
  return context.exhaustAllowed ? later() : later().then(({ body }) => body);
}

/** The command `buildInfo`. */
export function buildInfo(): Reply {
  const version: Value[] = VERSION.split('.').map((part) => int32(Number(part)));
  return docOf(
    'version',
    VERSION,
    'gitVersion',
    'embedded',
    'modules',
    [],
    'allocator',
    'system',
    'javascriptEngine',
    'none',
    'versionArray',
    [...version, int32(0)],
    'bits',
    int32(64),
    'debug',
    false,
    'maxBsonObjectSize',
    int32(MAX_DOCUMENT_BYTES),
    'storageEngines',
    ['embedded'],
    'ok',
    1,
  );
}
