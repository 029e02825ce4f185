/**
 * Runs MongoDB's own cases without the test framework, to look at failures:
 *
 *   node embedded-mongo/test/conformance/main.ts [part of a case's name …] [--uri URI] [--list] [--write]
 *
 * `--list` prints one line per failure, `--write` rewrites failing.json with the failures of this run (reasons that
 * are there stay; new ones get the first line of their error, to be replaced by somebody who has understood it).
 */
import { readFileSync, writeFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { caseName, loadSpecs } from './spec.ts';
import { startSuite, Tally } from './suite.ts';

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: { uri: { type: 'string' }, list: { type: 'boolean' }, write: { type: 'boolean' } },
});
const root = process.env['MONGODB_SPECIFICATIONS'];
if (root === undefined) throw new Error('MONGODB_SPECIFICATIONS must name the folder of the cases');

const tally = new Tally();
const failures = new Map<string, string>();
{
  await using suite = await startSuite(values.uri);
  for (const loaded of loadSpecs(root)) {
    for (const test of loaded.spec.tests) {
      const name = caseName(loaded, test);
      if (positionals.length > 0 && !positionals.some((part) => name.includes(part))) continue;
      const started = performance.now();
      const outcome = await suite.run(loaded, test);
      const took = performance.now() - started;
      if (took > 2000) console.log(`slow: ${name} took ${Math.round(took)} ms`);
      tally.add(loaded.folder, outcome);
      if (outcome.state !== 'failed') continue;
      const message = outcome.error instanceof Error ? outcome.error.message : String(outcome.error);
      const trace =
        outcome.error instanceof Error && outcome.error.name !== 'Mismatch' ? `\n${outcome.error.stack}` : '';
      failures.set(name, message.split('\n')[0] ?? '');
      console.log(values.list === true ? `${name}: ${message.split('\n')[0]}` : `\n✗ ${name}\n  ${message}${trace}`);
    }
  }
}
console.log(`\n${tally.report()}`);

if (values.write === true) {
  const file = new URL('./failing.json', import.meta.url);
  const known = JSON.parse(readFileSync(file, 'utf8')) as Record<string, string>;
  const list = Object.fromEntries([...failures].map(([name, message]) => [name, known[name] ?? message]));
  writeFileSync(file, `${JSON.stringify(list, undefined, 2)}\n`);
}
