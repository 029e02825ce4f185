import { spawn } from 'node:child_process';
import { closeSync } from 'node:fs';
import { StartError } from './progress.ts';
import type { LogFile } from './log-file.ts';

/** A child that does one thing and ends. */
export class Task {
  #end: (() => void) | undefined;

  /**
   * Runs a Node program to its end.
   *
   * @param output a log file, whose end is shown when the program fails, or this terminal
   * @throws {StartError} when it does not end with code 0
   */
  run(
    text: string,
    args: string[],
    options: { cwd: string; env?: NodeJS.ProcessEnv; output: LogFile | 'terminal' },
  ): Promise<void> {
    const { cwd, env, output } = options;
    const log = output === 'terminal' ? undefined : output.open();
    const child = spawn(process.execPath, args, {
      cwd,
      env: { ...process.env, ...env },
      stdio: ['ignore', log ?? 'inherit', log ?? 'inherit', 'ipc'],
      detached: true,
    });
    if (log !== undefined) closeSync(log);
    this.#end = () => child.kill('SIGTERM');
    return new Promise((resolve, reject) => {
      child.once('error', (error) => reject(new StartError(`${text} failed: ${error.message}.`)));
      child.once('exit', (code, signal) => {
        this.#end = undefined;
        if (code === 0) return resolve();
        const said = output === 'terminal' ? '' : `\n${output.lastLines().slice(-30).join('\n')}\n`;
        reject(new StartError(`${said}${text} failed (${signal ?? `code ${code}`}).`));
      });
    });
  }

  /** Asks a running program to end. */
  end(): void {
    this.#end?.();
  }
}
