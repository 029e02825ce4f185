import type { FileHandle } from 'node:fs/promises';
import { open } from 'node:fs/promises';

/** A PMTiles file that is served in pieces. */
export type Tiles = {
  size: number;
  /** Another file, or the same one changed, has another one. */
  etag: string;
  read(start: number, length: number): Promise<Buffer>;
  close(): Promise<void>;
};

/** What a client may ask for at once, bytes: a tile or a directory of the file is far below. */
export const largestPiece = 8 * 1024 * 1024;

/**
 * Opens a PMTiles file.
 *
 * @throws with a sentence for whoever starts the board, when it cannot be read or is something else
 */
export async function openTiles(path: string): Promise<Tiles> {
  let file: FileHandle;
  try {
    file = await open(path, 'r');
  } catch (error) {
    throw new Error(`MAP_PMTILES: ${path} cannot be read (${(error as NodeJS.ErrnoException).code ?? 'unknown'}).`, {
      cause: error,
    });
  }
  const read = async (start: number, length: number): Promise<Buffer> => {
    const { buffer, bytesRead } = await file.read(Buffer.alloc(length), 0, length, start);
    return buffer.subarray(0, bytesRead);
  };
  const head = await read(0, 8);
  if (head.toString('latin1', 0, 7) !== 'PMTiles' || head[7] !== 3) {
    await file.close();
    throw new Error(`MAP_PMTILES: ${path} is not a PMTiles file of version 3.`);
  }
  const { size, mtimeMs } = await file.stat();
  return {
    size,
    etag: `"${size.toString(36)}-${Math.round(mtimeMs).toString(36)}"`,
    read,
    close: () => file.close(),
  };
}

/**
 * Reads `Range: bytes=from-to`, the one form that map readers send.
 *
 * @returns the first byte and how many; undefined when it is none, or not in the file
 */
export function pieceOf(range: string | undefined, size: number): { start: number; length: number } | undefined {
  const found = /^bytes=(\d{1,15})-(\d{1,15})?$/.exec(range ?? '');
  if (!found) return undefined;
  const start = Number(found[1]);
  const end = Math.min(found[2] === undefined ? size - 1 : Number(found[2]), size - 1);
  return start > end ? undefined : { start, length: end - start + 1 };
}
