import { mostMoved } from '@opsboard/shared/directory/decide';
import type { DirectoryKind } from '@opsboard/shared/directory/kinds';
import { references } from '@opsboard/shared/directory/references';
import type { Command } from '@opsboard/shared/protocol/envelope';
import type { Entry } from '@opsboard/shared/protocol/entries';
import type { AnyRecord, Kind } from '@opsboard/shared/protocol/kinds';
import type { StoredReceipt } from '../journal/stored.ts';
import type { OrgWriter } from '../journal/writer.ts';
import { creates, subjectOf } from './decide.ts';
import type { Loaded } from './overlay.ts';
import { recordKey, storedPointers } from './overlay.ts';
import type { Waiting } from './waiting.ts';

const nothing: ReadonlyMap<string, StoredReceipt> = new Map();

/**
 * What must be read before a round can decide: receipts of commands that may have acted before, records outside memory
 * that commands name, entries that an undo takes back. Commonly nothing, and then nothing waits.
 */
export class Preparation {
  readonly #writer: OrgWriter;
  #records = new Map<string, AnyRecord | null>();
  /** The seq that the records were read at; they are read again when the state has moved. */
  #readAt = -1;
  /** The merged records whose pointers outside memory are among the records. */
  #pointersRead = new Set<string>();
  readonly #entries = new Map<string, readonly Entry[]>();

  constructor(writer: OrgWriter) {
    this.#writer = writer;
  }

  get loaded(): Loaded {
    return { records: this.#records, entries: this.#entries };
  }

  /** The receipts of those that have acted before; looks only for those of whom it is not known, unless told `all`. */
  async settled(batch: readonly Waiting[], all = false): Promise<ReadonlyMap<string, StoredReceipt>> {
    const doubtful = batch.filter((waiting) => all || !waiting.looked);
    if (doubtful.length === 0) return nothing;
    const found = await this.#writer.receipts(doubtful.map(({ command }) => command.commandId));
    for (const waiting of doubtful) waiting.looked = true;
    return found;
  }

  /** Undefined when everything needed is there; otherwise resolves when it is. */
  loading(batch: readonly Waiting[]): Promise<void> | undefined {
    const { seq } = this.#writer.state;
    if (this.#readAt !== seq) this.#forget();
    const undone = batch.flatMap(({ command }) =>
      command.name === 'undo' && !this.#entries.has(command.args.commandId) ? [command.args.commandId] : [],
    );
    return undone.length > 0 || this.#missing(batch).size > 0 || this.#merges(batch).length > 0
      ? this.#load(batch, undone)
      : undefined;
  }

  #forget(): void {
    this.#records = new Map();
    this.#pointersRead = new Set();
  }

  /** The records to be merged, as far as something outside memory may point at them and has not been read. */
  #merges(batch: readonly Waiting[]): { at: DirectoryKind; id: string; key: string }[] {
    return batch.flatMap(({ command }) => {
      if (!command.name.endsWith('.merge')) return [];
      const { kind, id } = subjectOf(command)!;
      const key = recordKey(kind, id);
      const at = kind as DirectoryKind;
      return storedPointers(at).length > 0 && !this.#pointersRead.has(key) ? [{ at, id, key }] : [];
    });
  }

  async #load(batch: readonly Waiting[], undone: readonly string[]): Promise<void> {
    const { state } = this.#writer;
    for (const commandId of undone) {
      const entries = await this.#writer.entriesOf(commandId);
      // One that is not there yet may be there at the next attempt.
      if (entries.length > 0) this.#entries.set(commandId, entries);
    }
    for (;;) {
      const { seq } = state;
      const merges = this.#merges(batch);
      const [found, pointers] = await Promise.all([this.#read(this.#missing(batch)), this.#readPointers(merges)]);
      if (state.seq !== seq) {
        this.#forget();
        continue;
      }
      for (const [key, record] of [...found, ...pointers]) this.#records.set(key, record);
      for (const { key } of merges) this.#pointersRead.add(key);
      this.#readAt = seq;
      return;
    }
  }

  /** What the commands name and memory does not hold. */
  #missing(batch: readonly Waiting[]): Map<Kind, Set<string>> {
    const missing = new Map<Kind, Set<string>>();
    const need = (kind: Kind, id: string) => {
      if (this.#writer.state.get(kind, id) || this.#records.has(recordKey(kind, id))) return;
      const ids = missing.get(kind);
      if (ids) ids.add(id);
      else missing.set(kind, new Set([id]));
    };
    for (const { principal, command } of batch) {
      if (principal.type === 'person' && principal.session !== undefined) need('session', principal.session);
      // One that another process has just made is not known here yet.
      if (principal.type === 'key') need('apiKey', principal.id);
      if (command.name === 'undo') {
        for (const { kind, id } of this.#entries.get(command.args.commandId) ?? []) need(kind, id);
        continue;
      }
      if (command.name === 'link.create') for (const id of command.args.replaces) need('link', id);
      if (command.name === 'session.endAll' || command.name === 'link.use')
        for (const id of command.args.sessions) need('session', id);
      if (command.name === 'import') {
        for (const inner of command.args.commands) {
          if (creates(inner.name)) continue;
          const { kind, id } = subjectOf({ ...inner, commandId: command.commandId } as Command)!;
          need(kind, id);
        }
        continue;
      }
      // A new record's id is free, or the unique index says that it is not.
      if (creates(command.name)) continue;
      const { kind, id } = subjectOf(command)!;
      need(kind, id);
    }
    return missing;
  }

  async #readPointers(merges: readonly { at: DirectoryKind; id: string }[]): Promise<Map<string, AnyRecord>> {
    const found = new Map<string, AnyRecord>();
    for (const { at, id } of merges) {
      for (const kind of storedPointers(at)) {
        const fields = references[at].filter((one) => one.kind === kind).map(({ field }) => field);
        // One more than a merge may move, so that it is known that there are too many.
        for (const record of await this.#writer.holding(kind, fields, id, mostMoved + 1))
          found.set(recordKey(kind, record.id), record);
      }
    }
    return found;
  }

  async #read(missing: Map<Kind, Set<string>>): Promise<Map<string, AnyRecord | null>> {
    const found = new Map<string, AnyRecord | null>();
    await Promise.all(
      [...missing].map(async ([kind, ids]) => {
        const records = await this.#writer.records(kind, [...ids]);
        for (const id of ids) found.set(recordKey(kind, id), records.get(id) ?? null);
      }),
    );
    return found;
  }
}
