import type { PositionReport, PositionsNews } from '../positions/schema.ts';
import type { PresenceNews, Whereabouts } from '../presence/schema.ts';
import type { Command, Ack } from './envelope.ts';
import type { WireError } from './errors.ts';
import type { Frame, Hello, Staleness } from './frames.ts';

/** What the server sends. Names are written here once; both ends are typed from it. */
export type ServerToClient = {
  hello(hello: Hello): void;
  frame(frame: Frame): void;
  /** The process lost or found its line to the database. */
  stale(state: Staleness): void;
  /** The last word before the server cuts the connection; `not_signed_in` and `forbidden` mean: do not come back as you are. */
  cut(error: WireError): void;
  /** Who else is here; only to those who have said where they are. */
  presence(news: PresenceNews): void;
  /** Where drivers are; only to those who watch them. */
  positions(news: PositionsNews): void;
};

/** An answer that says no more than whether it was taken. */
export type Plain = { ok: true } | { ok: false; error: WireError };

/** What a client sends. Everything else is refused. */
export type ClientToServer = {
  command(command: Command, ack: (ack: Ack) => void): void;
  /** Asks for the server's clock, to measure the offset. */
  clock(ack: (now: number) => void): void;
  /** Says where this tab is, each time that changes and every few seconds. */
  presence(whereabouts: Whereabouts, ack: (answer: Plain) => void): void;
  /** Says where a driver's phone was. Answered when it is kept, which takes a few seconds. */
  position(report: PositionReport, ack: (answer: Plain) => void): void;
  /** Asks to be told where drivers are, or not any more. */
  watchPositions(on: boolean, ack: (answer: Plain) => void): void;
};

/** Every event of a client, with the number of its arguments beside the acknowledgement. */
export const clientEvents = { command: 1, clock: 0, presence: 1, position: 1, watchPositions: 1 } as const satisfies {
  [E in keyof ClientToServer]: number;
};

/** Every event of the server. */
export const serverEvents = {
  hello: true,
  frame: true,
  stale: true,
  cut: true,
  presence: true,
  positions: true,
} as const satisfies {
  [E in keyof ServerToClient]: true;
};

/** What a client brings in the handshake. */
export type Handshake = { protocol: number };

/** The path of the Socket.IO endpoint. */
export const socketPath = '/socket.io';
