/**
 * Runs benchmarks and writes test/bench/RESULTS.md:
 *
 *   node test/bench/main.ts [P12 …] [--small] [--rounds N] [--out FILE]
 *
 * Without numbers, all of them. A run replaces only the sections of what it ran. `--small` shows in seconds that they
 * still work, and writes nothing unless `--out` says where. A missed bound is a result, not a failure: the exit code
 * is 1 only when a benchmark could not be run.
 */
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import type { Benchmark } from './benchmark.ts';
import { measure } from './measure.ts';
import { describeMachine, mergeSection, section } from './report.ts';

const here = fileURLToPath(new URL('.', import.meta.url));
const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: { small: { type: 'boolean' }, rounds: { type: 'string' }, out: { type: 'string' } },
});
const small = values.small ?? false;
const out = values.out ?? (small ? undefined : join(here, 'RESULTS.md'));

const available = readdirSync(here)
  .map((file) => ({ file, number: Number(/^p(\d+)-[\w-]+\.ts$/.exec(file)?.[1]) }))
  .filter(({ file, number }) => !Number.isNaN(number) && !file.endsWith('.test.ts'))
  .sort((a, b) => a.number - b.number);
const wanted = new Set(positionals.map((id) => Number(/^[Pp](\d+)$/.exec(id)?.[1])));
const unknown = [...wanted].filter((number) => !available.some((one) => one.number === number));
if (unknown.length > 0) {
  console.error(`There is no such benchmark; there are ${available.map(({ number }) => `P${number}`).join(', ')}.`);
  process.exit(1);
}

let failed = 0;
for (const { file, number } of available) {
  if (wanted.size > 0 && !wanted.has(number)) continue;
  const { default: benchmark } = (await import(join(here, file))) as { default: Benchmark };
  try {
    await runOne(benchmark);
  } catch (error) {
    failed += 1;
    console.error(`${benchmark.id} could not be run:`, error);
  }
}
// A benchmark that left a handle open must not keep the command from ending.
process.exit(failed === 0 ? 0 : 1);

async function runOne(benchmark: Benchmark): Promise<void> {
  console.log(`\n${benchmark.id}: ${benchmark.title}`);
  const scratch = mkdtempSync(join(tmpdir(), `bench-${benchmark.id.toLowerCase()}-`));
  const rounds = Number(values.rounds ?? (small ? 1 : benchmark.rounds));
  try {
    await using run = await benchmark.setup({ small, scratch, log: console.log });
    const rows = await measure(run, rounds, console.log);
    const command = `npm run bench -- ${benchmark.id}${small ? ' --small' : ''}`;
    const date = new Date().toISOString().slice(0, 10);
    const text = section(benchmark, rows, run.notes?.() ?? [], { machine: describeMachine(), date, command, rounds });
    console.log(`\n${text}`);
    if (out !== undefined)
      writeFileSync(out, mergeSection(existsSync(out) ? readFileSync(out, 'utf8') : '', benchmark.id, text));
  } finally {
    rmSync(scratch, { recursive: true, force: true });
  }
}
