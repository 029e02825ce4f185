import { createHash } from 'node:crypto';
import type { Connection } from 'mongoose';
import { Binary } from 'mongodb';
import type { Clock } from '../platform/clock.ts';

/** A file as stored: small ones only, so one document holds it whole. `at`: when it came, or was last named. */
export type StoredFile = {
  _id: string;
  org: string;
  type: string;
  size: number;
  sha256: string;
  data: Binary;
  at: number;
  by: string;
  /** The routes whose proof it is, or was to be. */
  routes?: string[];
};

/** A file with its bytes. */
export type File = { type: string; bytes: Buffer };

/** A file, with who sent it and what it is part of. */
export type KeptFile = File & { by: string; routes: readonly string[] };

/** Largest file, bytes. */
export const largestFile = 512 * 1024;

export type Files = {
  /** Keeps a file under the id that its sender made. The same again is fine; `taken`: the id is another file's. */
  put(org: string, id: string, file: File, by: string): Promise<'kept' | 'taken'>;
  get(org: string, id: string): Promise<KeptFile | undefined>;
  /**
   * Those of the ids that are not there, and those that were not this route's before. What is there counts as new again,
   * so that none is swept between this and the commit that names it.
   *
   * @param named.by only files that this person sent count
   * @param named.route whose proof they are to be
   */
  claim(
    org: string,
    ids: readonly string[],
    named?: { by?: string | undefined; route?: string | undefined },
  ): Promise<{ missing: string[]; claimed: string[] }>;
  /** They were not to be: the command that claimed them was refused. */
  release(org: string, ids: readonly string[], route: string): Promise<void>;
};

export const filesIn = (connection: Connection) => connection.collection<StoredFile>('files');

/** Files of organizations. They come first and are named by a command then; nothing else of them changes. */
export function createFiles(connection: Connection, clock: Clock): Files {
  const files = filesIn(connection);
  return {
    put: async (org, id, { type, bytes }, by) => {
      const sha256 = createHash('sha256').update(bytes).digest('hex');
      const document = { org, type, size: bytes.length, sha256, data: new Binary(bytes), at: clock.now(), by };
      try {
        await files.insertOne({ _id: id, ...document });
        return 'kept';
      } catch (error) {
        if ((error as { code?: number }).code !== 11000) throw error;
        const same = await files.findOne({ _id: id, org, sha256 }, { projection: { _id: 1 } });
        return same ? 'kept' : 'taken';
      }
    },
    get: async (org, id) => {
      const found = await files.findOne({ _id: id, org });
      return found
        ? { type: found.type, bytes: Buffer.from(found.data.buffer), by: found.by, routes: found.routes ?? [] }
        : undefined;
    },
    claim: async (org, ids, { by, route } = {}) => {
      const [missing, claimed]: [string[], string[]] = [[], []];
      for (const id of ids) {
        const before = await files.findOneAndUpdate(
          { _id: id, org, ...(by === undefined ? {} : { by }) },
          { $set: { at: clock.now() }, ...(route === undefined ? {} : { $addToSet: { routes: route } }) },
          { returnDocument: 'before', projection: { routes: 1 } },
        );
        if (!before) missing.push(id);
        else if (route !== undefined && !before.routes?.includes(route)) claimed.push(id);
      }
      return { missing, claimed };
    },
    release: async (org, ids, route) => {
      const its = { _id: { $in: [...ids] }, org };
      await files.updateMany(its, { $pull: { routes: route } });
      // Nobody's any more: swept, unless it is named again.
      await files.updateMany({ ...its, routes: [] }, { $unset: { routes: true } });
    },
  };
}
