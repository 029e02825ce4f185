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
   * @param text what it does, for the person at the terminal
   * @param output where its words go: a log file, whose end is shown when the program fails, or this terminal
   * @throws {StartError} when it does not end with code 0: what it said on stderr, or else that it failed
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
      stdio: ['ignore', log ?? 'inherit', log ?? 'pipe', 'ipc'],
      detached: true,
    });
    if (log !== undefined) closeSync(log);
    let complaint = '';
    child.stderr?.on('data', (data: Buffer) => (complaint += data.toString('utf8')));
    this.#end = () => child.kill('SIGTERM');
    return new Promise((resolve, reject) => {
      child.once('error', (error) => reject(new StartError(`${text} failed: ${error.message}.`)));
      child.once('close', (code, signal) => {
        this.#end = undefined;
        if (code === 0) return resolve();
        const words = output === 'terminal' ? complaint.trim() : output.lastLines().slice(-30).join('\n');
        reject(new StartError(words || `${text} failed (${signal ?? `code ${code}`}).`));
      });
    });
  }

  /** Asks a running program to end. */
  end(): void {
    this.#end?.();
  }
}
