import type { Actor } from './actors.ts';
import type { Fields } from './entries.ts';
import type { Kind } from './kinds.ts';

/** The version of everything in this folder that travels; a server answers others with `unsupported_protocol`. */
export const protocolVersion = 1;

/** Who changed a record last within a frame, for marks, announcements and the activity list. */
export type Cause = { seq: number; at: number; done: number; by: Actor; verb: string; commandId: string; why?: string };

/**
 * What a frame says of one record. A patch holds final values; a record that came into view (or was in a frame both
 * ways) goes whole; one that left view, whatever the reason, goes `gone`. `rev` is always the record's newest.
 */
export type Change =
  | { kind: Kind; id: string; rev: number; set: Fields; unset?: string[]; cause: Cause }
  | { kind: Kind; id: string; rev: number; whole: Fields; cause: Cause }
  | { kind: Kind; id: string; gone: true };

/**
 * All that is yours in (from, to]. A client at m drops a frame with `to` ≤ m, applies one with `from` ≤ m < `to`, and
 * catches up when `from` > m. `now` is the server's clock.
 */
export type Frame = { from: number; to: number; now: number; changes: Change[] };

/** The first message on every connection. */
export type Hello = {
  protocol: number;
  /** Changed by a restore of the database: state of another epoch is thrown away. */
  epoch: string;
  /** Where this process stands. */
  seq: number;
  now: number;
  org: string;
  person: string;
  /** The audience that the state must have been made for; state of another audience is thrown away. */
  audience: string;
  /** The release of the web app the server serves; another one asks the person to reload. */
  release: string;
};

/**
 * The server's word on how far it can be believed. `stale`: its own line to the database is cut, and what is shown is as
 * of `seq`. `clockOff`: its machine's clock was moved by so many milliseconds; `now` goes on as before for the time being.
 */
export type Staleness = { stale: boolean; seq: number; now: number; clockOff?: number };

/** The answer to a catch-up request: one coalesced frame, or the advice to fetch a snapshot because it is smaller. */
export type CatchUp =
  { frame: Frame; epoch: string; audience: string } | { snapshot: true; epoch: string; audience: string };
