import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { MongoClient, type MongoClientOptions } from 'mongodb';
import { type EmbeddedMongo, type EmbeddedMongoOptions, startEmbeddedMongo } from '../index.ts';

/** A server for one test file, with a client of it. */
export interface TestServer extends AsyncDisposable {
  readonly server: EmbeddedMongo;
  readonly client: MongoClient;
  readonly dataDir: string;
  /** Another client, closed with the server. */
  connect(options?: MongoClientOptions): Promise<MongoClient>;
  /** Stops the server and starts it again over the same folder. */
  restart(): Promise<TestServer>;
}

/** Starts a server in this process over a folder of its own. */
export async function openTestServer(options: Partial<EmbeddedMongoOptions> = {}): Promise<TestServer> {
  const dataDir = options.dataDir ?? (await mkdtemp(join(tmpdir(), 'embedded-mongo-')));
  const server = await startEmbeddedMongo({ dataDir, synchronous: 'NORMAL', testCommands: true, ...options });
  const clients: MongoClient[] = [];
  const connect = async (clientOptions: MongoClientOptions = {}): Promise<MongoClient> => {
    const client = await new MongoClient(server.uri, { serverSelectionTimeoutMS: 3000, ...clientOptions }).connect();
    clients.push(client);
    return client;
  };
  const stop = async (): Promise<void> => {
    await Promise.all(clients.map((client) => client.close()));
    await server.close();
  };
  return {
    server,
    client: await connect(),
    dataDir,
    connect,
    restart: async () => {
      await stop();
      return openTestServer({ ...options, dataDir });
    },
    [Symbol.asyncDispose]: async () => {
      await stop();
      await rm(dataDir, { recursive: true, force: true });
    },
  };
}
