import { chmodSync, mkdirSync, readFileSync, realpathSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { uptime } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { setTimeout as pause } from 'node:timers/promises';
import { StartError } from './progress.ts';
import { LogFile } from './log-file.ts';

/** What a running launcher leaves in its folder, for the sentence of a second one and for `scripts/` that look for it. */
export interface Running {
  pid: number;
  url?: string;
  /** Address of the embedded database, when there is one and it serves. */
  database?: string;
  children: number[];
}

/** The folder with all that the board stores on this machine, held by one launcher at a time. */
export class DataFolder {
  readonly path: string;
  readonly #lock: DatabaseSync;
  readonly #runningPath: string;

  private constructor(path: string, lock: DatabaseSync) {
    this.path = path;
    this.#lock = lock;
    this.#runningPath = join(path, 'running.json');
  }

  /**
   * Makes the folder where it is missing, and takes it.
   *
   * @throws {StartError} when it is in use, or cannot be used
   */
  static async take(path: string): Promise<DataFolder> {
    try {
      mkdirSync(join(path, 'logs'), { recursive: true });
      // Sessions, people and everything else of an organization lie here: nobody else on the machine may read it.
      chmodSync(path, 0o700);
    } catch (error) {
      throw new StartError(`The data folder ${path} cannot be used: ${reasonOf(error)}.`);
    }
    const real = realpathSync(path);
    // SQLite's lock on a file is the kernel's, so it is gone with the process that holds it, however that ends.
    let lock: DatabaseSync;
    try {
      lock = new DatabaseSync(join(real, 'lock'), { timeout: 0 });
      lock.exec('BEGIN EXCLUSIVE');
    } catch (error) {
      if ((error as { errcode?: number }).errcode !== 5) {
        throw new StartError(
          `The data folder ${path} cannot be used: its file "lock" is not ours (${reasonOf(error)}).`,
        );
      }
      const running = readRunning(join(real, 'running.json'));
      const where = running ? ` (process ${running.pid}${running.url ? `, ${running.url}` : ''})` : '';
      throw new StartError(
        `Opsboard already runs on the data folder ${path}${where}: stop it first, or choose another folder with --data.`,
      );
    }
    const folder = new DataFolder(real, lock);
    await folder.#afterUncleanEnd();
    return folder;
  }

  /** What runs on a folder right now; undefined when it is free, or is none. */
  static running(path: string): Running | undefined {
    try {
      // Opening a file that is not there would make it.
      if (!statSync(join(path, 'lock')).isFile()) return undefined;
      const lock = new DatabaseSync(join(path, 'lock'), { timeout: 0 });
      try {
        lock.exec('BEGIN EXCLUSIVE');
        return undefined;
      } catch {
        return readRunning(join(path, 'running.json'));
      } finally {
        lock.close();
      }
    } catch {
      return undefined;
    }
  }

  /** A file in `logs/`. */
  log(name: string): LogFile {
    return new LogFile(join(this.path, 'logs', `${name}.log`));
  }

  /** A folder inside, for one of the stores. */
  folder(name: string): string {
    return join(this.path, name);
  }

  /** Notes what runs, for others to read. */
  note(running: Omit<Running, 'pid'>): void {
    writeFileSync(this.#runningPath, `${JSON.stringify({ pid: process.pid, ...running })}\n`, { mode: 0o600 });
  }

  /** Gives the folder back. */
  release(): void {
    rmSync(this.#runningPath, { force: true });
    this.#lock.close();
  }

  /** A launcher that was killed leaves children, which notice within seconds; starting beside them would fail. */
  async #afterUncleanEnd(): Promise<void> {
    const running = readRunning(this.#runningPath);
    if (!running || statSync(this.#runningPath).mtimeMs < Date.now() - uptime() * 1000) return;
    const until = performance.now() + 8000;
    while (running.children.some(isAlive) && performance.now() < until) await pause(50);
  }
}

function readRunning(path: string): Running | undefined {
  try {
    const { pid, url, database, children } = JSON.parse(readFileSync(path, 'utf8')) as Partial<Running>;
    if (typeof pid !== 'number' || !Array.isArray(children)) return undefined;
    return { pid, children, ...(url === undefined ? {} : { url }), ...(database === undefined ? {} : { database }) };
  } catch {
    return undefined;
  }
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}

function reasonOf(error: unknown): string {
  const { code, message } = error as NodeJS.ErrnoException;
  if (code === 'EACCES' || code === 'EPERM') return 'this account may not write there';
  if (code === 'ENOTDIR' || code === 'EEXIST') return 'it is not a folder';
  if (code === 'ENOSPC') return 'the disk is full';
  if (code === 'EROFS') return 'the disk is read-only';
  return message;
}
