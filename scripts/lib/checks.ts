import { spawn } from 'node:child_process';
import { join } from 'node:path';

/** A tool that reads the sources and finds fault with them. */
interface Check {
  /** What it looks at, as `npm run check -- NAME` takes it. */
  name: string;
  /** Program below `node_modules` and its arguments, run one after the other. */
  commands: [string, ...string[]][];
  cwd?: string;
}

/** What the tools remember of files that have not changed since. */
const CACHE = 'node_modules/.cache/opsboard';

const CHECKS: Check[] = [
  {
    name: 'types',
    commands: [
      ['typescript/bin/tsc', '-p', 'tsconfig.json', '--incremental', '--tsBuildInfoFile', `${CACHE}/tsc.json`],
    ],
  },
  { name: 'lint', commands: [['eslint/bin/eslint.js', '.', '--max-warnings', '0']] },
  {
    name: 'types-web',
    commands: [
      ['@sveltejs/kit/svelte-kit.js', 'sync'],
      ['svelte-check/bin/svelte-check', '--tsconfig', './tsconfig.json', '--output', 'human', '--fail-on-warnings'],
      ['typescript/bin/tsc', '-p', 'src/service-worker/tsconfig.json', '--noEmit'],
    ],
    cwd: 'web',
  },
  {
    name: 'format',
    commands: [
      [
        'prettier/bin/prettier.cjs',
        '--check',
        '.',
        '--log-level',
        'warn',
        '--cache',
        '--cache-location',
        `${CACHE}/prettier`,
      ],
    ],
  },
  {
    name: 'dependencies',
    commands: [
      ['dependency-cruiser/bin/dependency-cruiser.mjs', '--config', '.dependency-cruiser.js'].concat([
        'shared/src',
        'server/src',
        'embedded-mongo',
        'web/src',
        'scripts',
        'test',
      ]) as [string, ...string[]],
    ],
  },
  { name: 'unused', commands: [['knip/bin/knip.js', '--no-progress', '--no-config-hints']] },
];

/** What a check found. */
export interface CheckResult {
  name: string;
  passed: boolean;
  ms: number;
  output: string;
}

/** Names of all checks, those that take longest first. */
export const CHECK_NAMES = CHECKS.map(({ name }) => name);

/**
 * Runs checks, two at a time.
 *
 * @param root folder of the checkout
 * @param names which; all of `CHECK_NAMES` unless told otherwise
 * @param onResult told of each as it ends
 */
export async function runChecks(
  root: string,
  names: readonly string[],
  onResult: (result: CheckResult) => void,
): Promise<void> {
  const waiting = CHECKS.filter(({ name }) => names.includes(name));
  const work = async (): Promise<void> => {
    for (let check = waiting.shift(); check; check = waiting.shift()) {
      const began = performance.now();
      let output = '';
      let passed = true;
      for (const [program, ...args] of check.commands) {
        const result = await run(join(root, 'node_modules', program), args, join(root, check.cwd ?? '.'));
        output += result.output;
        passed &&= result.code === 0;
        if (!passed) break;
      }
      onResult({ name: check.name, passed, ms: performance.now() - began, output });
    }
  };
  await Promise.all([work(), work()]);
}

function run(program: string, args: string[], cwd: string): Promise<{ code: number | null; output: string }> {
  return new Promise((resolve) => {
    const child = spawn(process.execPath, [program, ...args], { cwd, stdio: ['ignore', 'pipe', 'pipe'] });
    let output = '';
    const take = (data: Buffer): void => void (output += data.toString('utf8'));
    child.stdout.on('data', take);
    child.stderr.on('data', take);
    child.once('error', (error) => resolve({ code: 1, output: error.message }));
    child.once('close', (code) => resolve({ code, output }));
  });
}
