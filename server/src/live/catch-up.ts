import type { Audience } from '@opsboard/shared/protocol/audiences';
import { audienceKey } from '@opsboard/shared/protocol/audiences';
import { buildChanges } from '@opsboard/shared/protocol/frame-build';
import type { Frame } from '@opsboard/shared/protocol/frames';
import type { OrgState } from '../journal/org-state.ts';
import type { Clock } from '../platform/clock.ts';
import type { History } from './history.ts';

/** How long a process that stands before the asker waits for its tail, milliseconds. */
const patience = 5_000;
/** Characters of a snapshot per record, about; where none was made yet for the audience. */
const perRecord = 105;

/** What a catch-up comes to: one frame (its JSON), the advice to take a snapshot, or nothing for now. */
export type Caught = { frame: string; to: number } | 'snapshot' | 'unavailable';

/** Frames for clients that were away ([L8]): all of (from, seq], coalesced, as seen with present rights. */
export class CatchUps {
  readonly #state: OrgState;
  readonly #history: History;
  readonly #clock: Clock;
  /** Frames to the present `seq`: after a break many clients come from the same one. */
  readonly #made = new Map<string, string>();
  #madeAt = 0;

  constructor(state: OrgState, history: History, clock: Clock) {
    this.#state = state;
    this.#history = history;
    this.#clock = clock;
  }

  /** @param snapshotSize characters of the audience's latest snapshot, where there is one */
  async from(audience: Audience, from: number, snapshotSize: number | undefined): Promise<Caught> {
    if (this.#state.seq < from && !(await this.#state.waitFor(from, patience))) return 'unavailable';
    if (!(await this.#history.reach(from))) return 'snapshot';
    const to = this.#state.seq;
    const frame = this.#frame(audience, from, to);
    return frame.length > (snapshotSize ?? this.#guess()) ? 'snapshot' : { frame, to };
  }

  #frame(audience: Audience, from: number, to: number): string {
    if (this.#madeAt !== to || this.#made.size > 100) {
      this.#made.clear();
      this.#madeAt = to;
    }
    const key = `${from} ${audienceKey(audience)}`;
    let made = this.#made.get(key);
    if (made === undefined) {
      const changes = buildChanges(audience, this.#history.between(from, to));
      made = JSON.stringify({ from, to, now: this.#clock.now(), changes } satisfies Frame);
      this.#made.set(key, made);
    }
    return made;
  }

  #guess(): number {
    let records = 0;
    for (const _batch of this.#state.all('batch')) records++;
    return 2_000 + records * perRecord;
  }
}
