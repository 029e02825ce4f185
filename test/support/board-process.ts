import mongoose from 'mongoose';
import type { Connection } from 'mongoose';
import type { Dispatcher } from '../../server/src/dispatch/dispatch.ts';
import { createDispatcher } from '../../server/src/dispatch/dispatch.ts';
import type { Journal } from '../../server/src/journal/journal.ts';
import { openJournal } from '../../server/src/journal/journal.ts';
import type { Clock } from '../../server/src/platform/clock.ts';
import { connectMongo } from '../../server/src/platform/mongo.ts';
import type { ServerProcess } from '../../embedded-mongo/test/support/server-process.ts';
import { startServerProcess, temporaryFolder } from '../../embedded-mongo/test/support/server-process.ts';
import { testClock } from './clock.ts';
import { keptLog } from './log.ts';

/** A database for tests: the embedded one in a process of its own, or that of TEST_MONGODB_URI. */
export type TestDatabase = AsyncDisposable & {
  /** The embedded database's process; absent with TEST_MONGODB_URI. */
  process: ServerProcess | undefined;
  /** After the process was killed: the same data on the same port again. */
  restart(): Promise<void>;
  /** The address of a database by name. */
  uri(name: string): string;
  /** Runs an administrator's command, for example a fail point. */
  admin(command: { [field: string]: unknown }): Promise<unknown>;
};

export async function startDatabase(): Promise<TestDatabase> {
  const outside = process.env['TEST_MONGODB_URI'];
  const folder = temporaryFolder('opsboard-journal');
  let server = outside ? undefined : await startServerProcess({ dir: folder.path, testCommands: true });
  const address = new URL(outside ?? server!.uri);
  const connection = await mongoose.createConnection(address.href).asPromise();
  return {
    get process() {
      return server;
    },
    restart: async () => {
      server = await startServerProcess({ dir: folder.path, port: Number(address.port), testCommands: true });
    },
    uri: (name) => {
      const url = new URL(address);
      url.pathname = `/${name}`;
      return url.href;
    },
    admin: (command) => connection.getClient().db('admin').command(command),
    [Symbol.asyncDispose]: async () => {
      await connection.close();
      await server?.stop();
      folder.remove();
    },
  };
}

/** The core of one process of the board: its own connection, journal and lanes. */
export type BoardProcess = AsyncDisposable & {
  connection: Connection;
  journal: Journal;
  dispatcher: Dispatcher;
  clock: Clock;
  /** Lines of the log so far. */
  lines: string[];
};

/** Several of them on one database are several processes to each other. */
export async function startBoardProcess(uri: string, clock: Clock = testClock()): Promise<BoardProcess> {
  const { log, lines } = keptLog();
  const connection = await connectMongo(uri, log);
  const journal = await openJournal({ connection, clock, log });
  const dispatcher = createDispatcher({ journal, clock, log });
  return {
    connection,
    journal,
    dispatcher,
    clock,
    lines,
    [Symbol.asyncDispose]: async () => {
      await dispatcher.drain();
      await journal.close();
      await connection.close();
    },
  };
}
