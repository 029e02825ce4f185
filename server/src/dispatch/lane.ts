import type { Principal } from '@opsboard/shared/protocol/actors';
import { actorKey, actorOf } from '@opsboard/shared/protocol/actors';
import type { Ack, Command } from '@opsboard/shared/protocol/envelope';
import type { WireError } from '@opsboard/shared/protocol/errors';
import type { Duplicate } from '../journal/outcome.ts';
import type { StoredReceipt } from '../journal/stored.ts';
import type { OrgWriter } from '../journal/writer.ts';
import type { Clock } from '../platform/clock.ts';
import type { Logger } from '../platform/log.ts';
import { currentPrincipal } from './authorize.ts';
import { asSeen } from './decide.ts';
import { digestOf } from './digest.ts';
import { Preparation } from './prepare.ts';
import { Recent } from './recent.ts';
import { emailTaken, idTaken, internal, partDescribed, partElsewhere, reused, unavailable } from './refusals.ts';
import type { Round } from './round.ts';
import { decideRound } from './round.ts';
import { Turn } from './turn.ts';
import type { Waiting } from './waiting.ts';

/** About so many records are committed together. */
const largestGroup = 500;
/** More than this wait nowhere: the sender is told to come back. */
const longestLine = 20_000;
/** Commands that could not be committed for so long are answered `unavailable`, milliseconds. */
const patience = 9000;

/**
 * The commit lane of one organization in this process. Commands wait in line; each round takes those that wait, decides
 * them in order on one state and commits them in one transaction. While it commits, the next ones gather.
 */
export class Lane {
  readonly #writer: OrgWriter;
  readonly #clock: Clock;
  readonly #log: Logger;
  readonly #recent: Recent;
  readonly #turn: Turn;
  readonly #underway = new Map<string, { digest: string; actor: string; ack: Promise<Ack> }>();
  readonly #line: Waiting[] = [];
  #running = false;
  /** So many of the next commands are taken one by one: one of them broke its group. */
  #singly = 0;
  #idle: (() => void)[] = [];

  constructor(writer: OrgWriter, clock: Clock, log: Logger) {
    this.#writer = writer;
    this.#clock = clock;
    this.#log = log;
    this.#recent = new Recent(writer.state);
    this.#turn = new Turn(writer, clock);
  }

  submit(principal: Principal, command: Command, at: number): Promise<Ack> {
    const { commandId } = command;
    const digest = digestOf(command);
    const actor = actorKey(actorOf(principal));
    const known = this.#underway.get(commandId);
    if (known) return known.digest === digest && known.actor === actor ? known.ack : refusal(reused());
    const done = this.#recent.get(commandId);
    if (done) {
      return done.digest === digest && actorKey(done.actor) === actor
        ? Promise.resolve(this.#ackOf(done, principal))
        : refusal(reused());
    }
    if (this.#line.length >= longestLine) return refusal(unavailable());
    const ack = new Promise<Ack>((resolve) => {
      const looked = command.resend !== true && !this.#recent.foreign(commandId);
      this.#line.push({ principal, command, at, digest, looked, answer: resolve });
    });
    this.#underway.set(commandId, { digest, actor, ack });
    if (!this.#running) {
      this.#running = true;
      // What arrived in the same turn of the event loop goes into the same group.
      setImmediate(() => void this.#run());
    }
    return ack;
  }

  /** Resolves when nothing waits and nothing is under way. */
  idle(): Promise<void> {
    return this.#running ? new Promise((resolve) => this.#idle.push(resolve)) : Promise.resolve();
  }

  async #run(): Promise<void> {
    while (this.#line.length > 0) {
      try {
        await this.#round();
      } catch (error) {
        // A bug of the lane itself: it must go on for the others.
        this.#log.error({ err: error, org: this.#writer.state.org }, 'a round of the commit lane failed');
      }
    }
    this.#running = false;
    const idle = this.#idle;
    this.#idle = [];
    for (const done of idle) done();
  }

  #take(batch: Waiting[]): void {
    const room = this.#singly > 0 ? 1 : largestGroup;
    if (batch.length < room) batch.push(...this.#line.splice(0, room - batch.length));
  }

  /** One group, from the line to the answers; again and again until it is committed, refused, or takes too long. */
  async #round(): Promise<void> {
    const { state } = this.#writer;
    const started = this.#clock.monotonic();
    const preparation = new Preparation(this.#writer);
    let batch: Waiting[] = [];
    try {
      for (let attempt = 0; ; attempt++) {
        this.#take(batch);
        if (batch.length === 0) return;
        if (attempt > 0 && this.#clock.monotonic() - started > patience) {
          this.#log.warn({ org: state.org, commands: batch.length }, 'commands could not be committed');
          return;
        }
        let round: Round<Waiting>;
        try {
          for (const waiting of batch) if (this.#recent.foreign(waiting.command.commandId)) waiting.looked = false;
          const settled = await preparation.settled(batch);
          if (settled.size > 0) batch = this.#settle(batch, settled);
          const ready = preparation.loading(batch);
          if (ready) await ready;
          round = this.#decide(batch, preparation);
          batch = batch.filter((waiting) => this.#underway.has(waiting.command.commandId));
          if (round.turnedAway.size > 0) {
            const doubtful = [...round.turnedAway.keys()];
            const acted = await preparation.settled(doubtful, true);
            batch = this.#settle(batch, acted);
            // Without receipts to write, nothing else would prove that the state is not an old one.
            if (round.group.receipts.length === 0) await this.#writer.catchUp();
            if (acted.size > 0 || state.seq !== round.group.from) continue;
          }
        } catch (error) {
          await this.#pause(attempt, error);
          continue;
        }
        if (round.group.receipts.length === 0 || (await this.#commit(round, batch, attempt))) {
          this.#answer(round);
          if (this.#singly > 0) this.#singly -= 1;
          batch = [];
          return;
        }
        if (batch.length > 1 && this.#singly > 0) {
          // One of them cannot be stored: they go one by one, in their order, so that it fails alone.
          this.#line.unshift(...batch);
          batch = [];
          return;
        }
        batch = batch.filter((waiting) => this.#underway.has(waiting.command.commandId));
      }
    } finally {
      this.#turn.end();
      // Whoever is still here has no receipt, and may be sent again.
      for (const waiting of batch) this.#finish(waiting, { ok: false, error: unavailable() });
    }
  }

  #decide(batch: readonly Waiting[], preparation: Preparation): Round<Waiting> {
    return decideRound(this.#writer.state, this.#writer.references, preparation.loaded, batch, (waiting, error) => {
      const { name, commandId } = waiting.command;
      this.#log.error({ err: error, command: name, commandId }, 'a rule threw');
      this.#finish(waiting, { ok: false, error: internal() });
    });
  }

  /** True when the round is committed. Otherwise the batch is to be decided again, as far as it is not answered. */
  async #commit(round: Round<Waiting>, batch: readonly Waiting[], attempt: number): Promise<boolean> {
    const outcome = await this.#writer.commit({ ...round.group, turn: this.#turn.held });
    switch (outcome.type) {
      case 'committed':
        this.#turn.used();
        return true;
      case 'moved':
      case 'conflict':
        await this.#turn.late(round.group.from).catch((error: unknown) => this.#pause(attempt, error));
        return false;
      case 'repeated':
        // Where one has acted before, others of its sender may have, too.
        for (const waiting of batch) waiting.looked = false;
        return false;
      case 'duplicate':
        await this.#blame(outcome.duplicate, round, batch);
        return false;
      case 'broken':
        this.#break(batch, outcome.error);
        return false;
      case 'replaced':
        // The next process of this name decides them; they carry the same ids.
        for (const waiting of batch) this.#finish(waiting, { ok: false, error: unavailable() });
        return false;
      case 'failed':
        await this.#pause(attempt, outcome.error);
        return false;
      case 'unknown':
        // Their receipts say whether it was committed: all of them or none.
        this.#log.warn(
          { err: outcome.error, org: this.#writer.state.org },
          'a commit’s outcome is unknown: asking the receipts',
        );
        for (const waiting of batch) waiting.looked = false;
        await this.#pause(attempt, outcome.error);
        return false;
    }
  }

  /** Finds the command that a unique index refuses, and gives it its refusal; the others go on without it. */
  async #blame(
    { index, kind, id, message }: Duplicate,
    round: Round<Waiting>,
    batch: readonly Waiting[],
  ): Promise<void> {
    const culprit = batch.findLast((waiting) => {
      const made = round.made.get(waiting);
      return (
        made &&
        round.group.entries.some(({ entry }) => {
          const its = entry.kind === kind && entry.id === id && entry.seq >= made.first && entry.seq <= made.seq;
          return (
            its &&
            (index === 'id'
              ? entry.rev === 1
              : index === 'email'
                ? (entry.touched?.includes('email') ?? false)
                : batch.length === 1)
          );
        })
      );
    });
    if (!culprit) return this.#break(batch, new Error(`a unique index of ${kind} refused ${id}: ${message}`));
    if (index === 'id') culprit.refusal = idTaken();
    else if (index === 'email') culprit.refusal = emailTaken();
    else if (index === 'partId') culprit.refusal = partDescribed();
    else if (index === 'parts') culprit.refusal = partElsewhere('A part');
    else this.#break(batch, new Error(`a unique index of ${kind} refused ${id}: ${message}`));
  }

  #break(batch: readonly Waiting[], error: unknown): void {
    this.#log.error({ err: error, org: this.#writer.state.org, commands: batch.length }, 'a group could not be stored');
    const [only] = batch;
    if (batch.length === 1 && only) this.#finish(only, { ok: false, error: internal() });
    else this.#singly = batch.length;
  }

  #answer(round: Round<Waiting>): void {
    for (const receipt of round.group.receipts) this.#recent.add(receipt);
    for (const [waiting, { first, seq }] of round.made) this.#finish(waiting, { ok: true, first, seq });
    for (const [waiting, { error, record }] of round.refused)
      this.#finish(waiting, { ok: false, error: withRecord(error, record) });
    for (const [waiting, error] of round.turnedAway) this.#finish(waiting, { ok: false, error });
  }

  /** Answers those that have acted before by their receipts; returns the others. */
  #settle(batch: readonly Waiting[], receipts: ReadonlyMap<string, StoredReceipt>): Waiting[] {
    return batch.filter((waiting) => {
      const receipt = receipts.get(waiting.command.commandId);
      if (!receipt) return true;
      const same =
        receipt.digest === waiting.digest && actorKey(receipt.actor) === actorKey(actorOf(waiting.principal));
      if (same) this.#recent.add(receipt);
      this.#finish(waiting, same ? this.#ackOf(receipt, waiting.principal) : { ok: false, error: reused() });
      return false;
    });
  }

  #finish(waiting: Waiting, ack: Ack): void {
    this.#underway.delete(waiting.command.commandId);
    waiting.answer(ack);
  }

  #ackOf(receipt: StoredReceipt, asker: Principal): Ack {
    if (!receipt.error) return { ok: true, first: receipt.first!, seq: receipt.seq! };
    if (receipt.error.code !== 'rev_conflict') return { ok: false, error: receipt.error };
    const { state } = this.#writer;
    const principal = currentPrincipal(state, asker, this.#clock.now());
    const record = 'code' in principal ? undefined : asSeen(state, principal, receipt.error);
    return { ok: false, error: withRecord(receipt.error, record) };
  }

  async #pause(attempt: number, error: unknown): Promise<void> {
    if (attempt > 3) this.#log.debug({ err: error, org: this.#writer.state.org, attempt }, 'a group is tried again');
    await rest(Math.min(400, 2 ** Math.min(attempt, 10)) * (0.5 + Math.random()));
    await this.#writer.catchUp().catch(() => undefined);
  }
}

const rest = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));
const refusal = (error: WireError): Promise<Ack> => Promise.resolve({ ok: false, error });

function withRecord(error: WireError, record: unknown): WireError {
  return record === undefined ? error : { ...error, details: { ...error.details, record } };
}
