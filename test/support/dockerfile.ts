import { execFile } from 'node:child_process';
import { cpSync, existsSync, mkdirSync, readFileSync } from 'node:fs';
import { basename, join, matchesGlob, relative } from 'node:path';
import { promisify } from 'node:util';

/** One step of a Dockerfile: the instruction in capitals, and what follows it on its line. */
export type Step = { instruction: string; rest: string };
/** A stage: from a `FROM` to the next. */
export type Stage = { name: string; base: string; steps: Step[] };

/** Reads a Dockerfile as far as ours goes: no heredocs, no variables but in `FROM`. */
export function parseDockerfile(text: string): Stage[] {
  const lines = text
    .replaceAll(/^\s*#.*\n/gm, '')
    .replaceAll(/\\\n\s*/g, '')
    .split('\n')
    .filter((line) => line.trim() !== '');
  const defaults = new Map<string, string>();
  const stages: Stage[] = [];
  for (const line of lines) {
    const [, instruction = '', rest = ''] = /^([A-Z]+)\s+(.*)$/.exec(line) ?? [];
    if (instruction === 'ARG' && stages.length === 0) defaults.set(...(rest.split('=') as [string, string]));
    else if (instruction === 'FROM') {
      const [, base = '', name = ''] = /^(\S+) AS (\S+)$/.exec(rest) ?? [];
      stages.push({
        name,
        base: base.replaceAll(/\$\{(\w+)\}/g, (_, arg: string) => defaults.get(arg) ?? ''),
        steps: [],
      });
    } else stages.at(-1)?.steps.push({ instruction, rest });
  }
  return stages;
}

/** What a `COPY` names. */
export function copyOf(rest: string): { from?: string; sources: string[]; to: string } {
  const words = rest.split(/\s+/);
  const from = words[0]?.startsWith('--from=') ? words.shift()!.slice('--from='.length) : undefined;
  const to = words.pop() ?? '';
  return { ...(from === undefined ? {} : { from }), sources: words, to };
}

/** Whether `.dockerignore` keeps a path of the checkout away from the build. */
export function ignored(root: string): (path: string) => boolean {
  const patterns = readFileSync(join(root, '.dockerignore'), 'utf8').split('\n').filter(Boolean);
  return (path) => patterns.some((pattern) => matchesGlob(path, pattern) || matchesGlob(path, `${pattern}/**`));
}

/**
 * Does in a folder what a stage does in its `WORKDIR`, as far as that needs no container: copies files, installs packages.
 *
 * @param given folders that stand for stages that are not built here, by name
 */
export async function buildStage(
  root: string,
  stages: readonly Stage[],
  name: string,
  folder: string,
  given: { [stage: string]: string },
): Promise<void> {
  const stage = stages.find((one) => one.name === name)!;
  const keptAway = ignored(root);
  mkdirSync(folder, { recursive: true });
  for (const { instruction, rest } of stage.steps) {
    if (instruction === 'COPY') {
      const { from, sources, to } = copyOf(rest);
      for (const source of sources) {
        const base = from === undefined ? root : (given[from] ?? `${folder}-${from}`);
        if (from !== undefined && !existsSync(base)) await buildStage(root, stages, from, base, given);
        const path = join(base, from === undefined ? source : relative('/opsboard', source));
        const target = to.endsWith('/') ? join(folder, to, basename(source)) : join(folder, to);
        const filter = (one: string): boolean => from !== undefined || !keptAway(relative(root, one));
        cpSync(path, target, { recursive: true, filter, verbatimSymlinks: true });
      }
    }
    if (instruction === 'RUN' && rest.startsWith('npm ')) {
      const [command = '', ...args] = rest.split(' ');
      // A registry that is not there must not fail a test whose packages are all in npm's cache.
      await promisify(execFile)(command, [...args, '--prefer-offline'], { cwd: folder });
    }
  }
}

/** Variables that an image sets. */
export function environmentOf(stage: Stage): { [name: string]: string } {
  const pairs = stage.steps.filter(({ instruction }) => instruction === 'ENV').flatMap(({ rest }) => rest.split(' '));
  return Object.fromEntries(pairs.map((pair) => pair.split('=') as [string, string]));
}
