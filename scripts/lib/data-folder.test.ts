import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { DataFolder } from './data-folder.ts';

let folder: string;
beforeEach(() => void (folder = mkdtempSync(join(tmpdir(), 'opsboard-data-'))));
afterEach(() => rmSync(folder, { recursive: true }));

it('is made, and closed to others on the machine', async () => {
  const data = await DataFolder.take(join(folder, 'deep/data'));
  expect(statSync(data.path).mode & 0o777).toBe(0o700);
  data.release();
});

it('is held by one launcher at a time, which the second one names', async () => {
  const data = await DataFolder.take(folder);
  data.note({ children: [], url: 'http://127.0.0.1:3000' });
  await expect(DataFolder.take(folder)).rejects.toThrow(
    new RegExp(`^Opsboard already runs on the data folder .*process ${process.pid}, http://127\\.0\\.0\\.1:3000`),
  );
  data.release();
  (await DataFolder.take(folder)).release();
});

it('tells others what runs on it, and only while it does', async () => {
  expect(DataFolder.running(folder)).toBeUndefined();
  expect(existsSync(join(folder, 'lock'))).toBe(false);
  const data = await DataFolder.take(folder);
  data.note({ children: [1], url: 'http://127.0.0.1:3000', database: 'mongodb://127.0.0.1:1/opsboard' });
  expect(DataFolder.running(folder)).toEqual({
    pid: process.pid,
    children: [1],
    url: 'http://127.0.0.1:3000',
    database: 'mongodb://127.0.0.1:1/opsboard',
  });
  data.release();
  expect(DataFolder.running(folder)).toBeUndefined();
  expect(DataFolder.running(join(folder, 'missing'))).toBeUndefined();
});

it('is free again when its launcher was killed', async () => {
  const code = `import { DataFolder } from ${JSON.stringify(join(import.meta.dirname, 'data-folder.ts'))};
    const data = await DataFolder.take(${JSON.stringify(folder)});
    data.note({ children: [] });
    console.log('held');
    setInterval(() => undefined, 1000);`;
  const holder = spawn(process.execPath, ['--input-type=module', '-e', code], { stdio: ['ignore', 'pipe', 'inherit'] });
  await once(holder.stdout, 'data');
  await expect(DataFolder.take(folder)).rejects.toThrow(/already runs/);
  holder.kill('SIGKILL');
  await once(holder, 'exit');
  (await DataFolder.take(folder)).release();
});

it('says in one sentence that it is no folder, or not ours', async () => {
  const file = join(folder, 'file');
  writeFileSync(file, 'text');
  await expect(DataFolder.take(file)).rejects.toThrow(/^The data folder .* cannot be used: it is not a folder\.$/);
  writeFileSync(join(folder, 'lock'), 'not a database, but a text of more than one hundred bytes'.repeat(20));
  await expect(DataFolder.take(folder)).rejects.toThrow(
    /^The data folder .* cannot be used: its file "lock" is not ours/,
  );
});
