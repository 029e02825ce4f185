import type { Decide, DecideContext, Decision, StateView } from '../protocol/decision.ts';
import { change, refuse } from '../protocol/decision.ts';
import { checkRev } from '../protocol/rules.ts';
import type {
  ArchiveBatch,
  AssignDriver,
  Batch,
  ChangeParts,
  CountedStep,
  CreateBatch,
  DrivenStep,
  EditBatch,
  MarkBreached,
  MoveDueDate,
  PlainStep,
} from './schema.ts';
import { proposedDueAt, slaStatus } from './sla.ts';
import type { StepTarget } from './steps.ts';
import { maxParts, nextStatus, statusWords, steps } from './steps.ts';

const missing = (): Decision =>
  refuse('not_found', 'There is no such batch among those you can see. It may have been archived; search for it.');

/** Opens a batch: every rule on an existing batch starts here. */
function onBatch<Args extends { id: string }>(
  rule: (batch: Batch, args: Args, context: DecideContext, state: StateView) => Decision,
): Decide<Args> {
  return (state, args, context) => {
    const batch = state.get('batch', args.id);
    if (!batch) return missing();
    if (batch.archivedAt !== undefined) {
      return refuse('archived', `${batch.reference} is archived and no longer changes.`);
    }
    return rule(batch, args, context, state);
  };
}

const set = (batch: Batch, fields: { [path: string]: unknown }, more: { unset?: string[]; why?: string } = {}) =>
  change({ kind: 'batch', id: batch.id, set: fields, ...more });

/** Checks what a batch points at; the first thing that is unknown is refused by its field. */
function checkReferences(
  state: StateView,
  args: {
    branch?: string | undefined;
    customer?: string | undefined;
    center?: string | undefined;
    driver?: string | undefined;
  },
): Decision | undefined {
  for (const kind of ['branch', 'customer', 'center'] as const) {
    const id = args[kind];
    if (id === undefined) continue;
    const record = state.get(kind, id);
    if (!record || record.archivedAt !== undefined) {
      return refuse('unknown_reference', `This ${kind} does not exist or is archived. Choose another.`, {
        field: kind,
      });
    }
  }
  return args.driver === undefined ? undefined : checkDriver(state, args.driver);
}

function checkDriver(state: StateView, id: string): Decision | undefined {
  const driver = state.get('person', id);
  if (!driver || driver.role !== 'driver' || driver.inactiveAt !== undefined) {
    return refuse('unknown_reference', 'This person is not an active driver. Choose another.', { field: 'driver' });
  }
  return undefined;
}

/** A part is in at most one open batch; storage has a unique index for what this cannot see. */
function checkFree(state: StateView, parts: readonly string[], self: string): Decision | undefined {
  for (const part of parts) {
    const holder = state.openBatchOf(part);
    if (holder && holder.id !== self) return partTaken(part, holder);
  }
  return undefined;
}

/** The refusal for a part that another open batch holds. */
export function partTaken(part: string, holder: { id: string; reference: string }): Decision {
  return refuse(
    'part_in_open_batch',
    `${part} is already in ${holder.reference}, which is still open. Take it out there first.`,
    {
      field: 'parts',
      details: { part, batch: holder.id, reference: holder.reference },
    },
  );
}

function repeated(parts: readonly string[]): Decision | undefined {
  const seen = new Set<string>();
  for (const part of parts) {
    if (seen.has(part)) {
      return refuse('duplicate_part', `${part} is listed twice. A part counts once.`, {
        field: 'parts',
        details: { part },
      });
    }
    seen.add(part);
  }
  return undefined;
}

export const decideCreate: Decide<CreateBatch> = (state, args, context) => {
  if (state.get('batch', args.id)) return refuse('already_exists', 'This batch exists already.');
  const refusal =
    checkReferences(state, args) ?? repeated(args.parts) ?? checkFree(state, args.parts, args.id) ?? undefined;
  if (refusal) return refusal;
  const sla = state.get('customer', args.customer)!.slaHours;
  const dueAt = args.dueAt ?? proposedDueAt(context.done, sla);
  if (dueAt <= context.done) {
    return refuse('date_not_ahead', 'The expected return date must lie ahead.', { field: 'dueAt' });
  }
  return change({
    kind: 'batch',
    id: args.id,
    create: true,
    set: {
      reference: context.nextReference('batch'),
      branch: args.branch,
      customer: args.customer,
      center: args.center,
      ...(args.driver === undefined ? {} : { driver: args.driver }),
      status: 'draft',
      since: context.done,
      steps: { draft: { at: context.done, by: context.principal.id } },
      parts: Object.fromEntries(args.parts.map((part) => [part, { addedAt: context.done }])),
      partCount: args.parts.length,
      dueAt,
      promisedAt: dueAt,
      createdAt: context.done,
      createdBy: context.principal.id,
    },
  });
};

const draftOnly = (batch: Batch, what: string): Decision | undefined =>
  batch.status === 'draft'
    ? undefined
    : refuse(
        'illegal_step',
        `${batch.reference} is ${statusWords[batch.status].word.toLowerCase()}; ${what} only while it is a draft.`,
      );

export const decideEdit = onBatch<EditBatch>((batch, args, _context, state) => {
  const refusal =
    checkRev('batch', batch, args.rev) ?? draftOnly(batch, 'this changes') ?? checkReferences(state, args);
  if (refusal) return refusal;
  const { id: _id, rev: _rev, ...fields } = args;
  const changed = Object.fromEntries(
    Object.entries(fields).filter(([name, value]) => value !== undefined && value !== batch[name as keyof Batch]),
  );
  if (Object.keys(changed).length === 0) return refuse('nothing_to_change', 'Nothing is different from what it was.');
  return set(batch, changed);
});

export const decideAssignDriver = onBatch<AssignDriver>((batch, args, _context, state) => {
  const conflict = checkRev('batch', batch, args.rev);
  if (conflict) return conflict;
  if (batch.status === 'completed')
    return refuse('illegal_step', `${batch.reference} is completed and needs no driver.`);
  if (args.driver === null) {
    if (batch.driver === undefined) return refuse('nothing_to_change', 'It has no driver.');
    if (batch.status === 'in_transit_to_center' || batch.status === 'in_transit_back') {
      return refuse('driver_required', `${batch.reference} is on the road. Name the driver who has it now instead.`, {
        field: 'driver',
      });
    }
    return set(batch, {}, { unset: ['driver'] });
  }
  const refusal = checkDriver(state, args.driver);
  if (refusal) return refusal;
  if (args.driver === batch.driver) return refuse('nothing_to_change', 'This driver has it already.');
  return set(batch, { driver: args.driver });
});

export const decideMoveDueDate = onBatch<MoveDueDate>((batch, args, context) => {
  const conflict = checkRev('batch', batch, args.rev);
  if (conflict) return conflict;
  if (batch.status === 'completed') return refuse('illegal_step', `${batch.reference} is completed; its date stands.`);
  if (args.dueAt <= context.done) {
    return refuse('date_not_ahead', 'The new expected return date must lie ahead.', { field: 'dueAt' });
  }
  if (args.dueAt === batch.dueAt) return refuse('nothing_to_change', 'This is the expected return date already.');
  return set(batch, { dueAt: args.dueAt }, { why: args.reason });
});

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

export const decideRemoveParts = onBatch<ChangeParts>((batch, args) => {
  const refusal = draftOnly(batch, 'parts are taken out') ?? repeated(args.parts);
  if (refusal) return refusal;
  const absent = args.parts.find((part) => !Object.hasOwn(batch.parts, part));
  if (absent !== undefined) {
    return refuse('part_not_in_batch', `${absent} is not in ${batch.reference}.`, {
      field: 'parts',
      details: { part: absent },
    });
  }
  return set(
    batch,
    { partCount: batch.partCount - args.parts.length },
    { unset: args.parts.map((part) => `parts.${part}`) },
  );
});

/** The refusal of a step that is not the next one: says what is, so that a board can show it beside the card. */
export function checkStep(batch: Pick<Batch, 'reference' | 'status'>, to: StepTarget): Decision | undefined {
  if (steps[to].from === batch.status) return undefined;
  const next = nextStatus(batch.status);
  const now = statusWords[batch.status].word;
  const advice = next ? `From ${now} the next step is ${statusWords[next].word}.` : 'Completed is the last step.';
  return refuse('illegal_step', `A batch moves one step at a time. ${advice}`, {
    details: { status: batch.status, next: next ?? null },
  });
}

function step(
  batch: Batch,
  to: StepTarget,
  context: DecideContext,
  more: { count?: number; driver?: string | undefined } = {},
): Decision {
  const at = Math.max(context.done, batch.since);
  return set(batch, {
    status: to,
    since: at,
    [`steps.${to}`]: { at, by: context.principal.id, ...(more.count === undefined ? {} : { count: more.count }) },
    ...(more.driver === undefined || more.driver === batch.driver ? {} : { driver: more.driver }),
  });
}

const counted = (to: StepTarget) =>
  onBatch<CountedStep>((batch, args, context) => {
    const refusal = checkStep(batch, to);
    if (refusal) return refusal;
    if (batch.partCount === 0)
      return refuse('no_parts', `${batch.reference} has no parts. Add parts before it is sealed.`);
    const difference = args.count - batch.partCount;
    if (difference !== 0) {
      const size = Math.abs(difference);
      return refuse(
        'count_mismatch',
        `${size} ${size === 1 ? 'part' : 'parts'} ${difference < 0 ? 'less' : 'more'} than the batch holds (${batch.partCount}). Count again.`,
        { field: 'count', details: { counted: args.count, expected: batch.partCount } },
      );
    }
    return step(batch, to, context, { count: args.count });
  });

const driven = (to: StepTarget) =>
  onBatch<DrivenStep>((batch, args, context, state) => {
    const refusal = checkStep(batch, to);
    if (refusal) return refusal;
    const driver = args.driver ?? batch.driver;
    if (driver === undefined) {
      return refuse('driver_required', `${batch.reference} has no driver. Choose who takes it.`, { field: 'driver' });
    }
    return checkDriver(state, driver) ?? step(batch, to, context, { driver });
  });

export const decideSeal = counted('sealed');
export const decideDepart = driven('in_transit_to_center');
export const decideArrive = onBatch<PlainStep>(
  (batch, _args, context) => checkStep(batch, 'at_center') ?? step(batch, 'at_center', context),
);
export const decideDepartBack = driven('in_transit_back');
export const decideComplete = counted('completed');

export const decideMarkBreached = onBatch<MarkBreached>((batch, args, context) => {
  if (batch.dueAt !== args.dueAt || batch.breachOf === args.dueAt) {
    return refuse('nothing_to_change', 'This breach is on record, or the date has moved.');
  }
  if (slaStatus(batch, undefined, 1, context.now) !== 'breached') {
    return refuse('nothing_to_change', 'It is not breached.');
  }
  return set(batch, { breachOf: args.dueAt });
});

export const decideArchive = onBatch<ArchiveBatch>((batch, _args, context) =>
  batch.status === 'completed'
    ? set(batch, { archivedAt: context.now })
    : refuse('illegal_step', `${batch.reference} is still open.`),
);
