import type { Socket } from 'socket.io';
import type { Audience } from '@opsboard/shared/protocol/audiences';
import type { ClientToServer, ServerToClient } from '@opsboard/shared/protocol/events';
import type { SignedIn } from '../people/sessions.ts';
import { Line } from './packet.ts';

/** The board's socket, as Socket.IO has it. */
export type BoardSocket = Socket<ClientToServer, ServerToClient>;

/** One connected client: who it is, what it sees, and how far it has been taken beyond its room. */
export class Member {
  readonly socket: BoardSocket;
  readonly who: SignedIn;
  readonly audience: Audience;
  readonly line: Line;
  /** It has been sent everything up to here by itself ([L6]); 0 when it only follows its room. */
  ahead = 0;

  constructor(socket: BoardSocket, who: SignedIn, audience: Audience) {
    this.socket = socket;
    this.who = who;
    this.audience = audience;
    this.line = new Line(socket);
  }
}
