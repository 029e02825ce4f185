import type { Principal } from '@opsboard/shared/protocol/actors';
import type { StateView } from '@opsboard/shared/protocol/decision';
import type { CommandName } from '@opsboard/shared/protocol/deciders';
import type { deciders } from '@opsboard/shared/protocol/deciders';
import type { Command } from '@opsboard/shared/protocol/envelope';
import type { AnyInView } from '@opsboard/shared/protocol/fold';
import type { Kind, Records } from '@opsboard/shared/protocol/kinds';
import { patched } from '@opsboard/shared/protocol/patch';

/** Every command's rule, by name: the server's own. */
type Rules = typeof deciders;
let rules: Rules | undefined;

/**
 * Hands in the rules. A page fetches them once its board stands, because they are a tenth of what it needs for that;
 * until they are here, a command shows when the server has answered.
 */
export function useRules(given: Rules): void {
  rules = given;
}

/** A command of this page that the board does not show by itself yet. */
export type InFlight = {
  command: Command;
  /** When it was sent, by the server's clock: it is re-decided as of then. */
  at: number;
  /** Known once the server said yes: the command has arrived here when this `seq` has been applied. */
  seq?: number;
};

/** The records by kind, as far as clients hold them. */
export type Tables = { readonly [K in Kind]: ReadonlyMap<string, AnyInView> };
/** Records as the commands in flight would have them. */
export type Overlay = Map<Kind, Map<string, AnyInView>>;

/**
 * Decides the commands in flight, in order, on top of what is known, and gives the records that differ. The rules are
 * the server's own. A rule that refuses here, or that needs what a client does not hold, shows nothing: the server has
 * the last word.
 */
export function overlayOf(base: Tables, inFlight: readonly InFlight[], principal: Principal): Overlay {
  const overlay: Overlay = new Map();
  const view = viewOver(base, overlay);
  for (const { command, at } of inFlight) {
    const decision = decideHere(view, command.name, command.args, principal, at, command.doneAt);
    if (!decision?.ok) continue;
    for (const change of decision.changes) {
      const before =
        overlay.get(change.kind)?.get(change.id) ??
        base[change.kind].get(change.id) ??
        ({ id: change.id, org: principal.org, rev: 0 } as AnyInView);
      let table = overlay.get(change.kind);
      if (!table) overlay.set(change.kind, (table = new Map()));
      // The version it will have: what is edited next, before the server has answered, is an edit of that one.
      table.set(change.id, { ...patched(before, change.set, change.unset), rev: before.rev + 1 });
    }
  }
  return overlay;
}

/**
 * What the rule for a command says of the records as they are shown; undefined where a client cannot know.
 *
 * @param done when it was done, where that is earlier than `at`
 */
export function decideHere<N extends CommandName>(
  view: StateView,
  name: N,
  args: unknown,
  principal: Principal,
  at: number,
  done = at,
) {
  try {
    const context = { now: at, done, principal, nextReference: () => 'New' };
    return rules?.[name](view, args as never, context);
  } catch {
    // A rule met a field that clients do not hold.
    return undefined;
  }
}

/** The records with the overlay on top, as rules see them. */
export function viewOver(base: Tables, overlay: Overlay): StateView {
  return {
    get<K extends Kind>(kind: K, id: string): Records[K] | undefined {
      const record = (overlay.get(kind)?.get(id) ?? base[kind].get(id)) as Records[K] | undefined;
      if (record === undefined || kind !== 'batch' || 'parts' in record) return record;
      // Boards hold batches without their parts; the counts are there.
      return { ...record, parts: {} };
    },
    *all<K extends Kind>(kind: K): Iterable<Records[K]> {
      const above = overlay.get(kind);
      for (const [id, record] of base[kind]) if (!above?.has(id)) yield record as unknown as Records[K];
      for (const record of above?.values() ?? []) yield record as unknown as Records[K];
    },
    openBatchOf: () => undefined,
    entriesOf: () => [],
    pointingAt: () => undefined,
  };
}
