import type { Command } from '@opsboard/shared/protocol/envelope';
import type { ErrorCode } from '@opsboard/shared/protocol/errors';
import type { Batch } from '@opsboard/shared/batches/schema';
import { slaStatus } from '@opsboard/shared/batches/sla';
import type { Dispatcher } from '../dispatch/dispatch.ts';
import type { Journal } from '../journal/journal.ts';
import type { OrgState } from '../journal/org-state.ts';
import type { Clock } from '../platform/clock.ts';
import { newId } from '../platform/ids.ts';
import type { Logger } from '../platform/log.ts';

/** What a sweep did. */
export type Swept = { breached: number; archived: number; ended: number; refused: number };

/** Handed in at once: enough to fill a group of the lane, few enough that people's commands get between. */
const chunk = 100;
const day = 86_400_000;

type Work = {
  actor: 'clock' | 'archive' | 'expiry';
  name: 'batch.markBreached' | 'batch.archive' | 'route.archive' | 'session.end';
  args: { id: string; dueAt?: number };
};
const counts = {
  'batch.markBreached': 'breached',
  'batch.archive': 'archived',
  'route.archive': 'archived',
  'session.end': 'ended',
} as const;
/** Refusals that say: another worker, or a person, was first. */
const late: ReadonlySet<ErrorCode> = new Set(['nothing_to_change', 'archived', 'illegal_step', 'not_found']);

/** What is due in one organization at a time. Pure over the state. */
export function dueWork(state: Pick<OrgState, 'org' | 'get' | 'all'>, now: number): Work[] {
  const archiveAfter = state.get('organization', state.org)?.archiveAfterDays;
  const work: Work[] = [];
  for (const batch of state.all('batch')) {
    if (isNewBreach(batch, now)) {
      work.push({ actor: 'clock', name: 'batch.markBreached', args: { id: batch.id, dueAt: batch.dueAt } });
    } else if (archiveAfter !== undefined && batch.status === 'completed' && now - batch.since > archiveAfter * day) {
      work.push({ actor: 'archive', name: 'batch.archive', args: { id: batch.id } });
    }
  }
  for (const route of state.all('route')) {
    const over = route.finishedAt ?? route.cancelledAt;
    if (archiveAfter !== undefined && over !== undefined && now - over > archiveAfter * day)
      work.push({ actor: 'archive', name: 'route.archive', args: { id: route.id } });
  }
  for (const session of state.all('session')) {
    // Somebody who is let in again later must sign in again: the old cookie does not come back to life.
    const inactive = state.get('person', session.person)?.inactiveAt !== undefined;
    if (inactive || session.expiresAt <= now)
      work.push({ actor: 'expiry', name: 'session.end', args: { id: session.id } });
  }
  return work;
}

function isNewBreach(batch: Batch, now: number): boolean {
  return batch.breachOf !== batch.dueAt && slaStatus(batch, undefined, 1, now) === 'breached';
}

/**
 * Puts on record what nobody does by hand: breaches, once for each promised date; batches completed and routes finished long enough
 * ago, which leave the boards; sessions that have run out, or whose person was deactivated. May run at any time, anywhere, several at once: the rules refuse what is done already.
 *
 * @param goOn asked between chunks; false ends the sweep early
 */
export async function sweep(
  options: { journal: Journal; dispatcher: Pick<Dispatcher, 'dispatch'>; clock: Clock; log: Logger },
  goOn: () => boolean = () => true,
): Promise<Swept> {
  const { journal, dispatcher, clock, log } = options;
  const swept: Swept = { breached: 0, archived: 0, ended: 0, refused: 0 };
  for (const org of await journal.orgs()) {
    const work = dueWork(await journal.org(org), clock.now());
    for (let i = 0; i < work.length && goOn(); i += chunk) {
      const acks = await Promise.all(
        work.slice(i, i + chunk).map(async ({ actor, name, args }) => {
          const command = { commandId: newId(clock.now()), name, args } as Command;
          return { name, ack: await dispatcher.dispatch({ type: 'system', org, id: actor }, command) };
        }),
      );
      for (const { name, ack } of acks) {
        if (ack.ok) swept[counts[name]]++;
        else if (late.has(ack.error.code)) swept.refused++;
        else log.warn({ org, name, code: ack.error.code }, 'swept in vain; the next sweep tries again');
      }
    }
  }
  return swept;
}
