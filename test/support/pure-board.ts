import type { Principal } from '@opsboard/shared/protocol/actors';
import type { Command } from '@opsboard/shared/protocol/envelope';
import type { Entry } from '@opsboard/shared/protocol/entries';
import type { AnyRecord, Kind, Records } from '@opsboard/shared/protocol/kinds';
import { recordKey } from '../../server/src/dispatch/overlay.ts';
import { decideRound } from '../../server/src/dispatch/round.ts';
import { LiveSet } from '../../server/src/journal/live-set.ts';
import type { OrgState } from '../../server/src/journal/org-state.ts';

/** What storage and memory hold together, with the journal; the lane's own pure round decides on it, at once. */
export class PureBoard {
  readonly records = new Map<string, AnyRecord>();
  /** By the command that made them. */
  readonly entries = new Map<string, Entry[]>();
  seq = 0;
  readonly #org: string;
  readonly #principalOf: (command: Command) => Principal;
  /** The numbers of the next references. */
  #next = { batch: 2001, route: 1 };

  constructor(org: string, principalOf: (command: Command) => Principal) {
    this.#org = org;
    this.#principalOf = principalOf;
  }

  /** A record that is there from the beginning, without a command. */
  put(kind: Kind, id: string, fields: object): void {
    this.records.set(recordKey(kind, id), { id, org: this.#org, rev: 1, ...fields } as unknown as AnyRecord);
  }

  get<K extends Kind>(kind: K, id: string): Records[K] | undefined {
    return this.records.get(recordKey(kind, id)) as Records[K] | undefined;
  }

  copy(): PureBoard {
    const other = new PureBoard(this.#org, this.#principalOf);
    for (const [key, record] of this.records) other.records.set(key, record);
    for (const [key, list] of this.entries) other.entries.set(key, list);
    other.seq = this.seq;
    other.#next = { ...this.#next };
    return other;
  }

  /** Sends commands in one round. The codes of what was refused, undefined where it was done. */
  send(at: number, ...sent: Command[]): (string | undefined)[] {
    const live = new LiveSet();
    for (const [key, record] of this.records) live.put(key.split('/')[0] as Kind, record);
    const state = {
      org: this.#org,
      seq: this.seq,
      get: (kind: Kind, id: string) => live.get(kind, id),
      all: (kind: Kind) => live.all(kind),
      openBatchOf: (part: string) => live.openBatchOf(part),
    } as unknown as OrgState;
    const judged = sent.map((command) => ({ principal: this.#principalOf(command), command, at, digest: '' }));
    const loaded = { records: this.records, entries: this.entries };
    const round = decideRound(state, { ...this.#next }, loaded, judged, (_one, error) => {
      throw error;
    });
    for (const { entry, after } of round.group.entries) {
      this.records.set(recordKey(entry.kind, entry.id), after);
      this.entries.set(entry.commandId, [...(this.entries.get(entry.commandId) ?? []), entry]);
    }
    this.seq += round.group.entries.length;
    this.#next = { ...this.#next, ...round.group.references };
    return judged.map((one) => (round.refused.get(one)?.error ?? round.turnedAway.get(one))?.code);
  }
}
