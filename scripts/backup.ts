import { join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { backUp } from '../server/src/backup/back-up.ts';
import { BackupError } from '../server/src/backup/errors.ts';
import { createLog } from '../server/src/platform/log.ts';
import { connectMongo } from '../server/src/platform/mongo.ts';
import { Counting } from './lib/counting.ts';
import { say } from './lib/progress.ts';
import { run } from './lib/run.ts';
import { chooseDatabase } from './lib/which-database.ts';

const HELP = `scripts/backup [--to FILE] [--data DIR]

Writes everything that the board holds into one file, while it goes on working: the state of one moment, for all
organizations the same. The file is whole or not there at all. It holds password hashes and people's addresses.

  --to FILE   name of the file (default: opsboard-DATE.backup in this folder)
  --data DIR  the embedded database in this folder (default: MONGODB_URI, else DATA_DIR, else data/ in this checkout)
`;

const root = join(import.meta.dirname, '..');

async function main(): Promise<void> {
  const { values } = parseArgs({
    options: { to: { type: 'string' }, data: { type: 'string' }, help: { type: 'boolean', short: 'h' } },
  });
  if (values.help) return void process.stdout.write(HELP);
  const date = new Date().toISOString().slice(0, 19).replace('T', '-').replaceAll(':', '');
  const path = resolve(values.to ?? `opsboard-${date}.backup`);
  const database = await chooseDatabase(root, process.env, values.data, false);
  try {
    const connection = await connectMongo(database.uri, createLog('backup', 'error'));
    const counting = new Counting();
    try {
      const { bytes, manifest } = await backUp({
        connection,
        path,
        onProgress: (documents) => counting.show(`${documents} documents`),
      });
      const seconds = counting.end();
      const documents = Object.values(manifest.documents).reduce((sum, count) => sum + count, 0);
      say(`Backed up ${database.place} as it was at ${new Date(manifest.takenAt).toISOString()}:`);
      for (const { name, seq } of manifest.organizations) say(`  ${name || '(no name yet)'}, ${seq} changes`);
      say(`${documents} documents, ${(bytes / 1e6).toFixed(1)} MB, in ${seconds} s: ${path}`);
    } finally {
      counting.end();
      await connection.close();
    }
  } finally {
    await database.release();
  }
}

await run('scripts/backup', main, BackupError);
