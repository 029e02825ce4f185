import type { Entry } from '@opsboard/shared/protocol/entries';
import type { AnyRecord, Kind, Records } from '@opsboard/shared/protocol/kinds';

/** One entry as it was folded. Records are whole, personal and secret fields included; they are never changed. */
export type Applied = { entry: Entry; before: AnyRecord | undefined; after: AnyRecord | undefined };

/**
 * The live set of one organization in the memory of this process: the journal folded up to `seq`. Beside the records
 * that clients hold it has the sessions that have not ended. Other records are not here; they are read from storage.
 */
export interface OrgState {
  readonly org: string;
  /** Folded up to here. */
  readonly seq: number;
  get<K extends Kind>(kind: K, id: string): Records[K] | undefined;
  all<K extends Kind>(kind: K): Iterable<Records[K]>;
  /** The open batch that holds a part. */
  openBatchOf(part: string): { id: string; reference: string } | undefined;
  /**
   * Called synchronously after each fold with what was folded, without a gap and in order of seq. An entry of a record
   * outside the live set has neither `before` nor `after`; the one that archives it has both.
   */
  onApplied(listener: (batch: readonly Applied[]) => void): () => void;
  /** True when the state has reached `seq`; false when it has not after `timeoutMs`. */
  waitFor(seq: number, timeoutMs: number): Promise<boolean>;
}
