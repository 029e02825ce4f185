import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openTiles, pieceOf } from './tiles.ts';

describe('pieceOf', () => {
  it.each([
    ['bytes=0-99', { start: 0, length: 100 }],
    ['bytes=900-', { start: 900, length: 100 }],
    ['bytes=990-5000', { start: 990, length: 10 }],
    ['bytes=1000-1001', undefined],
    ['bytes=7-3', undefined],
    ['bytes=-500', undefined],
    ['bytes=0-1,5-6', undefined],
    ['lines=0-1', undefined],
    [undefined, undefined],
  ])('%s', (range, piece) => {
    expect(pieceOf(range, 1_000)).toEqual(piece);
  });
});

describe('openTiles', () => {
  let folder: string;
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'opsboard-tiles-'));
  });
  afterAll(() => rm(folder, { recursive: true }));

  it('reads pieces of a PMTiles file', async () => {
    const path = join(folder, 'map.pmtiles');
    await writeFile(path, Buffer.concat([Buffer.from('PMTiles\u0003', 'latin1'), Buffer.from('0123456789')]));
    const tiles = await openTiles(path);
    expect(tiles.size).toBe(18);
    expect((await tiles.read(10, 4)).toString()).toBe('2345');
    expect((await tiles.read(16, 100)).toString()).toBe('89');
    await tiles.close();
  });
  it('says what is wrong with a file that is none', async () => {
    const path = join(folder, 'not.pmtiles');
    await writeFile(path, 'SQLite format 3');
    await expect(openTiles(path)).rejects.toThrow(`${path} is not a PMTiles file of version 3.`);
    await expect(openTiles(join(folder, 'none'))).rejects.toThrow('cannot be read (ENOENT)');
  });
});
