import type { Batch } from '@opsboard/shared/batches/schema';
import { partTaken } from '@opsboard/shared/batches/rules';
import { archivedReference } from '@opsboard/shared/directory/references';
import type { Principal } from '@opsboard/shared/protocol/actors';
import { audienceOf, viewOfAny } from '@opsboard/shared/protocol/audiences';
import { commands } from '@opsboard/shared/protocol/commands';
import type { DecideContext, Decision, RecordChange, StateView } from '@opsboard/shared/protocol/decision';
import type { CommandName } from '@opsboard/shared/protocol/deciders';
import { deciders } from '@opsboard/shared/protocol/deciders';
import type { Command } from '@opsboard/shared/protocol/envelope';
import type { WireError } from '@opsboard/shared/protocol/errors';
import { wireError } from '@opsboard/shared/protocol/errors';
import type { AnyRecord, Kind, Records } from '@opsboard/shared/protocol/kinds';
import type { Drafted } from '../journal/fold.ts';
import { lastStepOf } from '@opsboard/shared/routes/stops';
import { draft } from '../journal/fold.ts';
import { isOpen } from '../journal/live-set.ts';
import { currentPrincipal, mayEver, mayNot, mayOn, seen } from './authorize.ts';
import type { Overlay } from './overlay.ts';
import { recordKey } from './overlay.ts';
import { partElsewhere } from './refusals.ts';

/** One change, drafted: `record` is what it changes, absent when it creates. */
export type Drawn = { change: RecordChange; record: AnyRecord | undefined; draft: Drafted };

export type Verdict =
  | { type: 'made'; changes: Drawn[]; done: number }
  /** By a rule: leaves a receipt. `record` is the record of a `rev_conflict` as the asker sees it now. */
  | { type: 'refused'; error: WireError; record?: unknown }
  /** By sign-in, rights or sight: leaves none. */
  | { type: 'turned away'; error: WireError };

type Asked = { principal: Principal; command: Command; at: number };

const turnedAway = (error: WireError): Verdict => ({ type: 'turned away', error });

/** Whether a command makes a new record, so that there is nothing to see or own before it. */
export const creates = (name: CommandName): boolean =>
  name.endsWith('.create') || name === 'session.start' || name === 'person.invite';

/** The kind and id of the record a command is about; undefined for `undo`, which is about what it takes back. */
export function subjectOf(command: Command): { kind: Kind; id: string } | undefined {
  const { kind, subject } = commands[command.name] as { kind: Kind | undefined; subject(args: unknown): string };
  return kind === undefined ? undefined : { kind, id: subject(command.args) };
}

/**
 * Judges and decides one command on a state: who asks, as their record is now; whether they may, on the record as it
 * is; the rule; and whether they may, on the record as it would become.
 */
export function decideCommand(view: Overlay, asked: Asked, nextReference: DecideContext['nextReference']): Verdict {
  const { command, at } = asked;
  const principal = currentPrincipal(view, asked.principal, at);
  if ('code' in principal) return turnedAway(principal);
  const refusal =
    command.name === 'undo'
      ? mayUndo(view, principal, command.args)
      : command.name === 'import'
        ? mayImport(view, principal, command)
        : maySubject(view, principal, command);
  if (refusal) return turnedAway(refusal);

  const context: DecideContext = { now: at, done: doneAt(view, asked), principal, nextReference };
  const decision = decideBy(view, command, context);
  if (!decision.ok) return refused(view, principal, decision.error);
  const drawn = draw(view, principal.org, decision.changes);
  if (!Array.isArray(drawn)) return refused(view, principal, drawn);
  if (!mayAfter(view, principal, command, drawn)) return turnedAway(mayNot(principal));
  const archived = pointsAtArchived(view, drawn);
  if (archived) return refused(view, principal, archived);
  const taken = partHeldElsewhere(view, drawn);
  if (taken) return refused(view, principal, taken);
  return { type: 'made', changes: drawn, done: context.done };
}

type AnyDecider = (view: StateView, args: Command['args'], context: DecideContext) => Decision;

function decideBy(view: StateView, command: Command, context: DecideContext): Decision {
  // The registry pairs each name with the rule for its args; ingress has parsed them by it.
  return (deciders[command.name] as AnyDecider)(view, command.args, context);
}

/** The right to the record as it is. Who may not see it is told what they would be told if it were not there. */
function maySubject(view: Overlay, principal: Principal, command: Command): WireError | undefined {
  const { name } = command;
  if (!mayEver(principal, name)) return mayNot(principal);
  const { kind, id } = subjectOf(command)!;
  if (name === 'organization.create' && id !== principal.org) {
    return wireError('bad_request', 'The id must be that of the organization.', { field: 'args.id' });
  }
  const record = view.get(kind, id);
  if (!record) return creates(name) ? undefined : missing(view, command, principal);
  if (mayOn(view, principal, name, kind, record)) return undefined;
  if (creates(name)) return undefined;
  return seen(principal, kind, record) ? mayNot(principal) : missing(view, command, principal);
}

/** The rule's own words for a record that is not there. */
function missing(view: Overlay, command: Command, principal: Principal): WireError {
  const hidden = subjectOf(command)!;
  const without: StateView = {
    get: (kind, id) => (kind === hidden.kind && id === hidden.id ? undefined : view.get(kind, id)),
    all: () => [],
    openBatchOf: () => undefined,
    entriesOf: () => [],
    pointingAt: () => [],
  };
  const context = { now: 0, done: 0, principal, nextReference: () => '' };
  const decision = decideBy(without, command, context);
  return !decision.ok && decision.error.code === 'not_found'
    ? decision.error
    : wireError('not_found', 'There is no such record among those you can see.');
}

/** An import needs its own right and that to each command it is made of; the first that is missing is the answer. */
function mayImport(view: Overlay, principal: Principal, command: Command & { name: 'import' }): WireError | undefined {
  if (!mayEver(principal, 'import')) return mayNot(principal);
  for (const [index, inner] of command.args.commands.entries()) {
    const refusal = maySubject(view, principal, { ...inner, commandId: command.commandId } as Command);
    if (refusal) return { ...refusal, details: { ...refusal.details, index } };
  }
  return undefined;
}

/** Undo needs its own right and the one to what it takes back, on every record that was changed. */
function mayUndo(view: Overlay, principal: Principal, args: { commandId: string }): WireError | undefined {
  if (!mayEver(principal, 'undo')) return mayNot(principal);
  const nothing = () => wireError('not_found', 'There is no such change to undo.');
  const entries = view.entriesOf(args.commandId);
  if (entries.length === 0) return nothing();
  for (const { kind, id, verb } of entries) {
    const record = view.get(kind, id);
    if (!record) return nothing();
    const may = (['undo', verb] as CommandName[]).every((right) => mayOn(view, principal, right, kind, record));
    if (!may) return seen(principal, kind, record) ? mayNot(principal) : nothing();
  }
  return undefined;
}

/** The right to what the records would become: nobody moves one to where they have no right. */
function mayAfter(view: Overlay, principal: Principal, command: Command, drawn: readonly Drawn[]): boolean {
  const undone = command.name === 'undo' ? view.entriesOf(command.args.commandId)[0]?.verb : undefined;
  const needed = (undone === undefined ? [command.name] : ['undo', undone]) as CommandName[];
  // A merge moves records of other kinds, which may be where the asker has no right.
  const kind = command.name.endsWith('.merge') ? undefined : subjectOf(command)?.kind;
  return drawn.every(
    ({ change, draft: { after } }) =>
      (kind !== undefined && change.kind !== kind) ||
      (change.verb === undefined ? needed : [change.verb as CommandName]).every((right) =>
        mayOn(view, principal, right, change.kind, after),
      ),
  );
}

/** When the steps were done that come before this one: on the record it is about, and on the batch that it moves. */
function stepsBefore(view: Overlay, { args }: Command, subject: { kind: Kind; id: string } | undefined): number[] {
  const batch = subject?.kind === 'batch' ? subject.id : (args as { batch?: string }).batch;
  const route = subject?.kind === 'route' ? view.get('route', subject.id) : undefined;
  const since = batch === undefined ? undefined : view.get('batch', batch)?.since;
  return [since ?? 0, route ? lastStepOf(route) : 0];
}

/** Not after its arrival, and not before the step before it. */
function doneAt(view: Overlay, { command, at }: Asked): number {
  if (command.doneAt === undefined) return at;
  const subject = subjectOf(command);
  return Math.min(at, Math.max(command.doneAt, ...stepsBefore(view, command, subject)));
}

function draw(view: Overlay, org: string, changes: readonly RecordChange[]): Drawn[] | WireError {
  const drawn: Drawn[] = [];
  const made = new Map<string, AnyRecord>();
  for (const change of changes) {
    const key = recordKey(change.kind, change.id);
    const record = made.get(key) ?? (view.get(change.kind, change.id) as AnyRecord | undefined);
    if (change.create && record) return wireError('already_exists', 'This exists already.');
    if (!change.create && !record) throw new Error(`a rule changes ${key}, which is not there`);
    const drafted = draft(org, record, change);
    made.set(key, drafted.after);
    drawn.push({ change, record, draft: drafted });
  }
  return drawn;
}

/** Nothing comes into use that points at what is archived, whatever brings it there: also what is undone. */
function pointsAtArchived(view: Overlay, drawn: readonly Drawn[]): WireError | undefined {
  const becoming = new Map(drawn.map(({ change, draft: { after } }) => [recordKey(change.kind, change.id), after]));
  const after: Pick<StateView, 'get'> = {
    get: (kind, id) => (becoming.get(recordKey(kind, id)) as Records[typeof kind] | undefined) ?? view.get(kind, id),
  };
  for (const { change, record, draft } of drawn) {
    const refusal = archivedReference(after, change.kind, record, draft.after);
    if (refusal && !refusal.ok) return refusal.error;
  }
  return undefined;
}

/** A part is in one open batch, whatever brings it there: also a step taken back. */
function partHeldElsewhere(view: Overlay, drawn: readonly Drawn[]): WireError | undefined {
  const becoming = new Map(drawn.map(({ change, draft: { after } }) => [change.id, after as Batch]));
  for (const {
    change,
    record,
    draft: { after },
  } of drawn) {
    if (change.kind !== 'batch' || !isOpen(after as Batch)) continue;
    const before = record as Batch | undefined;
    const { parts } = after as Batch;
    const wasOpen = before !== undefined && isOpen(before);
    if (wasOpen && before.parts === parts) continue;
    for (const part in parts) {
      if (wasOpen && Object.hasOwn(before.parts, part)) continue;
      const holder = view.openBatchOf(part);
      const released = holder && becoming.get(holder.id);
      // The same command takes it out there.
      if (released && !(isOpen(released) && Object.hasOwn(released.parts, part))) continue;
      if (holder && holder.id !== change.id) {
        const taken = partTaken(part, holder);
        if (!taken.ok) return taken.error;
      }
    }
  }
  return undefined;
}

/** A rule's refusal, cut to what the asker may see. */
function refused(view: Overlay, principal: Principal, error: WireError): Verdict {
  if (error.code === 'part_in_open_batch' && principal.type !== 'system') {
    const { batch, part, index } = error.details as { batch: string; part: string; index?: number };
    const holder = view.get('batch', batch);
    if (!holder || !seen(principal, 'batch', holder)) return { type: 'refused', error: partElsewhere(part, index) };
  }
  if (error.code === 'rev_conflict') return { type: 'refused', error, record: asSeen(view, principal, error) };
  return { type: 'refused', error };
}

/** The record of a `rev_conflict` as the asker sees it in this state. */
export function asSeen(view: Pick<StateView, 'get'>, principal: Principal, error: WireError): unknown {
  if (principal.type === 'system') return undefined;
  const { kind, id } = error.details as { kind: Kind; id: string };
  const record = view.get(kind, id) as Records[Kind] | undefined;
  return record && viewOfAny(audienceOf(principal), kind, record);
}
