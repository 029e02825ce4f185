import type { Socket } from 'node:net';
import type { Doc } from '../values/index.ts';
import { Framer, parseMessage, type Request, WireError } from './message.ts';

/** What serves the requests of a connection. */
export interface RequestHandler {
  /** Serves one request; resolves when the next one may be taken. */
  handle(connection: Connection, request: Request): Promise<void> | undefined;
}

let connections = 0;

/** A client's connection: its requests are served one after another, in the order in which they came. */
export class Connection {
  readonly id = ++connections;
  readonly socket: Socket;
  /** What the client said about itself at the handshake. */
  client: Doc | undefined;
  readonly #handler: RequestHandler;
  readonly #framer = new Framer();
  readonly #queue: Buffer[] = [];
  #busy = false;
  #replies = 0;
  readonly #closers = new Set<() => void>();

  constructor(socket: Socket, handler: RequestHandler) {
    this.socket = socket;
    this.#handler = handler;
    socket.setNoDelay(true);
    socket.on('data', (chunk: Buffer) => this.#receive(chunk));
    // A reset by the client is not worth a word; the close event follows.
    socket.on('error', () => {});
    socket.on('close', () => {
      for (const closer of this.#closers) closer();
      this.#closers.clear();
    });
  }

  /** The name of the client's application. */
  get appName(): string | undefined {
    const application = this.client?.get('application');
    const name = application instanceof Map ? application.get('name') : undefined;
    return typeof name === 'string' ? name : undefined;
  }

  /** Calls back once when the connection is closed; the returned function takes that back. */
  onClose(callback: () => void): () => void {
    if (this.socket.destroyed) callback();
    else this.#closers.add(callback);
    return () => this.#closers.delete(callback);
  }

  #receive(chunk: Buffer): void {
    try {
      this.#framer.push(chunk, (message) => {
        if (this.#busy) this.#queue.push(message);
        else this.#serve(message);
      });
    } catch (error) {
      this.#hangUpFor(error);
    }
  }

  /** What cannot be read ends the connection; anything else is a defect of this server. */
  #hangUpFor(error: unknown): void {
    // Lengths that point outside of the message show as a RangeError.
    if (!(error instanceof WireError || error instanceof RangeError)) throw error;
    this.socket.destroy();
  }

  #serve(message: Buffer): void {
    const pending = this.#handler.handle(this, parseMessage(message));
    if (pending === undefined) return;
    this.#busy = true;
    void pending.then(() => {
      this.#busy = false;
      this.#next();
    });
  }

  #next(): void {
    try {
      while (!this.#busy) {
        const message = this.#queue.shift();
        if (message === undefined || this.socket.destroyed) return;
        this.#serve(message);
      }
    } catch (error) {
      this.#hangUpFor(error);
    }
  }

  /** A number for the next reply. */
  nextReplyId(): number {
    this.#replies = (this.#replies + 1) & 0x7fffffff;
    return this.#replies;
  }

  send(message: Buffer): void {
    if (!this.socket.destroyed) this.socket.write(message);
  }
}
