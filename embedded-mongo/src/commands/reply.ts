import type { Doc } from '../values/index.ts';

/** A reply goes out once more, for a client that takes several to one request. */
export interface Streamed {
  readonly body: Buffer;
  readonly again: () => Promise<Streamed>;
}

/** What a command answers: a document, or BSON, or a stream of replies. */
export type Reply = Doc | Buffer | Streamed;

/** The connection is closed instead of an answer, as a fail point demands it. */
export class HangUp extends Error {}
