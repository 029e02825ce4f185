/** Runs all parts of the tests, or those that are named, and ends with one line: `N passed, N failed`. */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { PARTS } from './lib/parts.ts';
import type { Part } from './lib/parts.ts';
import { StartError, say } from './lib/progress.ts';
import { needProgram } from './lib/system-packages.ts';
import { failedPart } from './lib/test-report.ts';
import type { Score } from './lib/test-report.ts';
import { buildWeb } from './lib/web-build.ts';

const root = join(import.meta.dirname, '..');
/** What a soak does more of, as the tests read it from the environment; without them they take their short form. */
const SOAK = { SOAK: '1', CRASH_KILLS: '500', FAULTS: '200', FUZZ_SEEDS: '1000' };
const SOAK_TIMES_LONGER = 40;
const SOAK_PARTS = ['embedded', 'flow', 'faults'];

const HELP = `scripts/test [--soak] [part…]

Runs all parts, or those that are named, one after the other:

${PARTS.map(({ name, what }) => `  ${name.padEnd(10)}${what}`).join('\n')}

--soak runs ${SOAK_PARTS.join(', ')} for hours: many more kills, faults and seeds.

CHROMIUM_PATH names the browser, else chromium on the PATH is used.
MONGODB_SPECIFICATIONS names the folder of MongoDB's own test cases for the part "embedded".
`;

const args = process.argv.slice(2);
if (args.includes('--help') || args.includes('-h')) {
  process.stdout.write(HELP);
  process.exit(0);
}
const soak = args.includes('--soak');
const named = args.filter((arg) => arg !== '--soak');
const unknown = named.filter((name) => !PARTS.some((part) => part.name === name));
if (unknown.length > 0) {
  process.stderr.write(`There is no part ${unknown.join(', ')}.\n\n${HELP}`);
  process.exit(2);
}

const fallback = soak ? SOAK_PARTS : PARTS.map(({ name }) => name);
const asked = new Set(named.length > 0 ? named : fallback);
const env: NodeJS.ProcessEnv = { ...(soak ? SOAK : {}), ...process.env };
// Beside the checkout, where a working place has them; they are not copied into it.
const cases = join(root, '../shared/conformance/mongodb-specifications');
if (!env['MONGODB_SPECIFICATIONS'] && existsSync(cases)) env['MONGODB_SPECIFICATIONS'] = cases;

/** What a part needs is brought once, by the first part that needs it; each part hears of a failure. */
const brought = new Map<Part['needs'][number], Promise<void>>();
const BRING: Record<Part['needs'][number], () => Promise<void>> = {
  redis: async () => void (await needProgram('redis-server', 'redis-server', 'redis')),
  chromium: async () => {
    env['CHROMIUM_PATH'] ||= await needProgram('chromium', 'chromium');
  },
  web: () => buildWeb(root),
};

const total: Score = { passed: 0, failed: 0, skipped: 0, failures: [], unsteady: [] };
const began = performance.now();
const seconds = (since: number): string => `${((performance.now() - since) / 1000).toFixed(0)} s`;
const lines: string[] = [];

for (const part of PARTS.filter(({ name }) => asked.has(name))) {
  say(`\n── ${part.name}: ${part.what}`);
  const partBegan = performance.now();
  const score = await scoreOfPart(part);
  total.passed += score.passed;
  total.failed += score.failed;
  total.skipped += score.skipped;
  total.failures.push(...score.failures);
  total.unsteady.push(...score.unsteady);
  const skipped = score.skipped > 0 ? `, ${score.skipped} skipped` : '';
  lines.push(
    `${part.name.padEnd(10)}${score.passed} passed, ${score.failed} failed${skipped} in ${seconds(partBegan)}`,
  );
}

say(`\n── all in ${seconds(began)}\n${lines.map((line) => `  ${line}`).join('\n')}\n`);
// Last, because an end is what is kept of a long output.
const list = (title: string, texts: string[]): void => {
  if (texts.length > 0) say(`── ${title}\n${texts.map((text) => `✗ ${text}`).join('\n')}\n`);
};
list('unsteady: failed at first, passed when its file ran once more', total.unsteady);
list('failed', total.failures);
say(`${total.passed} passed, ${total.failed} failed`);
process.exit(total.failed === 0 ? 0 : 1);

async function scoreOfPart(part: Part): Promise<Score> {
  try {
    for (const need of part.needs) {
      if (!brought.has(need)) brought.set(need, BRING[need]());
      await brought.get(need);
    }
    return await part.run(root, env, part.minutes * (soak ? SOAK_TIMES_LONGER : 1));
  } catch (error) {
    const why = error instanceof StartError ? error.message : String((error as Error).stack);
    say(why);
    return failedPart(`${part.name}: ${why}`);
  }
}
