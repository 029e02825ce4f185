import type { ChildProcess } from 'node:child_process';
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { MongoClient } from 'mongodb';
import { Child } from './child.ts';
import type { LogFile } from './log-file.ts';
import { freePort } from './ports.ts';
import { StartError } from './progress.ts';

/** Name of the board's database in a deployment of our own. */
const DATABASE = 'opsboard';

/** Makes sure that the deployment that somebody named answers and can do transactions. @throws {StartError} */
export async function needMongoAt(uri: string): Promise<void> {
  let client: MongoClient;
  try {
    client = new MongoClient(uri, { serverSelectionTimeoutMS: 5000 });
  } catch (error) {
    throw new StartError(
      `MONGODB_URI is not an address that MongoDB's driver understands: ${(error as Error).message}.`,
    );
  }
  const hosts = client.options.hosts.join(', ') || client.options.srvHost;
  try {
    const hello = await client.db().admin().command({ hello: 1 });
    if (hello['setName'] === undefined && hello['msg'] !== 'isdbgrid') {
      throw new StartError(
        `The MongoDB at ${hosts} (MONGODB_URI) is a single server: make it a replica set, which transactions need.`,
      );
    }
  } catch (error) {
    if (error instanceof StartError) throw error;
    throw new StartError(`The MongoDB at ${hosts} (MONGODB_URI) does not answer: ${(error as Error).message}.`);
  } finally {
    await client.close();
  }
}

/** The embedded database, with its data in `folder`. It keeps its port when it is started again, so clients find it. */
export async function planDatabase(root: string, folder: string, log: LogFile): Promise<{ child: Child; uri: string }> {
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  const port = await freePort();
  const plan = { uri: '' };
  const child = new Child({
    name: 'the database',
    command: process.execPath,
    args: [join(root, 'embedded-mongo/src/main.ts'), '--data', folder, '--port', String(port)],
    log,
    tether: 'channel',
    output: 'read',
    ready: async (process) => {
      const uri = new URL(await readyUri(process));
      uri.pathname = `/${DATABASE}`;
      plan.uri = uri.href;
    },
    // Recovery after a crash reads the whole log.
    readyMs: 120_000,
  });
  return {
    child,
    get uri() {
      return plan.uri;
    },
  };
}

/** Reads the line `{"ready":true,"uri":…}` that the embedded database prints when it serves. */
function readyUri(child: ChildProcess): Promise<string> {
  return new Promise((resolve) => {
    if (!child.stdout) return;
    createInterface({ input: child.stdout }).on('line', (line) => {
      try {
        const { ready, uri } = JSON.parse(line) as { ready?: boolean; uri?: string };
        if (ready && uri) resolve(uri);
      } catch {
        // Some other line: of no interest here.
      }
    });
  });
}
