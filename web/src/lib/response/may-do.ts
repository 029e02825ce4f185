import type { ResponseStep } from '@opsboard/shared/batches/response';
import type { BatchInView } from '@opsboard/shared/batches/schema';
import { may } from '#lib/session/may.ts';

const rightOf = {
  call: 'batch.logCall',
  date: 'batch.moveDueDate',
  notify: 'batch.notifyCustomer',
  log: 'batch.addNote',
} as const satisfies { readonly [S in ResponseStep]: string };

/** Whether the person who is signed in may do a step. */
export const mayDo = (step: ResponseStep, batch: Pick<BatchInView, 'branch'>): boolean =>
  may(rightOf[step], { branch: batch.branch });
