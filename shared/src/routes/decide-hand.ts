import type { Batch } from '../batches/schema.ts';
import { step } from '../batches/decide.ts';
import { expectedCount, statusWords } from '../batches/steps.ts';
import { proofOf } from '../organization/driver-settings.ts';
import type { DecideContext, Decision, RecordChange, StateView } from '../protocol/decision.ts';
import { refuse } from '../protocol/decision.ts';
import type { Fields } from '../protocol/entries.ts';
import { factOf, reach } from './decide-drive.ts';
import { isRefusal } from './plan.ts';
import { becoming, changeRoute, checkUnderWay, onStep, put } from './rules.ts';
import type { HandOverAt, Handled, PickUp, Route } from './schema.ts';
import type { Work } from './stops.ts';
import { canHandOverAt, canPickUpAt, hasEnded, isDone, onTheRoad, openWorkOf } from './stops.ts';

/** What was counted or scanned, against the batch's list. */
type Counted = Pick<Handled, 'count' | 'scanned' | 'expected' | 'missing' | 'extra'> & { differs: boolean };

function counted(batch: Batch, args: PickUp): Counted | Decision {
  const expected = expectedCount(batch);
  if (!args.scanned) {
    const differs = args.count !== expected;
    return { count: args.count, differs, ...(differs && { expected }) };
  }
  const scanned = new Set(args.scanned);
  const listed = batch.parts;
  // A desk's screen holds no lists of parts: the server compares.
  if (Object.keys(listed).length < batch.partCount)
    return refuse('unavailable', 'This is known on the server only. It is asked.');
  const wanted = Object.keys(listed).filter((part) => !listed[part]!.out);
  const missing = wanted.filter((part) => !scanned.has(part));
  const extra = [...scanned].filter((part) => !wanted.includes(part));
  const differs = missing.length + extra.length > 0;
  return {
    count: scanned.size,
    scanned: true,
    differs,
    ...(differs && { expected }),
    ...(missing.length > 0 && { missing }),
    ...(extra.length > 0 && { extra }),
  };
}

/** `P-1, P-2 and 3 more`. */
function some(parts: readonly string[]): string {
  return parts.length <= 4 ? parts.join(', ') : `${parts.slice(0, 3).join(', ')} and ${parts.length - 3} more`;
}

function mismatch(batch: Batch, { count, expected, missing, extra }: Counted): Decision {
  const size = Math.abs(count - expected!);
  const words = [
    ...(missing ? [`${some(missing)} missing`] : []),
    ...(extra ? [`${some(extra)} not on its list`] : []),
  ];
  const what =
    words.length > 0
      ? `${batch.reference}: ${words.join('; ')}.`
      : `${size} ${size === 1 ? 'part' : 'parts'} ${count < expected! ? 'less' : 'more'} than ${batch.reference} holds (${expected}).`;
  return refuse('count_mismatch', `${what} Count again, or go on with the reason.`, {
    field: 'count',
    details: { batch: batch.id, expected, counted: count, missing: missing ?? [], extra: extra ?? [] },
  });
}

const proofWords = { receiver: 'the name of who received it', signature: 'their signature', photo: 'a photo' } as const;
type ProofName = keyof typeof proofWords;
const proofNames = Object.keys(proofWords) as ProofName[];

/** Missing proof is refused by name. A desk that acts for a phone has none to give: it gives the reason. */
function checkProof(state: StateView, args: HandOverAt, route: Route, context: DecideContext): Decision | undefined {
  const proof = proofOf(state.get('organization', context.principal.org));
  const missing = proofNames.filter((name) => proof[name] === 'required' && args[name] === undefined);
  if (missing.length === 0) return undefined;
  if (context.principal.id !== route.driver && args.reason !== undefined) return undefined;
  return refuse('proof_required', `This needs ${missing.map((name) => proofWords[name]).join(', and ')}.`, {
    field: missing[0]!,
    details: { missing },
  });
}

/** The proof that is kept: what the organization does not collect is left out. */
function proofKept(state: StateView, args: HandOverAt, context: DecideContext): Partial<Pick<HandOverAt, ProofName>> {
  const proof = proofOf(state.get('organization', context.principal.org));
  return Object.fromEntries(
    proofNames.flatMap((name) => (args[name] === undefined || proof[name] === 'off' ? [] : [[name, args[name]]])),
  );
}

/** As long as a reason may be that somebody gives. */
const longestReason = 300;

/** What a batch becomes at a stop, as one change of it. */
function batchMoved(
  state: StateView,
  batch: Batch,
  what: Work,
  given: { route: Route; after: Route; count: number; why: string | undefined },
  context: DecideContext,
): RecordChange {
  const { route, after, count, why } = given;
  const driver = route.driver!;
  const stepped = { count, route: route.id };
  const to =
    what === 'pick_up'
      ? batch.status === 'sealed'
        ? 'in_transit_to_center'
        : 'in_transit_back'
      : batch.status === 'in_transit_to_center'
        ? 'at_center'
        : 'completed';
  const made = step(state, batch, to, context, what === 'pick_up' ? { ...stepped, driver } : stepped);
  const [change] = made.ok ? made.changes : [];
  if (!change) throw new Error('a step along the lifecycle was refused');
  const set: Fields = { ...change.set };
  // Custody passes with the departure: counted by the driver who takes it.
  if (to === 'in_transit_to_center' && batch.handover?.to !== driver)
    set['handover'] = { at: set['since'], by: context.principal.id, to: driver };
  const unset = (change.unset ?? []).filter((path) => !Object.hasOwn(set, path));
  if (!openWorkOf(after).has(batch.id)) unset.push('route');
  // Both are worth saying: why it went on, and what that changed of a date or a breach.
  const reason = [why, change.why].filter((text) => text !== undefined).join('. ');
  return { kind: 'batch', id: batch.id, set, unset, ...(reason !== '' && { why: reason.slice(0, longestReason) }) };
}

const hand = <Args extends PickUp>(what: Work) =>
  onStep<Args>((route, args, context, state) => {
    const refusal = checkUnderWay(route);
    if (refusal) return refusal;
    const stop = Object.hasOwn(route.stops, args.stop) ? route.stops[args.stop] : undefined;
    if (!stop) {
      return refuse('not_found', 'This stop is not on the route any more. Look at the route as it is now.', {
        field: 'stop',
      });
    }
    const batch = state.get('batch', args.batch);
    if (!batch || !stop[what === 'pick_up' ? 'pickUp' : 'handOver'].includes(args.batch)) {
      return refuse('unknown_reference', 'This batch is not planned at this stop. Ask the desk to plan it.', {
        field: 'batch',
      });
    }
    const { reference } = batch;
    if (isDone(stop, batch.id)) return refuse('nothing_to_change', `${reference} is done at this stop.`);
    if (hasEnded(stop)) return refuse('illegal_step', 'This stop has been left. Ask the desk to add it again.');
    const can =
      what === 'pick_up' ? canPickUpAt(batch, stop.place) : onTheRoad(batch) && canHandOverAt(batch, stop.place);
    if (!can) {
      return refuse(
        'illegal_step',
        what === 'pick_up'
          ? `${reference} is ${statusWords[batch.status].word.toLowerCase()}: it cannot be picked up here.`
          : `${reference} has not been picked up, so it cannot be handed over.`,
        { field: 'batch', details: { status: batch.status } },
      );
    }
    const count = counted(batch, args);
    if ('ok' in count) return count;
    if (count.differs && args.reason === undefined) return mismatch(batch, count);
    const proofMissing = what === 'hand_over' ? checkProof(state, args, route, context) : undefined;
    if (proofMissing) return proofMissing;
    const arrived = stop.arrived ? becoming(route) : reach(becoming(route), args.stop, state, context);
    if (isRefusal(arrived)) return arrived;
    const { differs: _differs, ...facts } = count;
    const { receiver, ...files } = what === 'hand_over' ? proofKept(state, args, context) : {};
    const handled: Handled = {
      what,
      ...factOf(context),
      ...facts,
      ...(args.reason !== undefined && { why: args.reason }),
      ...files,
    };
    const receiverPath = `receivers.${args.stop}/${batch.id}`;
    const now = put(
      arrived,
      {
        [`stops.${args.stop}.done.${batch.id}`]: handled,
        ...(receiver !== undefined && { [receiverPath]: receiver }),
      },
      receiver === undefined && route.receivers?.[`${args.stop}/${batch.id}`] !== undefined ? [receiverPath] : [],
    );
    const moved = batchMoved(
      state,
      batch,
      what,
      { route, after: now.route, count: facts.count, why: args.reason },
      context,
    );
    return changeRoute(state, route, now, {
      batches: [moved],
      ...(args.reason !== undefined && { why: args.reason }),
    });
  });

/** Counted, taken over and on the road: one command, both records. */
export const decidePickUp = hand<PickUp>('pick_up');
/** At its service center, or at home, which completes it: one command, both records. */
export const decideHandOverAt = hand<HandOverAt>('hand_over');
