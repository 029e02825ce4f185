import type { OrgState } from '../journal/org-state.ts';
import type { StoredReceipt } from '../journal/stored.ts';

/** So many outcomes are kept in memory. Older ones are found by their receipts. */
const kept = 20_000;

/**
 * The latest outcomes of an organization's commands. Only a shortcut: the truth is the receipts' unique index, which a
 * forgotten command meets when it is committed.
 */
export class Recent {
  readonly #receipts = new Map<string, StoredReceipt>();
  /** Commands of other processes, whose outcome only their receipts tell. */
  readonly #foreign = new Set<string>();

  constructor(state: OrgState) {
    state.onApplied((batch) => {
      for (const { entry } of batch) this.#foreign.add(entry.commandId);
      forget(this.#foreign);
    });
  }

  get(commandId: string): StoredReceipt | undefined {
    return this.#receipts.get(commandId);
  }

  /** Whether an entry of this command went by, whoever made it. */
  foreign(commandId: string): boolean {
    return this.#foreign.has(commandId);
  }

  add(receipt: StoredReceipt): void {
    this.#receipts.set(receipt.commandId, receipt);
    forget(this.#receipts);
  }
}

function forget(oldestFirst: Map<string, unknown> | Set<string>): void {
  if (oldestFirst.size <= kept) return;
  for (const key of oldestFirst.keys()) {
    oldestFirst.delete(key);
    if (oldestFirst.size <= kept) return;
  }
}
