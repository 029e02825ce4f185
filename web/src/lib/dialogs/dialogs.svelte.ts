import type { ResponseStep } from '@opsboard/shared/batches/response';
import type { BatchInView } from '@opsboard/shared/batches/schema';
import type { ActName } from '#lib/acts/acts.ts';
import type { BulkAction } from '#lib/bulk/actions.ts';

/**
 * What can be asked of a person. One dialog at a time; the page behind keeps its place. What a request carries besides
 * its kind are the properties of the dialog's view.
 */
export type DialogRequest =
  | { kind: 'new-batch'; parts?: readonly string[]; template?: string }
  /** A step that needs a count or a driver. `dropped` tells a board to fly the card back when it is not done. */
  | { kind: 'step'; batch: string; onGone?: (done: boolean) => void }
  | { kind: 'move'; batch: string }
  | { kind: 'due-date'; batch: string }
  | { kind: 'driver'; batch: string }
  /** One step of the response to a breach. */
  | { kind: 'response'; batch: string; step: ResponseStep }
  /**
   * What really happens to a batch. `record`: as it was read, where it is not on the boards; `parts`: chosen already;
   * `then`: what was being asked before, and goes on afterwards.
   */
  | { kind: 'act'; act: ActName; batch: string; record?: BatchInView; parts?: readonly string[]; then?: DialogRequest }
  /** Where one part has been; `batch`: the one that it was opened from. */
  | { kind: 'part'; part: string; batch?: string }
  /** Something that is done to many batches and needs more; `others`: chosen, but not concerned. */
  | { kind: 'bulk'; action: BulkAction; batches: readonly string[]; others: number }
  | { kind: 'bulk-report' }
  | { kind: 'keys' }
  /** Find anything; `words` are looked up at once, as a scanned code is. */
  | { kind: 'find'; words?: string };

class Dialogs {
  open = $state.raw<DialogRequest | undefined>(undefined);

  show(request: DialogRequest): void {
    this.#ahead = '';
    this.open = request;
  }

  #ahead = '';

  /**
   * Takes a key for the words of "Find anything" while it is not on the page yet.
   *
   * @returns whether the key was taken
   */
  typeAhead({ key, ctrlKey, metaKey, altKey, target }: KeyboardEvent): boolean {
    const { open } = this;
    if (open?.kind !== 'find' || key.length !== 1 || ctrlKey || metaKey || altKey) return false;
    if (target instanceof Element && target.closest('[role="dialog"]')) return false;
    this.#ahead += key;
    return true;
  }

  /** What was typed ahead, once. */
  typedAhead(): string {
    const ahead = this.#ahead;
    this.#ahead = '';
    return ahead;
  }

  /** @param done true when what was asked for has been sent */
  close(done = false): void {
    const closing = this.open;
    this.open = undefined;
    if (closing?.kind === 'step') closing.onGone?.(done);
  }
}

export const dialogs = new Dialogs();
