import type { Decision } from '../protocol/decision.ts';
import { change, refuse } from '../protocol/decision.ts';
import { checkFree, draftOnly, onBatch, repeated, set } from './rules.ts';
import type { Batch, ChangeParts, CorrectPart, RemoveParts, RestoreParts, SettleParts, SplitBatch } from './schema.ts';
import type { Status } from './steps.ts';
import { expectedCount, maxParts, statusWords } from './steps.ts';

/** The parts that are named and not there. */
function absent(batch: Batch, parts: readonly string[]): Decision | undefined {
  const part = parts.find((name) => !Object.hasOwn(batch.parts, name));
  return part === undefined
    ? undefined
    : refuse('part_not_in_batch', `${part} is not in ${batch.reference}.`, { field: 'parts', details: { part } });
}

/** The count of lost and scrapped parts after so many more of them; none is no field. */
function outCount(batch: Batch, more: number): { set: { outCount?: number }; unset: string[] } {
  if (more === 0) return { set: {}, unset: [] };
  const count = (batch.outCount ?? 0) + more;
  return count > 0 ? { set: { outCount: count }, unset: [] } : { set: {}, unset: ['outCount'] };
}

export const decideAddParts = onBatch<ChangeParts>((batch, args, context, state) => {
  const refusal = draftOnly(batch, 'parts are added') ?? repeated(args.parts) ?? checkFree(state, args.parts, batch.id);
  if (refusal) return refusal;
  const there = args.parts.find((part) => Object.hasOwn(batch.parts, part));
  if (there !== undefined) {
    return refuse('duplicate_part', `${there} is in ${batch.reference} already.`, {
      field: 'parts',
      details: { part: there },
    });
  }
  if (batch.partCount + args.parts.length > maxParts) {
    return refuse('bad_request', `A batch holds at most ${maxParts} parts. Start a second one.`, { field: 'parts' });
  }
  return set(batch, {
    ...Object.fromEntries(args.parts.map((part) => [`parts.${part}`, { addedAt: context.done }])),
    partCount: batch.partCount + args.parts.length,
  });
});

export const decideRemoveParts = onBatch<RemoveParts>((batch, args) => {
  const refusal = draftOnly(batch, 'parts are taken out') ?? repeated(args.parts) ?? absent(batch, args.parts);
  if (refusal) return refusal;
  const gone = args.parts.filter((part) => batch.parts[part]!.out).length;
  const out = outCount(batch, -gone);
  return set(
    batch,
    { partCount: batch.partCount - args.parts.length, ...out.set },
    { unset: [...args.parts.map((part) => `parts.${part}`), ...out.unset], ...(args.reason && { why: args.reason }) },
  );
});

const open = (batch: Batch): Decision | undefined =>
  batch.status === 'completed'
    ? refuse('illegal_step', `${batch.reference} is completed. Reopen it first, with the reason.`)
    : undefined;

/** A wrong scan put right: one part takes the place of the other, and the counts stay. */
export const decideCorrectPart = onBatch<CorrectPart>((batch, args, _context, state) => {
  const refusal = open(batch) ?? absent(batch, [args.part]);
  if (refusal) return refusal;
  if (Object.hasOwn(batch.parts, args.instead)) {
    return refuse('duplicate_part', `${args.instead} is in ${batch.reference} already. A part counts once.`, {
      field: 'instead',
      details: { part: args.instead },
    });
  }
  return (
    checkFree(state, [args.instead], batch.id) ??
    set(
      batch,
      { [`parts.${args.instead}`]: batch.parts[args.part]! },
      { unset: [`parts.${args.part}`], why: args.reason },
    )
  );
});

/** Lost or scrapped on the way: the batch no longer waits for them. */
export const decideSettleParts = onBatch<SettleParts>((batch, args, context) => {
  if (batch.status === 'draft') {
    return refuse('illegal_step', `${batch.reference} is a draft. Take the part out of it instead.`);
  }
  const refusal = open(batch) ?? repeated(args.parts) ?? absent(batch, args.parts);
  if (refusal) return refusal;
  const settled = args.parts.find((part) => batch.parts[part]!.out);
  if (settled !== undefined) {
    return refuse('nothing_to_change', `${settled} is on record as ${batch.parts[settled]!.out!.how} already.`, {
      field: 'parts',
      details: { part: settled },
    });
  }
  const out = { how: args.how, at: context.done, by: context.principal.id, why: args.reason };
  return set(
    batch,
    {
      ...Object.fromEntries(args.parts.map((part) => [`parts.${part}.out`, out])),
      outCount: (batch.outCount ?? 0) + args.parts.length,
    },
    { why: args.reason },
  );
});

export const decideRestoreParts = onBatch<RestoreParts>((batch, args) => {
  const refusal = open(batch) ?? repeated(args.parts) ?? absent(batch, args.parts);
  if (refusal) return refusal;
  const present = args.parts.find((part) => !batch.parts[part]!.out);
  if (present !== undefined) {
    return refuse('nothing_to_change', `${present} is neither lost nor scrapped.`, {
      field: 'parts',
      details: { part: present },
    });
  }
  const out = outCount(batch, -args.parts.length);
  return set(batch, out.set, {
    unset: [...args.parts.map((part) => `parts.${part}.out`), ...out.unset],
    why: args.reason,
  });
});

/** Where the parts are that stay behind: what they miss is the last departure. */
const behind: { readonly [S in Status]?: 'sealed' | 'at_center' } = {
  sealed: 'sealed',
  in_transit_to_center: 'sealed',
  at_center: 'at_center',
  in_transit_back: 'at_center',
};

/** Parts that stay behind become a batch of their own, with the same history up to there and the same promise. */
export const decideSplit = onBatch<SplitBatch>((batch, args, context, state) => {
  const status = behind[batch.status];
  if (!status) {
    return refuse(
      'illegal_step',
      `${batch.reference} is ${statusWords[batch.status].word.toLowerCase()}; parts stay behind only between sealing and completion.`,
    );
  }
  const refusal = repeated(args.parts) ?? absent(batch, args.parts);
  if (refusal) return refusal;
  if (state.get('batch', args.into)) {
    return refuse('already_exists', 'This batch exists already. Use a new id.', { field: 'into' });
  }
  const out = args.parts.find((part) => batch.parts[part]!.out);
  if (out !== undefined) {
    return refuse('illegal_step', `${out} is ${batch.parts[out]!.out!.how}. Say that it was found first.`, {
      field: 'parts',
      details: { part: out },
    });
  }
  if (args.parts.length >= expectedCount(batch)) {
    return refuse('illegal_step', `Nothing would be left of ${batch.reference}. Take back its last step instead.`, {
      field: 'parts',
    });
  }
  const { draft, sealed, in_transit_to_center, at_center } = batch.steps;
  const history = status === 'sealed' ? { draft, sealed } : { draft, sealed, in_transit_to_center, at_center };
  const steps = Object.fromEntries(
    Object.entries(history).flatMap(([name, step]) => (step ? [[name, { at: step.at, by: step.by }]] : [])),
  );
  return change(
    {
      kind: 'batch',
      id: batch.id,
      set: { partCount: batch.partCount - args.parts.length },
      unset: args.parts.map((part) => `parts.${part}`),
      why: args.reason,
    },
    {
      kind: 'batch',
      id: args.into,
      create: true,
      set: {
        reference: context.nextReference('batch'),
        branch: batch.branch,
        customer: batch.customer,
        center: batch.center,
        status,
        since: batch.steps[status]!.at,
        steps,
        parts: Object.fromEntries(args.parts.map((part) => [part, batch.parts[part]!])),
        partCount: args.parts.length,
        splitFrom: batch.id,
        dueAt: batch.dueAt,
        promisedAt: batch.promisedAt,
        // What has been promised stays; what is still to be counted is counted from its own departure.
        ...(batch.provisional && batch.slaStart ? { slaStart: batch.slaStart, provisional: true } : {}),
        ...(batch.breachOf === undefined ? {} : { breachOf: batch.breachOf }),
        // The promise to the customer began with the batch that they came in.
        createdAt: batch.createdAt,
        createdBy: context.principal.id,
      },
      why: args.reason,
    },
  );
});
