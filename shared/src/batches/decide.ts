import { slaStartOf } from '../organization/settings.ts';
import type { Decide, DecideContext, Decision, StateView } from '../protocol/decision.ts';
import { change, refuse } from '../protocol/decision.ts';
import { checkRev } from '../protocol/rules.ts';
import { movesWithRoute } from '../routes/take-back.ts';
import type {
  ArchiveBatch,
  AssignDriver,
  Batch,
  CountedStep,
  CreateBatch,
  DrivenStep,
  EditBatch,
  HandOver,
  MarkBreached,
  MoveDueDate,
  PlainStep,
} from './schema.ts';
import { proposeIn } from './proposal.ts';
import { checkDriver, checkFree, checkReferences, draftOnly, onBatch, repeated, set } from './rules.ts';
import { breachOpens, breachWithdrawn, datedBy } from './response.ts';
import { slaStatus } from './sla.ts';
import type { StepTarget } from './steps.ts';
import { expectedCount, nextStatus, startStep, statusWords, steps } from './steps.ts';

/** The date proposed from a start on; undefined when the customer or the center is not there any more. */
function proposedFrom(
  state: StateView,
  { customer, center }: Pick<Batch, 'customer' | 'center'>,
  start: number,
  context: DecideContext,
): { dueAt: number; slaHours: number } | undefined {
  const slaHours = state.get('customer', customer)?.slaHours;
  const at = state.get('center', center);
  if (slaHours === undefined || !at) return undefined;
  const organization = state.get('organization', context.principal.org);
  return { dueAt: proposeIn(organization, { start, slaHours, center: at }).dueAt, slaHours };
}

export const decideCreate: Decide<CreateBatch> = (state, args, context) => {
  if (state.get('batch', args.id)) return refuse('already_exists', 'This batch exists already.');
  const refusal = checkReferences(state, args) ?? repeated(args.parts) ?? checkFree(state, args.parts, args.id);
  if (refusal) return refusal;
  const start = slaStartOf(state.get('organization', context.principal.org));
  // Counted from what has not happened yet, it is a guess until then. What a person sets is a promise at once.
  const provisional = args.dueAt === undefined && start !== 'creation';
  const dueAt = args.dueAt ?? proposedFrom(state, args, context.done, context)!.dueAt;
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
      ...(provisional ? { slaStart: start, provisional: true } : {}),
      createdAt: context.done,
      createdBy: context.principal.id,
    },
  });
};

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

export const decideAssignDriver = onBatch<AssignDriver>((batch, args, context, state) => {
  const conflict = checkRev('batch', batch, args.rev) ?? movesWithRoute(state, batch, context);
  if (conflict) return conflict;
  if (batch.status === 'completed')
    return refuse('illegal_step', `${batch.reference} is completed and needs no driver.`);
  // What the one driver had taken, the other one takes over with a hand-over of their own.
  const returned = batch.handover ? ['handover'] : [];
  if (args.driver === null) {
    if (batch.driver === undefined) return refuse('nothing_to_change', 'It has no driver.');
    if (batch.status === 'in_transit_to_center' || batch.status === 'in_transit_back') {
      return refuse('driver_required', `${batch.reference} is on the road. Name the driver who has it now instead.`, {
        field: 'driver',
      });
    }
    return set(batch, {}, { unset: ['driver', ...returned] });
  }
  const refusal = checkDriver(state, args.driver);
  if (refusal) return refusal;
  if (args.driver === batch.driver) return refuse('nothing_to_change', 'This driver has it already.');
  return set(batch, { driver: args.driver }, { unset: returned });
});

export const decideMoveDueDate = onBatch<MoveDueDate>((batch, args, context) => {
  const conflict = checkRev('batch', batch, args.rev);
  if (conflict) return conflict;
  if (batch.status === 'completed') return refuse('illegal_step', `${batch.reference} is completed; its date stands.`);
  if (args.dueAt <= context.done) {
    return refuse('date_not_ahead', 'The new expected return date must lie ahead.', { field: 'dueAt' });
  }
  if (args.dueAt === batch.dueAt) return refuse('nothing_to_change', 'This is the expected return date already.');
  const dated = datedBy(batch, context.now, context.done, context.principal.id);
  // From now on the date is a person's: no step proposes another. If none had been promised before, this is the promise.
  const promised = batch.provisional ? { promisedAt: args.dueAt } : {};
  const unset = (['slaStart', 'provisional'] as const).filter((name) => batch[name] !== undefined);
  return set(
    batch,
    { dueAt: args.dueAt, ...promised, ...dated },
    { why: args.reason, ...(unset.length > 0 && { unset }) },
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

/**
 * What a step changes of the expected return date: with the event that it is counted from it is proposed anew, and the
 * first time that is the promise. Taken back and done again it is proposed again, and the first promise is kept.
 */
function counting(
  state: StateView,
  batch: Batch,
  to: StepTarget,
  at: number,
  context: DecideContext,
): { fields: { dueAt?: number; promisedAt?: number }; unset: string[]; why?: string } {
  if (batch.slaStart === undefined || startStep[batch.slaStart] !== to) return { fields: {}, unset: [] };
  const proposed = proposedFrom(state, batch, at, context);
  const dueAt = proposed?.dueAt ?? batch.dueAt;
  return {
    fields: { dueAt, ...(batch.provisional ? { promisedAt: dueAt } : {}) },
    unset: batch.provisional ? ['provisional'] : [],
    ...(proposed && { why: `Expected return date counted from ${batch.slaStart}, ${proposed.slaHours} h by contract` }),
  };
}

/** A step along the lifecycle, which the asker has made sure of. `route`: it is made at a stop of it. */
export function step(
  state: StateView,
  batch: Batch,
  to: StepTarget,
  context: DecideContext,
  more: { count?: number; driver?: string | undefined; route?: string } = {},
): Decision {
  const at = Math.max(context.done, batch.since);
  // Another driver than the one who took it over has it now.
  const passed = more.driver !== undefined && batch.handover && batch.handover.to !== more.driver;
  const counted = counting(state, batch, to, at, context);
  const withdrawn = to === 'completed' ? breachWithdrawn(batch, at, context.now) : { set: {}, unset: [] };
  const fields = {
    status: to,
    since: at,
    [`steps.${to}`]: {
      at,
      by: context.principal.id,
      ...(more.count === undefined ? {} : { count: more.count }),
      ...(more.route === undefined ? {} : { route: more.route }),
    },
    ...(more.driver === undefined || more.driver === batch.driver ? {} : { driver: more.driver }),
    ...counted.fields,
    ...withdrawn.set,
  };
  const unset = [...(passed ? ['handover'] : []), ...counted.unset, ...withdrawn.unset];
  const why = counted.why ?? withdrawn.why;
  return set(batch, fields, {
    ...(unset.length > 0 && { unset }),
    ...(why !== undefined && { why }),
  });
}

/** A count that differs is refused with the difference. */
function checkCount(batch: Batch, counted: number): Decision | undefined {
  const expected = expectedCount(batch);
  const difference = counted - expected;
  if (difference === 0) return undefined;
  const size = Math.abs(difference);
  return refuse(
    'count_mismatch',
    `${size} ${size === 1 ? 'part' : 'parts'} ${difference < 0 ? 'less' : 'more'} than the batch holds (${expected}). Count again.`,
    { field: 'count', details: { counted, expected } },
  );
}

const counted = (to: StepTarget) =>
  onBatch<CountedStep>((batch, args, context, state) => {
    const refusal = checkStep(batch, to) ?? movesWithRoute(state, batch, context);
    if (refusal) return refusal;
    if (batch.partCount === 0 || (to === 'sealed' && expectedCount(batch) === 0)) {
      return refuse('no_parts', `${batch.reference} has no parts. Add parts before it is sealed.`);
    }
    return checkCount(batch, args.count) ?? step(state, batch, to, context, { count: args.count });
  });

const driven = (to: StepTarget) =>
  onBatch<DrivenStep>((batch, args, context, state) => {
    const refusal = checkStep(batch, to) ?? movesWithRoute(state, batch, context);
    if (refusal) return refusal;
    const driver = args.driver ?? batch.driver;
    if (driver === undefined) {
      return refuse('driver_required', `${batch.reference} has no driver. Choose who takes it.`, { field: 'driver' });
    }
    return checkDriver(state, driver) ?? step(state, batch, to, context, { driver });
  });

export const decideSeal = counted('sealed');
export const decideDepart = driven('in_transit_to_center');
export const decideArrive = onBatch<PlainStep>(
  (batch, _args, context, state) =>
    checkStep(batch, 'at_center') ?? movesWithRoute(state, batch, context) ?? step(state, batch, 'at_center', context),
);
export const decideDepartBack = driven('in_transit_back');
export const decideComplete = counted('completed');

/** Custody passes to the driver; the batch stays sealed until it departs. */
export const decideHandOver = onBatch<HandOver>((batch, args, context, state) => {
  if (batch.status !== 'sealed') {
    return refuse(
      'illegal_step',
      `${batch.reference} is ${statusWords[batch.status].word.toLowerCase()}; it is handed over between sealing and departure.`,
    );
  }
  const driver = args.driver ?? batch.driver;
  if (driver === undefined) {
    return refuse('driver_required', `${batch.reference} has no driver. Choose who takes it.`, { field: 'driver' });
  }
  const refusal = checkDriver(state, driver) ?? checkCount(batch, args.count);
  if (refusal) return refusal;
  if (batch.handover?.to === driver) return refuse('nothing_to_change', 'This driver has it already.');
  // To the driver of its route it may be handed over before they come to the stop.
  const its = batch.route === undefined ? undefined : state.get('route', batch.route)?.driver;
  const other = driver === its ? undefined : movesWithRoute(state, batch, context);
  if (other) return other;
  const handover = { at: Math.max(context.done, batch.since), by: context.principal.id, to: driver };
  return set(batch, { handover, ...(driver === batch.driver ? {} : { driver }) });
});

export const decideMarkBreached = onBatch<MarkBreached>((batch, args, context) => {
  if (batch.dueAt !== args.dueAt || batch.breachOf === args.dueAt) {
    return refuse('nothing_to_change', 'This breach is on record, or the date has moved.');
  }
  if (slaStatus(batch, undefined, 1, context.now) !== 'breached') {
    return refuse('nothing_to_change', 'It is not breached.');
  }
  const opened = breachOpens(batch, args.dueAt, context.now);
  return set(batch, { breachOf: args.dueAt, ...opened.set }, { unset: opened.unset });
});

export const decideArchive = onBatch<ArchiveBatch>((batch, _args, context) =>
  batch.status === 'completed'
    ? set(batch, { archivedAt: context.now })
    : refuse('illegal_step', `${batch.reference} is still open.`),
);
