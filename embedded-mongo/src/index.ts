import { createServer, type Server } from 'node:net';
import { Catalog } from './catalog/catalog.ts';
import { Cursors } from './commands/cursors.ts';
import type { Shared } from './commands/context.ts';
import { Dispatcher } from './commands/dispatcher.ts';
import { FailPoints } from './commands/fail-points.ts';
import { removeExpired } from './commands/expiry.ts';
import { Sessions } from './sessions/session.ts';
import { Engine } from './storage/engine.ts';
import { Store, StorageError } from './storage/store.ts';
import { Connection } from './wire/connection.ts';

export { StorageError };

/** How an embedded server is started. */
export interface EmbeddedMongoOptions {
  /** The address to listen on; loopback unless said otherwise, for there is no sign-in. */
  readonly host?: string;
  /** 0 takes a free one. */
  readonly port?: number;
  /** The folder of the data file; made if it is missing. */
  readonly dataDir: string;
  /** FULL: what was acknowledged survives a loss of power. NORMAL: it survives the end of the process. */
  readonly synchronous?: 'FULL' | 'NORMAL';
  /** Offers the commands that break things on purpose. */
  readonly testCommands?: boolean;
  /** How often expired documents are removed, in milliseconds. */
  readonly ttlIntervalMs?: number;
  /** How much the log for change streams may hold. */
  readonly logMaxBytes?: number;
  readonly logMaxAgeMs?: number;
  /** Told what went wrong without anybody to answer to. */
  readonly onError?: (message: string) => void;
}

/** A running server. */
export interface EmbeddedMongo {
  /** Where clients connect, with the name of the replica set. */
  readonly uri: string;
  readonly port: number;
  /** Ends all connections, makes everything durable and gives the folder free. */
  close(): Promise<void>;
}

const SET_NAME = 'embedded';
const SESSION_TIMEOUT_MS = 30 * 60 * 1000;
const DAY_MS = 24 * 60 * 60 * 1000;

function listen(server: Server, host: string, port: number): Promise<number> {
  return new Promise((resolve, reject) => {
    server.once('error', (error: NodeJS.ErrnoException) => {
      reject(
        error.code === 'EADDRINUSE' || error.code === 'EACCES'
          ? new StorageError(
              `Port ${port} on ${host} cannot be used (${error.code === 'EACCES' ? 'not allowed' : 'it is taken'}).`,
            )
          : error,
      );
    });
    server.listen({ host, port, backlog: 1024 }, () => {
      const address = server.address();
      resolve(typeof address === 'object' && address ? address.port : port);
    });
  });
}

/**
 * Starts a server that speaks MongoDB's wire protocol, as a replica set of one member.
 * Throws {@link StorageError}, whose message is one sentence for a person, if the folder or the port cannot be used.
 */
export async function startEmbeddedMongo(options: EmbeddedMongoOptions): Promise<EmbeddedMongo> {
  const { host = '127.0.0.1', port = 0, dataDir, synchronous = 'FULL', testCommands = false } = options;
  const onError = options.onError ?? ((message: string) => void process.stderr.write(`${message}\n`));
  const store = Store.open(dataDir, synchronous, {
    maxBytes: options.logMaxBytes ?? 256 * 1024 * 1024,
    maxAgeMs: options.logMaxAgeMs ?? DAY_MS,
  });
  let shared: Shared;
  try {
    const engine = new Engine(store);
    shared = {
      engine,
      catalog: new Catalog(engine),
      sessions: new Sessions(engine, SESSION_TIMEOUT_MS),
      cursors: new Cursors(),
      failPoints: new FailPoints(),
      setName: SET_NAME,
      testCommands,
      startedAt: Date.now(),
      dataDir,
      address: '',
      connections: 0,
      ttlIntervalMs: options.ttlIntervalMs ?? 60_000,
      onError,
    };
  } catch (error) {
    store.close();
    if (error instanceof StorageError) throw error;
    throw new StorageError(
      `The data file ${store.file} is damaged (${(error as Error).message}); restore it from a backup.`,
    );
  }
  const { engine, sessions, cursors } = shared;
  engine.onError = onError;
  engine.onFailedCommit = (error) => {
    // What open transactions have read may just have been taken back.
    sessions.abortAll();
    onError(error.message);
  };
  const dispatcher = new Dispatcher(shared);
  const connections = new Set<Connection>();
  const server = createServer({ noDelay: true }, (socket) => {
    const connection = new Connection(socket, dispatcher);
    connections.add(connection);
    shared.connections = connections.size;
    connection.onClose(() => {
      connections.delete(connection);
      shared.connections = connections.size;
    });
  });
  let bound: number;
  try {
    bound = await listen(server, host, port);
  } catch (error) {
    store.close();
    throw error;
  }
  server.on('error', (error) => onError(`the server cannot take connections: ${error.message}`));
  shared.address = host.includes(':') ? `[${host}]:${bound}` : `${host}:${bound}`;
  const timers = [
    setInterval(() => removeExpired(shared), shared.ttlIntervalMs),
    setInterval(() => {
      sessions.sweep();
      cursors.sweep();
    }, 60_000),
    setInterval(() => engine.trim(), 10 * 60_000),
  ];
  for (const timer of timers) timer.unref();
  let closing: Promise<void> | undefined;
  return {
    uri: `mongodb://${shared.address}/?replicaSet=${SET_NAME}`,
    port: bound,
    close: () => {
      closing ??= new Promise((resolve) => {
        for (const timer of timers) clearInterval(timer);
        server.close(() => {
          sessions.abortAll();
          engine.close();
          resolve();
        });
        // What came in before is made durable and answered first.
        engine.flush();
        cursors.killWhere(() => true);
        for (const connection of connections) {
          connection.socket.end();
          connection.socket.destroySoon();
        }
      });
      return closing;
    },
  };
}
