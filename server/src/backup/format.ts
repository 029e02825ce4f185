import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { createReadStream } from 'node:fs';
import { open, rename, rm, stat } from 'node:fs/promises';
import type { FileHandle } from 'node:fs/promises';
import { dirname } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { createGunzip, createGzip } from 'node:zlib';
import { z } from 'zod';
import { BackupError } from './errors.ts';

/**
 * A backup is one gzip file: a line that names it, then blocks. A block is the length of its header (4 bytes, little
 * endian), the header as JSON, and so many bytes of BSON documents, one after the other, as the header says. The
 * last block is the manifest; a file without one is not whole.
 */
const magic = Buffer.from('opsboard backup\n');
/** Grows when a file is written that an older release would misread. */
export const formatVersion = 1;
/** Larger ones are not written, and not believed: a document has 16 MiB at most, bytes. */
const largestBlock = 64 * 1024 * 1024;
const largestHeader = 1024 * 1024;

const count = z.number().int().nonnegative();
const body = { bytes: count.max(largestBlock), sha256: z.string().length(64) };

/** What a backup holds, and of when. `seq`: the last entry of an organization's journal in it. */
export const manifestShape = z.object({
  format: z.number().int(),
  id: z.string(),
  /** When everything was as it is in the file, milliseconds since the epoch. */
  takenAt: z.number(),
  organizations: z.array(z.object({ id: z.string(), name: z.string(), seq: count })),
  /** Documents found by reading, by collection; also of collections that were empty. */
  documents: z.record(z.string(), count),
  /** Changes that happened while it was read; they come last, in order. */
  changes: count,
  blocks: count,
  /** Of all blocks before: SHA-256 over their own SHA-256s. */
  sha256: z.string().length(64),
});
export type Manifest = z.infer<typeof manifestShape>;

const headerShape = z.discriminatedUnion('type', [
  z.object({ type: z.literal('begin'), format: z.number().int(), ...body }),
  z.object({ type: z.literal('documents'), collection: z.string().min(1), count, ...body }),
  z.object({ type: z.literal('changes'), count, ...body }),
  z.object({ type: z.literal('end'), manifest: manifestShape, ...body }),
]);

/** A part of a backup. `body`: `count` BSON documents, one after the other. */
export type Block =
  | { type: 'documents'; collection: string; count: number; body: Buffer }
  | { type: 'changes'; count: number; body: Buffer }
  | { type: 'end'; manifest: Manifest };

const partialOf = (path: string): string => `${path}.partial`;
const sha256 = (data: Buffer): string => createHash('sha256').update(data).digest('hex');

/** Writes a backup beside its name; it gets its name when it is whole and on disk. */
export class BackupWriter {
  readonly #path: string;
  readonly #partial: string;
  readonly #gzip = createGzip({ level: 6 });
  /** Rejects when the disk is full, for instance. */
  readonly #written: Promise<void>;
  readonly #digest = createHash('sha256');
  #blocks = 0;

  private constructor(path: string, file: FileHandle) {
    this.#path = path;
    this.#partial = partialOf(path);
    this.#written = pipeline(this.#gzip, file.createWriteStream());
    this.#written.catch(() => undefined);
  }

  /** @throws {BackupError} when there is a file of that name, or its folder is not to be written to */
  static async create(path: string): Promise<BackupWriter> {
    if (await stat(path).catch(() => undefined)) throw new BackupError(`${path} exists already: choose another name.`);
    let file: FileHandle;
    try {
      await rm(partialOf(path), { force: true });
      // It holds password hashes and people's addresses: for nobody else on the machine.
      file = await open(partialOf(path), 'wx', 0o600);
    } catch (error) {
      throw new BackupError(`${path} cannot be written: ${(error as Error).message}.`);
    }
    const writer = new BackupWriter(path, file);
    await writer.#write({ type: 'begin', format: formatVersion }, Buffer.alloc(0), magic);
    return writer;
  }

  /** Resolves when there is room for more. */
  async documents(collection: string, count: number, body: Buffer): Promise<void> {
    await this.#write({ type: 'documents', collection, count }, body);
  }

  async changes(count: number, body: Buffer): Promise<void> {
    await this.#write({ type: 'changes', count }, body);
  }

  /** Ends the file. @returns its size, bytes, and its manifest */
  async end(given: Omit<Manifest, 'format' | 'blocks' | 'sha256'>): Promise<{ bytes: number; manifest: Manifest }> {
    const manifest = { format: formatVersion, ...given, blocks: this.#blocks, sha256: this.#digest.digest('hex') };
    await this.#write({ type: 'end', manifest }, Buffer.alloc(0));
    this.#gzip.end();
    await this.#written;
    const file = await open(this.#partial, 'r+');
    try {
      await file.sync();
    } finally {
      await file.close();
    }
    await rename(this.#partial, this.#path);
    // The name itself must survive a loss of power, too.
    const folder = await open(dirname(this.#path), 'r');
    await folder.sync().finally(() => folder.close());
    return { bytes: (await stat(this.#path)).size, manifest };
  }

  /** Leaves nothing behind. */
  async abandon(): Promise<void> {
    this.#gzip.destroy();
    await this.#written.catch(() => undefined);
    await rm(this.#partial, { force: true });
  }

  async #write(head: object, body: Buffer, before = Buffer.alloc(0)): Promise<void> {
    const digest = sha256(body);
    const header = Buffer.from(JSON.stringify({ ...head, bytes: body.length, sha256: digest }));
    const length = Buffer.alloc(4);
    length.writeUInt32LE(header.length);
    if ((head as { type: string }).type !== 'end') {
      this.#blocks += 1;
      this.#digest.update(sha256(header));
    }
    // In one piece: several may be writing.
    const room = this.#gzip.write(Buffer.concat([before, length, header, body]));
    // A full disk ends the pipeline, and then nothing would ever drain.
    if (!room) await Promise.race([once(this.#gzip, 'drain'), this.#written]);
  }
}

/**
 * Reads a backup block by block, and proves each before it is given out; the manifest comes last, proved against all of
 * them.
 *
 * @throws {BackupError} when the file is none, is damaged, or ends too early
 */
export async function* readBackup(path: string): AsyncGenerator<Block> {
  const input = createReadStream(path);
  const gunzip = createGunzip();
  const read = pipeline(input, gunzip);
  read.catch(() => undefined);
  const reader = new Reader(gunzip);
  const digest = createHash('sha256');
  const documents: Record<string, number> = {};
  let [blocks, changes, ended] = [0, 0, false];
  try {
    if (!(await reader.take(magic.length))?.equals(magic))
      throw new BackupError(`${path} is not a backup of Opsboard.`);
    for (;;) {
      const length = await reader.take(4);
      if (!length) break;
      if (ended) throw damaged(path, 'it goes on after its end');
      const size = length.readUInt32LE();
      const raw = size <= largestHeader ? await reader.take(size) : undefined;
      const header = raw && headerOf(raw);
      const body = header && (await reader.take(header.bytes));
      if (!header || !body) throw damaged(path, `block ${blocks + 1} cannot be read`);
      if (sha256(body) !== header.sha256) throw damaged(path, `block ${blocks + 1} is not what was written`);
      if ((header.type === 'begin') !== (blocks === 0)) throw damaged(path, 'its blocks are not in order');
      if (header.type === 'begin' && header.format > formatVersion)
        throw new BackupError(`${path} was written by a newer release of Opsboard: restore it with that one.`);
      if (header.type === 'end') {
        const { manifest } = header;
        const same =
          manifest.blocks === blocks &&
          manifest.changes === changes &&
          manifest.sha256 === digest.digest('hex') &&
          Object.entries(manifest.documents).every(([name, n]) => n === (documents[name] ?? 0)) &&
          Object.keys(documents).every((name) => name in manifest.documents);
        if (!same) throw damaged(path, 'its manifest does not fit its content');
        ended = true;
        yield { type: 'end', manifest };
        continue;
      }
      blocks += 1;
      digest.update(sha256(raw));
      if (header.type === 'begin') continue;
      if (header.type === 'documents')
        documents[header.collection] = (documents[header.collection] ?? 0) + header.count;
      else changes += header.count;
      yield header.type === 'documents'
        ? { type: 'documents', collection: header.collection, count: header.count, body }
        : { type: 'changes', count: header.count, body };
    }
    if (!ended) throw damaged(path, 'its end is missing');
  } catch (error) {
    if (error instanceof BackupError) throw error;
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'ENOENT') throw new BackupError(`There is no file ${path}.`);
    if (code === 'EISDIR') throw new BackupError(`${path} is a folder, not a backup.`);
    if (code === 'EACCES') throw new BackupError(`This account may not read ${path}.`);
    // A small file that is damaged in its middle fails before its first block is out: only what is no gzip is no backup.
    if (code === 'Z_DATA_ERROR' && blocks === 0 && (error as Error).message === 'incorrect header check')
      throw new BackupError(`${path} is not a backup of Opsboard.`);
    if (code === 'Z_BUF_ERROR') throw damaged(path, 'its end is missing');
    if (code?.startsWith('Z_')) throw damaged(path, (error as Error).message);
    throw error;
  } finally {
    input.destroy();
    gunzip.destroy();
    await read.catch(() => undefined);
  }
}

const damaged = (path: string, how: string): BackupError =>
  new BackupError(`${path} is damaged (${how}). Nothing was changed; use another backup.`);

function headerOf(raw: Buffer): z.infer<typeof headerShape> | undefined {
  try {
    return headerShape.safeParse(JSON.parse(raw.toString('utf8'))).data;
  } catch {
    return undefined;
  }
}

/** Takes so many bytes at a time from a stream. */
class Reader {
  readonly #chunks: AsyncIterator<Buffer>;
  #held: Buffer[] = [];
  #length = 0;

  constructor(stream: AsyncIterable<Buffer>) {
    this.#chunks = stream[Symbol.asyncIterator]();
  }

  /** Undefined when the stream has ended before. */
  async take(bytes: number): Promise<Buffer | undefined> {
    while (this.#length < bytes) {
      const next = await this.#chunks.next();
      if (next.done) return undefined;
      this.#held.push(next.value);
      this.#length += next.value.length;
    }
    const all = this.#held.length === 1 ? this.#held[0]! : Buffer.concat(this.#held);
    this.#held = [all.subarray(bytes)];
    this.#length -= bytes;
    return all.subarray(0, bytes);
  }
}
