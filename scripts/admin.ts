import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { createDispatcher } from '../server/src/dispatch/dispatch.ts';
import { openJournal } from '../server/src/journal/journal.ts';
import { createTerminal, TerminalError } from '../server/src/people/terminal.ts';
import type { TerminalLink } from '../server/src/people/terminal.ts';
import { createLog } from '../server/src/platform/log.ts';
import { connectMongo } from '../server/src/platform/mongo.ts';
import { say, StartError } from './lib/progress.ts';
import { run } from './lib/run.ts';
import { chooseDatabase } from './lib/which-database.ts';

const HELP = `scripts/admin organization --name NAME --admin NAME --email ADDRESS [--time-zone ZONE] [--data DIR]
scripts/admin password ADDRESS [--data DIR]
scripts/admin second-factor-off ADDRESS [--data DIR]

For whoever may run programs on the board's machine; the board may be running.

  organization       founds one more organization; its admin chooses a password by the link that is printed
  password           prints a link by which the person with this e-mail address chooses a new password
  second-factor-off  takes off the second factor of somebody who has lost it and the recovery codes

  --time-zone ZONE   of the organization, as Europe/Berlin (default: this machine's)
  --data DIR         the embedded database in this folder (default: MONGODB_URI, else DATA_DIR, else data/ in this checkout)
`;

const root = join(import.meta.dirname, '..');

/** The link as it is opened; the address of the board is known only where it is set. */
function told({ path, expiresAt }: TerminalLink): string {
  const { PUBLIC_URL, PORT, HOST } = process.env;
  const origin = PUBLIC_URL?.replace(/\/$/, '') ?? `http://${HOST ?? '127.0.0.1'}:${PORT ?? 3000}`;
  return `${origin}${path}\nIt works once, until ${new Date(expiresAt).toLocaleString('en-GB', { dateStyle: 'medium', timeStyle: 'short' })} by this machine's clock.`;
}

async function main(): Promise<void> {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: {
      name: { type: 'string' },
      admin: { type: 'string' },
      email: { type: 'string' },
      'time-zone': { type: 'string', default: Intl.DateTimeFormat().resolvedOptions().timeZone },
      data: { type: 'string' },
      help: { type: 'boolean', short: 'h' },
    },
  });
  const [verb, address, ...more] = positionals;
  if (values.help || verb === undefined) return void process.stdout.write(HELP);
  const founding = verb === 'organization';
  const known = founding || verb === 'password' || verb === 'second-factor-off';
  const { name, admin, email } = values;
  if (!known || more.length > 0 || founding === (address !== undefined))
    throw new StartError('This is not what it can do. See scripts/admin --help.');
  if (founding && (name === undefined || admin === undefined || email === undefined))
    throw new StartError('Say --name, --admin and --email. See scripts/admin --help.');

  const database = await chooseDatabase(root, process.env, values.data, false);
  const clock = { now: () => Date.now(), monotonic: () => performance.now() };
  const log = createLog('admin', 'error');
  try {
    const connection = await connectMongo(database.uri, log);
    const journal = await openJournal({ connection, clock, log });
    const dispatcher = createDispatcher({ journal, clock, log });
    try {
      const terminal = createTerminal({ connection, dispatcher, clock });
      if (founding) {
        const timeZone = values['time-zone'];
        const { link } = await terminal.found({ name: name!, timeZone, adminName: admin!, adminEmail: email! });
        say(`${name} is founded. ${admin} chooses a password here:\n${told(link)}`);
      } else if (verb === 'password') {
        const { name: whose, link } = await terminal.newPassword(address!);
        say(`${whose} chooses a new password here:\n${told(link)}`);
      } else {
        const { name: whose } = await terminal.withoutSecondFactor(address!);
        say(`${whose} signs in with the password alone from now on.`);
      }
    } finally {
      await dispatcher.drain();
      await journal.close();
      await connection.close();
    }
  } finally {
    await database.release();
  }
}

await run('scripts/admin', main, TerminalError);
