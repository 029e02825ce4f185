import type { Batch } from '@opsboard/shared/batches/schema';
import type { AnyRecord, Kind, Records } from '@opsboard/shared/protocol/kinds';
import { allKinds, inLiveSet } from '@opsboard/shared/protocol/kinds';

/** Whether a record is kept in memory: the live set, and sessions that have not ended. */
export function isHeld(kind: Kind, record: AnyRecord): boolean {
  return kind === 'session' ? (record as Records['session']).endedAt === undefined : inLiveSet(kind, record);
}

/** Whether a batch keeps its parts from other batches. */
export function isOpen(batch: Batch): boolean {
  return batch.status !== 'completed' && batch.archivedAt === undefined;
}

type Maps = { [K in Kind]: Map<string, Records[K]> };

/** The records that are held, by kind and id, with the open batch of every part. */
export class LiveSet {
  readonly #maps = Object.fromEntries(allKinds.map((kind) => [kind, new Map()])) as Maps;
  /** Part ID → id of the open batch that holds it. */
  readonly #parts = new Map<string, string>();

  get<K extends Kind>(kind: K, id: string): Records[K] | undefined {
    return this.#maps[kind].get(id);
  }

  all<K extends Kind>(kind: K): Iterable<Records[K]> {
    return this.#maps[kind].values();
  }

  openBatchOf(part: string): { id: string; reference: string } | undefined {
    const id = this.#parts.get(part);
    return id === undefined ? undefined : this.#maps.batch.get(id);
  }

  /** Puts a record in the place of what was there, or takes it out when it is not to be held. */
  put(kind: Kind, record: AnyRecord): void {
    const map = this.#maps[kind] as Map<string, AnyRecord>;
    if (kind === 'batch') this.#index(map.get(record.id) as Batch | undefined, record as Batch);
    if (isHeld(kind, record)) map.set(record.id, record);
    else map.delete(record.id);
  }

  #index(before: Batch | undefined, after: Batch): void {
    const wasOpen = before !== undefined && isOpen(before);
    const open = isOpen(after);
    if (wasOpen === open && before?.parts === after.parts) return;
    if (wasOpen) {
      for (const part in before.parts) {
        if (this.#parts.get(part) === before.id && !(open && Object.hasOwn(after.parts, part)))
          this.#parts.delete(part);
      }
    }
    if (open) for (const part in after.parts) this.#parts.set(part, after.id);
  }
}
