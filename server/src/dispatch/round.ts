import type { Principal } from '@opsboard/shared/protocol/actors';
import { actorOf } from '@opsboard/shared/protocol/actors';
import type { Command } from '@opsboard/shared/protocol/envelope';
import type { ReferenceKind } from '@opsboard/shared/protocol/decision';
import type { WireError } from '@opsboard/shared/protocol/errors';
import { entryVersion } from '@opsboard/shared/protocol/entries';
import { receiptLifetime } from '@opsboard/shared/protocol/ids';
import type { AnyRecord } from '@opsboard/shared/protocol/kinds';
import type { Group } from '../journal/group.ts';
import type { Expected } from '../journal/folded-state.ts';
import type { OrgState } from '../journal/org-state.ts';
import type { References, StoredReceipt } from '../journal/stored.ts';
import { receiptKey, referenceLetters } from '../journal/stored.ts';
import type { Verdict } from './decide.ts';
import { decideCommand } from './decide.ts';
import type { Loaded } from './overlay.ts';
import { Overlay, recordKey } from './overlay.ts';

/** A command in the lane. */
export type Judged = {
  principal: Principal;
  command: Command;
  /** When it arrived, milliseconds since the epoch. */
  at: number;
  digest: string;
  /** Set when storage refused what it would do: the answer, decided before anything else. */
  refusal?: WireError | undefined;
};

/** What a round comes to. Commands that are in neither list have their outcome in `made`. */
export type Round<J extends Judged> = {
  group: Group;
  /** Success: the first and last seq. */
  made: Map<J, { first: number; seq: number }>;
  /** Refused by a rule: remembered by receipt. `record` is for the asker only. */
  refused: Map<J, { error: WireError; record?: unknown }>;
  /** Refused without a receipt: may be sent again. */
  turnedAway: Map<J, WireError>;
};

/** Decides commands in their order, each on what the ones before it made. Pure but for the log of a rule that threw. */
export function decideRound<J extends Judged>(
  state: OrgState,
  references: References,
  loaded: Loaded,
  commands: readonly J[],
  failed: (judged: J, error: unknown) => void,
): Round<J> {
  const view = new Overlay(state, loaded);
  const entries: Expected[] = [];
  const before = new Map<string, AnyRecord | undefined>();
  const receipts: StoredReceipt[] = [];
  const round: Round<J> = {
    group: { org: state.org, from: state.seq, references: undefined, entries, before, receipts },
    made: new Map(),
    refused: new Map(),
    turnedAway: new Map(),
  };
  let next = references;
  for (const judged of commands) {
    const { command, at } = judged;
    let taken = next;
    const nextReference = (kind: ReferenceKind): string => {
      const number = taken[kind];
      taken = { ...taken, [kind]: number + 1 };
      return `${referenceLetters[kind]}-${number}`;
    };
    let verdict: Verdict;
    try {
      verdict = judged.refusal
        ? { type: 'refused', error: judged.refusal }
        : decideCommand(view, judged, nextReference);
    } catch (error) {
      failed(judged, error);
      continue;
    }
    const actor = actorOf(judged.principal);
    const receipt: StoredReceipt = {
      _id: receiptKey(state.org, command.commandId),
      org: state.org,
      commandId: command.commandId,
      actor,
      digest: judged.digest,
      expiresAt: new Date(at + receiptLifetime),
    };
    switch (verdict.type) {
      case 'turned away':
        round.turnedAway.set(judged, verdict.error);
        break;
      case 'refused':
        round.refused.set(judged, verdict);
        receipts.push({ ...receipt, error: verdict.error });
        break;
      case 'made': {
        const first = state.seq + entries.length + 1;
        for (const { change, draft, record } of verdict.changes) {
          const { after, rev, set, unset, was, touched } = draft;
          const entry = {
            v: entryVersion,
            org: state.org,
            seq: state.seq + entries.length + 1,
            at,
            done: verdict.done,
            actor,
            commandId: command.commandId,
            verb: change.verb ?? command.name,
            kind: change.kind,
            id: change.id,
            rev,
            set,
            unset,
            was,
            ...(touched && { touched }),
            ...(change.why !== undefined && { why: change.why }),
          };
          const key = recordKey(change.kind, change.id);
          if (!before.has(key)) before.set(key, record);
          view.add(entry, record, after);
          entries.push({ entry, after });
        }
        const seq = state.seq + entries.length;
        round.made.set(judged, { first, seq });
        receipts.push({ ...receipt, first, seq });
        next = taken;
        break;
      }
    }
  }
  if (next !== references) round.group.references = next;
  return round;
}
