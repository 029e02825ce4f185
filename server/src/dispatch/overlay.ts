import type { Batch } from '@opsboard/shared/batches/schema';
import type { DirectoryKind } from '@opsboard/shared/directory/kinds';
import type { Pointer } from '@opsboard/shared/directory/references';
import { pointsAt, references } from '@opsboard/shared/directory/references';
import type { StateView } from '@opsboard/shared/protocol/decision';
import type { Entry } from '@opsboard/shared/protocol/entries';
import type { AnyRecord, Kind, Records } from '@opsboard/shared/protocol/kinds';
import { isHeld, isOpen } from '../journal/live-set.ts';
import { kinds } from '@opsboard/shared/protocol/kinds';
import type { OrgState } from '../journal/org-state.ts';

export const recordKey = (kind: Kind, id: string): string => `${kind}/${id}`;

/** What was read from storage for a round: records outside memory (null: there is none), and entries of earlier commands. */
export type Loaded = {
  records: ReadonlyMap<string, AnyRecord | null>;
  entries: ReadonlyMap<string, readonly Entry[]>;
};

/** Kinds that point at the directory and are not held in memory: what is needed of them is read for the round. */
export const storedPointers = (at: DirectoryKind): readonly Kind[] =>
  references[at].map(({ kind }) => kind).filter((kind) => !kinds[kind].live);

/** The state a round decides on: the folded state, what was read for it, and on top what the round itself changes. */
export class Overlay implements StateView {
  readonly #state: OrgState;
  readonly #loaded: Loaded;
  readonly #records = new Map<string, AnyRecord>();
  readonly #parts = new Map<string, string | null>();
  readonly #entries = new Map<string, Entry[]>();

  constructor(state: OrgState, loaded: Loaded) {
    this.#state = state;
    this.#loaded = loaded;
  }

  get<K extends Kind>(kind: K, id: string): Records[K] | undefined {
    const key = recordKey(kind, id);
    return (this.#records.get(key) ?? this.#state.get(kind, id) ?? this.#loaded.records.get(key) ?? undefined) as
      Records[K] | undefined;
  }

  *all<K extends Kind>(kind: K): Iterable<Records[K]> {
    for (const record of this.#state.all(kind)) if (!this.#records.has(recordKey(kind, record.id))) yield record;
    const prefix = recordKey(kind, '');
    for (const [key, record] of this.#records) {
      if (key.startsWith(prefix) && isHeld(kind, record)) yield record as Records[K];
    }
  }

  openBatchOf(part: string): { id: string; reference: string } | undefined {
    const id = this.#parts.get(part);
    if (id === undefined) return this.#state.openBatchOf(part);
    return id === null ? undefined : this.get('batch', id);
  }

  entriesOf(commandId: string): readonly Entry[] {
    return this.#entries.get(commandId) ?? this.#loaded.entries.get(commandId) ?? [];
  }

  pointingAt(at: DirectoryKind, id: string): readonly Pointer[] {
    const found: Pointer[] = [];
    const seen = new Set<string>();
    for (const kind of new Set(references[at].map((one) => one.kind))) {
      const look = (record: AnyRecord): void => {
        const key = recordKey(kind, record.id);
        if (seen.has(key)) return;
        seen.add(key);
        const now = this.#records.get(key) ?? record;
        if (pointsAt(kind, now, at, id)) found.push({ kind, id: record.id });
      };
      for (const record of this.#state.all(kind)) look(record);
      for (const [key, record] of this.#loaded.records) if (record && key.startsWith(`${kind}/`)) look(record);
      // What this round has made, or turned here.
      for (const [key, record] of this.#records) if (key.startsWith(`${kind}/`)) look(record);
    }
    return found;
  }

  /** Takes over what a command of this round made. */
  add(entry: Entry, before: AnyRecord | undefined, after: AnyRecord): void {
    this.#records.set(recordKey(entry.kind, entry.id), after);
    if (entry.kind === 'batch') this.#index(before as Batch | undefined, after as Batch);
    const list = this.#entries.get(entry.commandId);
    if (list) list.push(entry);
    else this.#entries.set(entry.commandId, [entry]);
  }

  #index(before: Batch | undefined, after: Batch): void {
    const wasOpen = before !== undefined && isOpen(before);
    const open = isOpen(after);
    if (wasOpen === open && before?.parts === after.parts) return;
    if (wasOpen) for (const part in before.parts) this.#parts.set(part, null);
    if (open) for (const part in after.parts) this.#parts.set(part, after.id);
  }
}
