import { join, resolve } from 'node:path';
import { createInterface } from 'node:readline/promises';
import { parseArgs } from 'node:util';
import { BackupError } from '../server/src/backup/errors.ts';
import type { Content } from '../server/src/backup/restore.ts';
import { contentOf, isEmpty, restore } from '../server/src/backup/restore.ts';
import { createLog } from '../server/src/platform/log.ts';
import { connectMongo } from '../server/src/platform/mongo.ts';
import { Counting } from './lib/counting.ts';
import { StartError, say } from './lib/progress.ts';
import { run } from './lib/run.ts';
import { chooseDatabase } from './lib/which-database.ts';

const HELP = `scripts/restore FILE [--data DIR] [--yes]

Puts a backup in the place of everything that the board holds. The file is proved whole before anything is touched, and
what is there stays as it is until all of the backup has arrived beside it. Processes that run begin anew by themselves.

  FILE        what scripts/backup wrote
  --data DIR  the embedded database in this folder (default: MONGODB_URI, else DATA_DIR, else data/ in this checkout)
  --yes       replaces what is there without asking
`;

const root = join(import.meta.dirname, '..');

async function main(): Promise<void> {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: {
      data: { type: 'string' },
      yes: { type: 'boolean', default: false },
      help: { type: 'boolean', short: 'h' },
    },
  });
  if (values.help) return void process.stdout.write(HELP);
  const [file] = positionals;
  if (file === undefined || positionals.length > 1) throw new StartError('Name one file. See scripts/restore --help.');
  const database = await chooseDatabase(root, process.env, values.data, true);
  try {
    const connection = await connectMongo(database.uri, createLog('restore', 'error'));
    const counting = new Counting();
    try {
      const content = await contentOf(connection);
      if (!isEmpty(content) && !values.yes) await mustAgree(content, database.place);
      const manifest = await restore({
        connection,
        path: resolve(file),
        onProgress: (stage, documents) => counting.show(stage === 'switching' ? stage : `${stage} ${documents}`),
      });
      const seconds = counting.end();
      say(`Restored ${database.place} in ${seconds} s, as it was at ${new Date(manifest.takenAt).toISOString()}:`);
      for (const { name, seq } of manifest.organizations) say(`  ${name || '(no name yet)'}, ${seq} changes`);
      say('Processes that serve this database begin anew by themselves, and every page loads its state afresh.');
      say('Whoever signed in after that moment signs in again.');
    } finally {
      counting.end();
      await connection.close();
    }
  } finally {
    await database.release();
  }
}

/** Asks whoever is at the terminal to type what will be lost. @throws {StartError} without that */
async function mustAgree({ organizations, documents, restoring }: Content, place: string): Promise<void> {
  if (restoring) return say(`A restore of ${place} was interrupted: what is there is not whole, and is replaced.`);
  const names = organizations.map(({ name }) => `"${name}"`).join(', ') || 'no organization';
  const what = `${place.charAt(0).toUpperCase()}${place.slice(1)} holds ${names}: ${documents} documents, which the restore replaces.`;
  if (!process.stdin.isTTY) throw new StartError(`${what} Say --yes to replace them.`);
  say(what);
  const wanted = organizations[0]?.name ?? 'replace';
  const terminal = createInterface({ input: process.stdin, output: process.stdout });
  const given = await terminal.question(`Type ${wanted} to replace all of it: `).finally(() => terminal.close());
  if (given.trim() !== wanted) throw new StartError('Nothing was changed.');
}

await run('scripts/restore', main, BackupError);
