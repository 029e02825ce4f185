import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { closeSync } from 'node:fs';
import { StartError, say } from './progress.ts';
import type { LogFile } from './log-file.ts';

/** How a child is started and when it serves. */
export interface ChildPlan {
  /** As the person knows it, for example `the database`. */
  name: string;
  command: string;
  args: string[];
  env?: NodeJS.ProcessEnv;
  cwd?: string;
  log: LogFile;
  /** `channel`: a Node process that watches its channel to us. `line`: stdin stays open, its end means that we are gone. */
  tether: 'channel' | 'line';
  /** Where the output goes: to the log file, or to this terminal; `read` leaves stdout for `ready` to read. */
  output?: 'log' | 'terminal' | 'read';
  /** Resolves when the child serves. It may wait for ever: the child's end and `readyMs` are watched elsewhere. */
  ready: (child: ChildProcess) => Promise<void>;
  /** Longest wait for `ready`, ms. */
  readyMs?: number;
  /** Asks the child to end in order; the default is SIGTERM. */
  askToEnd?: (child: ChildProcess) => void;
  /** Longest wait for an orderly end, ms, before the child is killed. */
  endMs?: number;
  /** Called whenever a process has been started. */
  onSpawn?: () => void;
}

/** Exit codes with which our processes say that another try is useless: wrong settings, taken port, unusable folder. */
const USELESS_TO_RETRY = new Set([2, 3, 4]);
const LONGEST_PAUSE_MS = 10_000;
/** A child that has served this long starts again without a pause. */
const STEADY_MS = 60_000;

/** A process that is kept running: started again whenever it ends without having been asked to. */
export class Child {
  readonly plan: ChildPlan;
  #process: ChildProcess | undefined;
  #ended: Promise<void> = Promise.resolve();
  #stopping = false;
  #pause: { timer: NodeJS.Timeout; done: () => void } | undefined;
  #failures = 0;
  #restartAsked = false;

  constructor(plan: ChildPlan) {
    this.plan = plan;
  }

  get pid(): number | undefined {
    return this.#process?.pid;
  }

  /** Starts the child. @throws {StartError} when it ends, or takes too long, before it serves */
  async start(): Promise<void> {
    await this.#run();
    void this.#keep();
  }

  /** Ends the child in order, and kills it and all that it started when that takes too long. */
  async stop(): Promise<void> {
    this.#stopping = true;
    if (this.#pause) {
      clearTimeout(this.#pause.timer);
      this.#pause.done();
    }
    const child = this.#process;
    if (!child) return;
    const tooLong = setTimeout(() => killGroup(child), this.plan.endMs ?? 12_000);
    if (this.plan.askToEnd) this.plan.askToEnd(child);
    else child.kill('SIGTERM');
    await this.#ended;
    clearTimeout(tooLong);
  }

  /** Kills the child with all that it started, at once. */
  kill(): void {
    this.#stopping = true;
    if (this.#process) killGroup(this.#process);
  }

  /** Ends the child and waits; it is started again as after a crash, but without a word or a pause. */
  async restart(): Promise<void> {
    this.#restartAsked = true;
    this.#process?.kill('SIGTERM');
    await this.#ended;
  }

  async #run(): Promise<void> {
    const { plan } = this;
    const log = plan.output === 'terminal' ? undefined : plan.log.open();
    const rest = log ?? 'inherit';
    const child = spawn(plan.command, plan.args, {
      cwd: plan.cwd,
      env: { ...process.env, ...plan.env },
      stdio: [
        plan.tether === 'line' ? 'pipe' : 'ignore',
        plan.output === 'read' ? 'pipe' : rest,
        rest,
        ...(plan.tether === 'channel' ? ['ipc' as const] : []),
      ],
      // A process group of its own: Ctrl-C reaches the launcher alone, which ends its children in order.
      detached: true,
    });
    if (log !== undefined) closeSync(log);
    this.#process = child;
    plan.onSpawn?.();
    // A write to a child that has just ended is answered by its exit, which is handled.
    child.stdin?.on('error', () => undefined);
    let exited = false;
    this.#ended = new Promise((resolve) => {
      const end = (): void => {
        exited = true;
        if (this.#process === child) this.#process = undefined;
        resolve();
      };
      child.once('exit', end);
      child.once('error', end);
    });
    const readyMs = plan.readyMs ?? 60_000;
    let timer: NodeJS.Timeout | undefined;
    try {
      await Promise.race([
        plan.ready(child),
        new Promise<never>((_, reject) => {
          child.once('error', (error) =>
            reject(new StartError(`${capital(plan.name)} could not be started: ${error.message}.`)),
          );
          child.once('exit', (code, signal) => reject(new StartError(this.#endedEarly(code, signal))));
          timer = setTimeout(
            () =>
              reject(
                new StartError(`${capital(plan.name)} was not ready within ${readyMs / 1000} s; see ${plan.log.path}.`),
              ),
            readyMs,
          );
        }),
      ]);
    } catch (error) {
      if (!exited) killGroup(child);
      await this.#ended;
      throw error;
    } finally {
      clearTimeout(timer);
    }
  }

  /** Starts the child again whenever it has ended, after a pause that grows while it keeps failing. */
  async #keep(): Promise<void> {
    while (!this.#stopping) {
      const began = performance.now();
      await this.#ended;
      if (performance.now() - began > STEADY_MS) this.#failures = 0;
      while (!this.#stopping && !(await this.#startAgain()));
    }
  }

  /** One more try. @returns whether the child serves */
  async #startAgain(): Promise<boolean> {
    const { name, log } = this.plan;
    const asked = this.#restartAsked;
    this.#restartAsked = false;
    if (!asked) {
      const pauseMs = this.#failures === 0 ? 0 : Math.min(LONGEST_PAUSE_MS, 250 * 2 ** this.#failures);
      this.#failures += 1;
      say(
        `${capital(name)} has ended unexpectedly and is started again${pauseMs ? ` in ${pauseMs / 1000} s` : ''}; see ${log.path}.`,
      );
      await new Promise<void>((done) => (this.#pause = { done, timer: setTimeout(done, pauseMs) }));
      if (this.#stopping) return false;
    }
    try {
      await this.#run();
      say(`${capital(name)} ${asked ? 'has been started again' : 'serves again'}.`);
      return true;
    } catch (error) {
      if (!this.#stopping) say(error instanceof Error ? error.message : String(error));
      return false;
    }
  }

  #endedEarly(code: number | null, signal: string | null): string {
    const sentence = this.plan.output === 'terminal' ? undefined : this.plan.log.lastSentence();
    if (sentence && code !== null && USELESS_TO_RETRY.has(code)) return sentence;
    const how = signal ? `was ended by ${signal}` : `ended with code ${code}`;
    return `${capital(this.plan.name)} ${how} before it was ready${sentence ? `: ${sentence}` : ''} (log: ${this.plan.log.path})`;
  }
}

/** Whether the process has not ended yet. */
export function isRunning(child: ChildProcess): boolean {
  return child.exitCode === null && child.signalCode === null;
}

const capital = (text: string): string => text.charAt(0).toUpperCase() + text.slice(1);

/** Kills a child with all that it started; it leads a process group. */
function killGroup(child: ChildProcess): void {
  try {
    if (child.pid !== undefined) process.kill(-child.pid, 'SIGKILL');
  } catch {
    // It has ended in the meantime.
  }
}
