import type { Decide, DecideContext, Decision, StateView } from '../protocol/decision.ts';
import { change, refuse } from '../protocol/decision.ts';
import type { Batch } from './schema.ts';
import { statusWords } from './steps.ts';

/** What every rule about a batch that is not there answers. */
export const missing = (): Decision =>
  refuse('not_found', 'There is no such batch among those you can see. It may have been archived; search for it.');

/** Opens a batch: every rule on an existing batch starts here. */
export function onBatch<Args extends { id: string }>(
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

/** A change of one batch. */
export const set = (batch: Batch, fields: { [path: string]: unknown }, more: { unset?: string[]; why?: string } = {}) =>
  change({ kind: 'batch', id: batch.id, set: fields, ...more });

/** Checks what a batch points at; the first thing that is unknown is refused by its field. */
export function checkReferences(
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

/** Refuses who is not an active driver. */
export function checkDriver(state: StateView, id: string): Decision | undefined {
  const driver = state.get('person', id);
  if (!driver || driver.role !== 'driver' || driver.inactiveAt !== undefined) {
    return refuse('unknown_reference', 'This person is not an active driver. Choose another.', { field: 'driver' });
  }
  return undefined;
}

/** A part is in at most one open batch; storage has a unique index for what this cannot see. */
export function checkFree(state: StateView, parts: readonly string[], self: string): Decision | undefined {
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

/** A part that is named twice. */
export function repeated(parts: readonly string[]): Decision | undefined {
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

/** Some things change only while a batch is a draft. */
export const draftOnly = (batch: Batch, what: string): Decision | undefined =>
  batch.status === 'draft'
    ? undefined
    : refuse(
        'illegal_step',
        `${batch.reference} is ${statusWords[batch.status].word.toLowerCase()}; ${what} only while it is a draft.`,
      );
