import type { OrgWriter } from '../journal/writer.ts';
import type { Clock } from '../platform/clock.ts';

/** So many times may others be first before a turn is asked for. */
const patience = 2;
/** How long somebody else's turn is respected without a commit of theirs, milliseconds: they may have died. */
const respect = 150;
/** When nobody has got in for so long, whoever began to commit is taken for dead, milliseconds. */
const blocked = 1500;

/**
 * One lane's part in the turns of an organization: a process whose lane never rests would keep another one, which first
 * has to hear of each commit, from ever being first.
 */
export class Turn {
  readonly #writer: OrgWriter;
  readonly #clock: Clock;
  #lost = 0;
  /** The turn that the next commit uses up: this process's, or one that was respected for long enough. */
  #held: string | undefined;
  #still: { seq: number; since: number } | undefined;
  #other: { turn: string; seq: number; since: number } | undefined;

  constructor(writer: OrgWriter, clock: Clock) {
    this.#writer = writer;
    this.#clock = clock;
  }

  get held(): string | undefined {
    return this.#held;
  }

  /** A commit has used up the turn. */
  used(): void {
    this.#lost = 0;
    this.#held = undefined;
    this.#other = undefined;
    this.#still = undefined;
  }

  /** Somebody else was first, or is committing, or it is their turn: waits for them and for this process's turn. */
  async late(from: number): Promise<void> {
    const { state, turns } = this.#writer;
    this.#held = undefined;
    this.#lost += 1;
    // Their word commonly comes over the stream while they are answered, too.
    await state.waitFor(from + 1, 5);
    const whose = await turns.whose();
    await this.#writer.catchUp();
    if (await this.#blocked()) return;
    if (whose === turns.mine) {
      this.#held = whose;
    } else if (whose === undefined) {
      this.#other = undefined;
      // Asking waits for the commit that is under way, but not for one that nobody finishes.
      if (this.#lost < patience || !(await turns.take().catch(() => false))) return;
      this.#held = turns.mine;
      await this.#writer.catchUp();
    } else {
      await this.#respect(whose);
    }
  }

  /** True when nobody got in for too long; then whoever began has been ended. */
  async #blocked(): Promise<boolean> {
    const { state, turns } = this.#writer;
    const now = this.#clock.monotonic();
    if (this.#still?.seq !== state.seq) this.#still = { seq: state.seq, since: now };
    if (now - this.#still.since < blocked) return false;
    this.#still = undefined;
    await turns.break();
    return true;
  }

  async #respect(whose: string): Promise<void> {
    const { state } = this.#writer;
    const now = this.#clock.monotonic();
    if (this.#other?.turn !== whose || this.#other.seq !== state.seq) {
      this.#other = { turn: whose, seq: state.seq, since: now };
    }
    const left = this.#other.since + respect - now;
    if (left <= 0) this.#held = whose;
    else await state.waitFor(state.seq + 1, left);
  }

  /** The round is over. A turn that it did not need is given back. */
  end(): void {
    this.#lost = 0;
    this.#still = undefined;
    if (this.#held === this.#writer.turns.mine) this.#writer.turns.leave().catch(() => undefined);
    this.#held = undefined;
  }
}
