import { standsFor } from '../directory/stands-for.ts';
import type { Decide, DecideContext, Decision, StateView } from '../protocol/decision.ts';
import { change, refuse } from '../protocol/decision.ts';
import { takenBackAtStop } from '../routes/take-back.ts';
import { draftOnly, missing, onBatch, set } from './rules.ts';
import type { Batch, TakeBack, WithReason } from './schema.ts';
import type { StepTarget } from './steps.ts';
import { steps, statusWords } from './steps.ts';

/** The status before the present one again, since when it was reached. */
function stepBack(
  state: StateView,
  batch: Batch,
  from: StepTarget,
  why: string,
  context: DecideContext,
  more: { unset?: readonly string[]; fields?: object } = {},
): Decision {
  const to = steps[from].from;
  if ((to === 'in_transit_to_center' || to === 'in_transit_back') && batch.driver === undefined) {
    return refuse(
      'driver_required',
      `${batch.reference} would be on the road again. Name the driver who has it first.`,
      {
        field: 'driver',
      },
    );
  }
  const atStop = takenBackAtStop(state, batch, from, why, context);
  if ('ok' in atStop) return atStop;
  return change(
    {
      kind: 'batch',
      id: batch.id,
      set: { ...more.fields, ...atStop.set, status: to, since: batch.steps[to]?.at ?? batch.createdAt },
      unset: [...new Set([`steps.${from}`, ...(more.unset ?? []), ...atStop.unset])],
      why,
    },
    ...atStop.routes,
  );
}

/** The last step was a mistake. The record goes back, the history does not: both are on the timeline. */
export const decideTakeBack = onBatch<TakeBack>((batch, args, context, state) => {
  if (batch.status !== args.from) {
    return refuse(
      'illegal_step',
      `${batch.reference} is ${statusWords[batch.status].word.toLowerCase()} by now. Look again at what is to be taken back.`,
      { field: 'from', details: { status: batch.status } },
    );
  }
  if (batch.status === 'draft') {
    return refuse('illegal_step', `${batch.reference} is a draft: there is no step to take back. Cancel it instead.`);
  }
  if (batch.status === 'completed') {
    return refuse('illegal_step', `${batch.reference} is completed. Reopen it instead.`);
  }
  // Back in a draft, it is with whoever packs it.
  const handover = batch.status === 'sealed' && batch.handover ? ['handover'] : [];
  return stepBack(state, batch, batch.status, args.reason, context, { unset: handover });
});

/** A draft is given up: it leaves the boards and its parts are free. */
export const decideCancel = onBatch<WithReason>(
  (batch, args, context) =>
    draftOnly(batch, 'it is cancelled') ??
    set(batch, { cancelledAt: context.now, archivedAt: context.now }, { why: args.reason }),
);

/** What a batch points at that was merged into something else while it was over. */
function mergedSince(state: StateView, batch: Batch): { [field: string]: string } {
  const fields: { [field: string]: string } = {};
  for (const kind of ['branch', 'customer', 'center'] as const) {
    const now = standsFor(state, kind, batch[kind]);
    if (now !== batch[kind]) fields[kind] = now;
  }
  return fields;
}

/** What was completed or cancelled, archived or not, is open again. */
export const decideReopen: Decide<WithReason> = (state, args, context) => {
  const batch = state.get('batch', args.id);
  if (!batch || batch.erasedAt !== undefined) return missing();
  const merged = mergedSince(state, batch);
  if (batch.cancelledAt !== undefined) {
    return set(batch, merged, { unset: ['cancelledAt', 'archivedAt'], why: args.reason });
  }
  if (batch.status !== 'completed') {
    return refuse(
      'illegal_step',
      `${batch.reference} is ${statusWords[batch.status].word.toLowerCase()}, so it is open.`,
    );
  }
  return stepBack(state, batch, 'completed', args.reason, context, {
    unset: batch.archivedAt === undefined ? [] : ['archivedAt'],
    fields: merged,
  });
};
