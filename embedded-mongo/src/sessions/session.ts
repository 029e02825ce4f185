import { Binary } from 'bson';
import { Code, MongoError } from '../errors.ts';
import type { Engine } from '../storage/engine.ts';
import { decode, encode } from '../values/codec.ts';
import { type Doc, docOf, int32, type Value } from '../values/types.ts';
import { Transaction } from './transaction.ts';

/** What an executed statement of a retryable write answered. */
export type StatementResult = Doc;

type TransactionState = 'none' | 'active' | 'committed' | 'aborted';

/** What the server remembers of a logical session. */
export class Session {
  /** 16 bytes. */
  readonly id: Buffer;
  readonly key: string;
  /** Wall clock in milliseconds. */
  lastUse = Date.now();
  /** The latest transaction number that the client used, for a retryable write or a transaction. */
  number = -1n;
  /** The statements of the retryable write of that number that were executed. */
  statements = new Map<number, StatementResult>();
  state: TransactionState = 'none';
  transaction: Transaction | undefined;
  timer: NodeJS.Timeout | undefined;

  constructor(id: Buffer, key: string) {
    this.id = id;
    this.key = key;
  }
}

function noSuchTransaction(message: string): MongoError {
  return new MongoError(Code.NoSuchTransaction, message);
}

/** The sessions of all clients, their retryable writes and transactions. */
export class Sessions {
  readonly #engine: Engine;
  readonly #sessions = new Map<string, Session>();
  /** What the next commit will note, by session. */
  readonly #open = new Map<Session, { readonly number: bigint; readonly results: [number, StatementResult][] }>();
  /** How long a session lives after its last use, in milliseconds. */
  readonly timeoutMs: number;
  /** How long a transaction may stay open, in milliseconds. */
  transactionLifetimeMs = 60_000;

  constructor(engine: Engine, timeoutMs: number) {
    this.#engine = engine;
    this.timeoutMs = timeoutMs;
    for (const block of engine.store.retries()) this.#load(block);
    engine.retryNotes = () => this.#notes();
  }

  get size(): number {
    return this.#sessions.size;
  }

  all(): Iterable<Session> {
    return this.#sessions.values();
  }

  /** The session of an `lsid`, made if it is new. Throws if that is not a session's id. */
  of(lsid: Value): Session {
    const id = lsid instanceof Map ? lsid.get('id') : undefined;
    if (!(id instanceof Binary) || id.sub_type !== 4 || id.position !== 16) {
      throw new MongoError(Code.TypeMismatch, "BSON field 'lsid.id' is the wrong type, expected a UUID");
    }
    const key = Buffer.from(id.buffer.buffer, id.buffer.byteOffset, 16).toString('latin1');
    let session = this.#sessions.get(key);
    if (session === undefined) {
      session = new Session(Buffer.from(key, 'latin1'), key);
      this.#sessions.set(key, session);
    }
    session.lastUse = Date.now();
    return session;
  }

  #advance(session: Session, number: bigint): void {
    if (number < session.number) {
      throw new MongoError(
        Code.TransactionTooOld,
        `Cannot start transaction with number ${number} on session because a newer one with number ${session.number} has already started`,
      );
    }
    if (number > session.number) {
      this.abort(session);
      session.number = number;
      session.statements = new Map();
      session.state = 'none';
    }
  }

  /** Enters a retryable write. Afterwards {@link Session.statements} tells what of it was executed before. */
  retryable(session: Session, number: bigint): void {
    this.#advance(session, number);
    if (session.state !== 'none') {
      throw new MongoError(
        217,
        `Cannot retry a retryable write with number ${number}: that number was used for a transaction`,
      );
    }
  }

  /** Remembers what a statement answered, durable together with what it wrote. */
  executed(session: Session, statement: number, result: StatementResult): void {
    const { statements } = session;
    statements.set(statement, result);
    // The statements of one command, or at least of one turn, share a note.
    const open = this.#open.get(session);
    if (open && open.number === session.number) {
      open.results.push([statement, result]);
      return;
    }
    const pending = { number: session.number, results: [[statement, result]] as [number, StatementResult][] };
    this.#open.set(session, pending);
    const close = (): void => {
      if (this.#open.get(session) === pending) this.#open.delete(session);
    };
    this.#engine.note(
      () => {
        close();
        return this.#note(session, pending.number, pending.results);
      },
      () => {
        close();
        for (const [id] of pending.results) statements.delete(id);
      },
    );
  }

  #note(session: Session, number: bigint, statements: Iterable<[number, StatementResult]>): Buffer {
    const results: Value[] = [];
    for (const [statement, result] of statements) results.push(docOf('i', int32(statement), 'r', result));
    return encode(
      docOf(
        's',
        new Binary(session.id, 4),
        't',
        number,
        'at',
        new Date(session.lastUse),
        'committed',
        session.state === 'committed',
        'done',
        results,
      ),
      64 * 1024 * 1024,
    );
  }

  #load(block: Buffer): void {
    for (let offset = 0; offset < block.length; offset += block.readInt32LE(offset)) {
      const note = decode(block, offset);
      const session = this.of(docOf('id', note.get('s') as Value));
      const number = note.get('t') as bigint;
      if (number > session.number) {
        session.number = number;
        session.statements = new Map();
        session.state = 'none';
      }
      session.lastUse = (note.get('at') as Date).getTime();
      if (note.get('committed') === true) session.state = 'committed';
      for (const item of note.get('done') as Doc[]) {
        session.statements.set(Number(item.get('i')), item.get('r') as Doc);
      }
    }
  }

  #notes(): Buffer {
    const notes: Buffer[] = [];
    for (const session of this.#sessions.values()) {
      if (session.statements.size > 0 || session.state === 'committed')
        notes.push(this.#note(session, session.number, session.statements));
    }
    return Buffer.concat(notes);
  }

  /** Begins a transaction for the command that asks for it. */
  start(session: Session, number: bigint): Transaction {
    this.#advance(session, number);
    if (session.state !== 'none' || session.statements.size > 0) {
      throw new MongoError(
        50911,
        `Cannot start a transaction at given transaction number ${number}: a transaction with the same number is in state ${session.state}`,
      );
    }
    session.transaction = new Transaction(this.#engine);
    session.state = 'active';
    session.timer = setTimeout(() => this.abort(session), this.transactionLifetimeMs);
    session.timer.unref();
    return session.transaction;
  }

  /** The open transaction that a command goes on with. */
  current(session: Session, number: bigint): Transaction {
    if (number < session.number) this.#advance(session, number);
    if (number > session.number || session.state === 'none') {
      throw noSuchTransaction(
        `Given transaction number ${number} does not match any in-progress transactions. The active transaction number is ${session.number}`,
      );
    }
    if (session.state === 'committed') {
      throw new MongoError(Code.TransactionCommitted, `Transaction with { txnNumber: ${number} } has been committed.`);
    }
    if (session.transaction === undefined) {
      throw noSuchTransaction(`Transaction with { txnNumber: ${number} } has been aborted.`);
    }
    return session.transaction;
  }

  /** Commits; once more is the same as once. */
  commit(session: Session, number: bigint, register: Parameters<Transaction['commit']>[2]): void {
    if (number === session.number && session.state === 'committed') return;
    const transaction = this.current(session, number);
    this.#close(session, 'committed');
    if (transaction.readOnly) {
      transaction.end();
      return;
    }
    transaction.commit(session.id, number, register);
    this.#engine.note(
      () => this.#note(session, number, []),
      () => {
        session.state = 'aborted';
      },
    );
  }

  /** Aborts the transaction of that number. Throws 251 if there is none. */
  abortCommand(session: Session, number: bigint): void {
    this.current(session, number);
    this.abort(session);
  }

  /** Aborts the session's transaction if it has one open. */
  abort(session: Session): void {
    const { transaction } = session;
    if (transaction === undefined) return;
    this.#close(session, 'aborted');
    transaction.end();
  }

  #close(session: Session, state: TransactionState): void {
    clearTimeout(session.timer);
    session.timer = undefined;
    session.transaction = undefined;
    session.state = state;
  }

  /** Aborts all open transactions, as when memory was rolled back under them. */
  abortAll(): void {
    for (const session of this.#sessions.values()) this.abort(session);
  }

  /** Ends a session: its transaction goes; what retries need stays until the session's time is over. */
  end(session: Session): void {
    this.abort(session);
  }

  /** Forgets sessions that were not used for too long. */
  sweep(now = Date.now()): void {
    for (const session of this.#sessions.values()) {
      if (session.transaction === undefined && now - session.lastUse > this.timeoutMs)
        this.#sessions.delete(session.key);
    }
  }
}
