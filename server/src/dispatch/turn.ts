import type { OrgWriter } from '../journal/writer.ts';
import type { Clock } from '../platform/clock.ts';

/** So many times may others be first before a turn is asked for. */
const patience = 2;
/** How long somebody else's turn is respected without a commit of theirs, milliseconds: they may have died. */
const respect = 150;

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
    if (whose === turns.mine) {
      this.#held = whose;
    } else if (whose === undefined) {
      this.#other = undefined;
      if (this.#lost < patience || !(await turns.take())) return;
      this.#held = turns.mine;
      // Asking has waited for the commit that was under way.
      await this.#writer.catchUp();
    } else {
      await this.#respect(whose);
    }
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
    if (this.#held === this.#writer.turns.mine) this.#writer.turns.leave().catch(() => undefined);
    this.#held = undefined;
  }
}
