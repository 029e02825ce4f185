import { isComplete, isResponding, stepsDone, type ResponseStep } from '@opsboard/shared/batches/response';
import type { BatchInView } from '@opsboard/shared/batches/schema';
import { deliveries, offeredOn, responseOf } from '#lib/response/steps.ts';

/** One batch of the banner, with what to do next about it. */
export type BreachRow = {
  readonly batch: BatchInView;
  readonly done: number;
  /** The step that is offered; undefined when all are done, or one is under way and no other is open. */
  readonly next: ResponseStep | undefined;
  /** What helps with the next step: a number to call, what was promised, what became of a message. */
  readonly hint: string;
  /** Past its date now; otherwise its date was moved and the response goes on. */
  readonly breached: boolean;
};

/** What a row looks up. */
export type RowContext = {
  now: number;
  phoneOf(center: string): string | undefined;
  /** A moment in short. */
  when(at: number): string;
};

export function rowOf(batch: BatchInView, context: RowContext): BreachRow {
  const { now, phoneOf, when } = context;
  const response = responseOf(batch, now);
  const next = offeredOn(batch, now);
  const sent = deliveries(response, when).join(', ');
  const hint = (): string => {
    switch (next) {
      case 'call':
        return phoneOf(batch.center) ?? 'No phone on file';
      case 'date':
        return response?.called?.note ?? 'No new date yet';
      case 'notify':
        return sent || (batch.dueAt > now ? `Now expected ${when(batch.dueAt)}` : 'Nobody told yet');
      case 'log':
        return sent || (response?.told ? `Told ${when(response.told.at)}` : 'The reason is missing');
      case undefined:
        return response && isComplete(response) ? 'All four steps are done' : sent;
    }
  };
  return { batch, done: stepsDone(response), next, hint: hint(), breached: now > batch.dueAt };
}

/** Batches whose date was moved ahead while the response is not finished, the nearest date first. */
export function stillResponding(sorted: Iterable<BatchInView>, now: number): BatchInView[] {
  const found: BatchInView[] = [];
  for (const batch of sorted) if (batch.response && batch.dueAt >= now && isResponding(batch)) found.push(batch);
  return found;
}
