import type { BatchInView } from '@opsboard/shared/batches/schema';
import { readWhole, type WholeBatch } from './read.ts';

/** A batch with its parts, read when a form opens and again whenever the batch changes. */
export class Whole {
  #read = $state.raw<WholeBatch | undefined>(undefined);
  #failure = $state<string | undefined>(undefined);

  /** @param batch as it is on the boards, or was read; called again and again */
  constructor(batch: () => BatchInView) {
    $effect(() => {
      const { id, rev } = batch();
      void rev;
      let current = true;
      void readWhole(id).then((answer) => {
        if (!current) return;
        if (answer.ok) this.#read = answer.value;
        this.#failure = answer.ok ? undefined : answer.error.message;
      });
      return () => {
        current = false;
      };
    });
  }

  /** Undefined while it is being read. */
  get parts(): WholeBatch['batch']['parts'] | undefined {
    return this.#read?.batch.parts;
  }
  get labels(): WholeBatch['labels'] {
    return this.#read?.labels ?? {};
  }
  /** Why it could not be read. */
  get failure(): string | undefined {
    return this.#failure;
  }
}
