/** Reads all sources with every tool, or with those that are named: `npm run check [-- types lint …]`. */
import { join } from 'node:path';
import { CHECK_NAMES, runChecks } from './lib/checks.ts';

const asked = process.argv.slice(2);
const unknown = asked.filter((name) => !CHECK_NAMES.includes(name));
if (unknown.length > 0) {
  console.error(`There is no check ${unknown.join(', ')}; there are ${CHECK_NAMES.join(', ')}.`);
  process.exit(1);
}
await runChecks(
  join(import.meta.dirname, '..'),
  asked.length > 0 ? asked : CHECK_NAMES,
  ({ name, passed, ms, output }) => {
    if (!passed) {
      console.log(output.trimEnd());
      process.exitCode = 1;
    }
    console.log(`${passed ? '✓' : '✗'} ${name} (${(ms / 1000).toFixed(1)} s)`);
  },
);
