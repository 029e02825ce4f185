import mongoose from 'mongoose';
import type { Connection } from 'mongoose';
import type { Logger } from './log.ts';

/**
 * Opens the connection to the database. Writes are acknowledged by a majority, reads come from the primary: what was
 * answered with success is there after any failover.
 *
 * @param uri a replica set's address, with the database's name
 * @throws when no primary answers within five seconds
 */
export async function connectMongo(uri: string, log: Logger): Promise<Connection> {
  const connection = mongoose.createConnection(uri, {
    appName: 'opsboard',
    writeConcern: { w: 'majority' },
    readPreference: 'primary',
    retryWrites: true,
    serverSelectionTimeoutMS: 5_000,
    connectTimeoutMS: 5_000,
    // A server that fell silent is noticed within seconds instead of minutes.
    heartbeatFrequencyMS: 2_000,
    minPoolSize: 2,
    maxPoolSize: 20,
    // Indexes are made on purpose at the start, not whenever a model is first used; and nothing waits in mongoose.
    autoIndex: false,
    autoCreate: false,
    bufferCommands: false,
  });
  connection.on('disconnected', () => log.warn('database connection lost'));
  connection.on('reconnected', () => log.info('database connection back'));
  connection.on('error', (err: unknown) => log.error({ err }, 'database connection failed'));
  try {
    await connection.asPromise();
  } catch (error) {
    await connection.close(true).catch(() => {});
    throw error;
  }
  return connection;
}
