import type { Audience } from '@opsboard/shared/protocol/audiences';
import { audienceKey } from '@opsboard/shared/protocol/audiences';
import { buildChanges } from '@opsboard/shared/protocol/frame-build';
import type { CatchUp } from '@opsboard/shared/protocol/frames';
import type { OrgState } from '../journal/org-state.ts';
import type { Clock } from '../platform/clock.ts';
import type { History } from './history.ts';
import type { Encoding } from './snapshots.ts';
import { bodies } from './snapshots.ts';

/** How long a process that stands before the asker waits for its tail, milliseconds. */
const patience = 5_000;
/** Answers kept for others who stand at the same place, bytes. */
const mostKept = 8 * 1024 * 1024;
/** Characters of a snapshot per record, about. */
const perRecord = 105;

/** What a catch-up comes to: an answer's body, the advice to take a snapshot, or nothing for now. */
export type Caught = { size: number; body(encoding: Encoding): Promise<Buffer> } | 'snapshot' | 'unavailable';

/** Frames for clients that were away ([L8]): all of (from, seq], coalesced, as seen with present rights. */
export class CatchUps {
  readonly #state: OrgState;
  readonly #history: History;
  readonly #epoch: string;
  readonly #clock: Clock;
  /** Answers up to the present `seq`: after a break many clients come from the same one. */
  readonly #made = new Map<string, Exclude<Caught, string>>();
  #madeAt = 0;
  #madeBytes = 0;

  constructor(state: OrgState, history: History, epoch: string, clock: Clock) {
    this.#state = state;
    this.#history = history;
    this.#epoch = epoch;
    this.#clock = clock;
  }

  /** @param snapshotSize characters of the audience's latest snapshot, where there is one */
  async from(audience: Audience, from: number, snapshotSize: number | undefined): Promise<Caught> {
    if (this.#state.seq < from && !(await this.#state.waitFor(from, patience))) return 'unavailable';
    if (!(await this.#history.reach(from))) return 'snapshot';
    const answer = this.#answer(audience, from, this.#state.seq);
    // The latest snapshot may be of a smaller board.
    return answer.size > Math.max(snapshotSize ?? 0, this.#guess()) ? 'snapshot' : answer;
  }

  #answer(audience: Audience, from: number, to: number): Exclude<Caught, string> {
    if (this.#madeAt !== to || this.#madeBytes > mostKept) {
      this.#made.clear();
      this.#madeAt = to;
      this.#madeBytes = 0;
    }
    const name = audienceKey(audience);
    const key = `${from} ${name}`;
    let made = this.#made.get(key);
    if (!made) {
      const changes = buildChanges(audience, this.#history.between(from, to));
      const frame = { from, to, now: this.#clock.now(), changes };
      const text = Buffer.from(JSON.stringify({ frame, epoch: this.#epoch, audience: name } satisfies CatchUp));
      made = { size: text.length, body: bodies(text) };
      this.#made.set(key, made);
      this.#madeBytes += made.size;
    }
    return made;
  }

  #guess(): number {
    let records = 0;
    for (const _batch of this.#state.all('batch')) records++;
    return 2_000 + records * perRecord;
  }
}
