/** What can be asked of a person. One dialog at a time; the page behind keeps its place. */
export type DialogRequest =
  | { kind: 'new-batch' }
  /** A step that needs a count or a driver. `dropped` tells a board to fly the card back when it is not done. */
  | { kind: 'step'; batch: string; onGone?: (done: boolean) => void }
  | { kind: 'move'; batch: string }
  | { kind: 'due-date'; batch: string }
  | { kind: 'driver'; batch: string }
  | { kind: 'keys' }
  /** Find anything; `words` are looked up at once, as a scanned code is. */
  | { kind: 'find'; words?: string };

class Dialogs {
  open = $state.raw<DialogRequest | undefined>(undefined);

  show(request: DialogRequest): void {
    this.open = request;
  }

  /** @param done true when what was asked for has been sent */
  close(done = false): void {
    const closing = this.open;
    this.open = undefined;
    if (closing?.kind === 'step') closing.onGone?.(done);
  }
}

export const dialogs = new Dialogs();
