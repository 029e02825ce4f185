import type { Ack } from '@opsboard/shared/protocol/envelope';
import type { Judged } from './round.ts';

/** A command in the line. */
export type Waiting = Judged & {
  answer: (ack: Ack) => void;
  /** It need not be looked for among the receipts, or was looked for and had not acted before. */
  looked: boolean;
};
