import { existsSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { DataFolder } from './data-folder.ts';
import { needMongoAt, planDatabase } from './database.ts';
import { StartError, step } from './progress.ts';

/** A database to read or to fill. */
export interface ChosenDatabase {
  uri: string;
  /** For a sentence to a person: where it is, without a password. */
  place: string;
  /** Ends what was started for it. */
  release(): Promise<void>;
}

/**
 * Finds the database that somebody means: the embedded one of `--data DIR`, else that of `MONGODB_URI`, else the embedded
 * one of `DATA_DIR` or `data/`. One that does not run is started for the time being.
 *
 * @param root folder of the checkout
 * @param data the folder that was named, if one was
 * @param mayBeNew whether a folder without a database gets one
 * @throws {StartError} when there is none, or it does not answer
 */
export async function chooseDatabase(
  root: string,
  env: NodeJS.ProcessEnv,
  data: string | undefined,
  mayBeNew: boolean,
): Promise<ChosenDatabase> {
  const uri = env['MONGODB_URI']?.trim();
  if (uri && data === undefined) {
    await step('Asking MongoDB', needMongoAt(uri));
    return { uri, place: `the MongoDB at ${hostsOf(uri)} (MONGODB_URI)`, release: () => Promise.resolve() };
  }
  const path = resolve(data ?? (env['DATA_DIR']?.trim() || join(root, 'data')));
  const place = `the data folder ${path}`;
  const running = DataFolder.running(path);
  if (running) {
    if (running.database) return { uri: running.database, place, release: () => Promise.resolve() };
    throw new StartError(
      `The board on ${path} uses a MongoDB of its own, or is still starting: name it with MONGODB_URI, or try again in a moment.`,
    );
  }
  if (!mayBeNew && !existsSync(join(path, 'database'))) {
    throw new StartError(
      `There is no database in ${path}: name another folder with --data, or a MongoDB with MONGODB_URI.`,
    );
  }
  const folder = await DataFolder.take(path);
  try {
    const database = await planDatabase(root, folder.folder('database'), folder.log('database'));
    await step('Starting the database', database.child.start());
    const { pid } = database.child;
    folder.note({ children: pid === undefined ? [] : [pid] });
    return {
      uri: database.uri,
      place,
      release: async () => {
        await database.child.stop();
        folder.release();
      },
    };
  } catch (error) {
    folder.release();
    throw error;
  }
}

/** Hosts and database of an address; a password in it must not reach the terminal. */
function hostsOf(uri: string): string {
  return uri.replace(/^[a-z+]+:\/\/(?:[^@/]*@)?([^?]*).*$/, '$1').replace(/\/$/, '');
}
