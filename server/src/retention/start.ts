import { startConsumer } from '../jobs/consumer.ts';
import { concernsErasure, finishErasure, sweepErasures } from './erasure.ts';
import type { RetentionParts } from './retain.ts';
import { retain } from './retain.ts';

export type RetentionRun = {
  /** It hears of erasures. */
  ready: Promise<void>;
  /** Deletes what is over, and finishes erasures. */
  run(goOn: () => boolean): Promise<void>;
  close(): Promise<void>;
};

/** This process's part in keeping nothing too long: an erasure is finished at once, the rest goes by the hour. */
export function startRetention(parts: RetentionParts): RetentionRun {
  const consumer = startConsumer({
    name: 'erasure',
    ...parts,
    wants: concernsErasure,
    handle: async (org, entries) => {
      for (const { kind, id } of entries) await finishErasure(parts, org, kind, id);
    },
  });
  return {
    ready: consumer.ready,
    run: async (goOn) => {
      await retain(parts, goOn);
      if (goOn()) await sweepErasures(parts);
    },
    close: () => consumer.close(),
  };
}
