import type { Connection } from 'mongoose';
import type { Retention } from '@opsboard/shared/organization/schema';
import { positionDaysOf, unnamedFilesDays } from '@opsboard/shared/organization/settings';
import { filesOf } from '@opsboard/shared/files/named';
import { overBefore } from '@opsboard/shared/retention/decide';
import type { OrgState } from '../journal/org-state.ts';

/** What is deleted when its time is over. */
export const dueKinds = ['batches', 'routes', 'messages', 'access', 'sessions', 'links', 'files', 'positions'] as const;
export type DueKind = (typeof dueKinds)[number];
/** How many of each. */
export type Counts = { [K in DueKind]: number };

export const noCounts = (): Counts => ({
  batches: 0,
  routes: 0,
  messages: 0,
  access: 0,
  sessions: 0,
  links: 0,
  files: 0,
  positions: 0,
});

/** Where documents of a kind are, and which of them are over; access and positions have keepers of their own. */
export type Due = { collection: string; filter: { [field: string]: unknown } };

const final = ['sent', 'failed', 'unknown'];

/**
 * What is over at `now` under the given settings, as filters. A kind that is kept for good is absent. Nothing that is
 * open is in it: batches on the boards, messages of open batches or under way, sessions that have not ended.
 */
export function dueIn(
  state: Pick<OrgState, 'org' | 'all' | 'get'>,
  retention: Retention,
  now: number,
): { readonly [K in Exclude<DueKind, 'access' | 'positions'>]?: Due } {
  const { org } = state;
  const batches = overBefore(retention.archivedBatchesDays, now);
  const messages = overBefore(retention.messagesDays, now);
  const sessions = overBefore(retention.sessionsDays, now);
  const named = filesOf(state.get('organization', org));
  return {
    ...(batches !== undefined && {
      batches: { collection: 'batches', filter: { org, archivedAt: { $lte: batches } } },
      routes: { collection: 'routes', filter: { org, archivedAt: { $lte: batches } } },
    }),
    ...(messages !== undefined && {
      messages: {
        collection: 'messages',
        filter: {
          org,
          createdAt: { $lte: messages },
          state: { $in: final },
          batch: { $nin: openSince(state, messages) },
        },
      },
    }),
    ...(sessions !== undefined && {
      sessions: { collection: 'sessions', filter: { org, endedAt: { $lte: sessions } } },
      links: {
        collection: 'links',
        filter: {
          org,
          $or: [{ usedAt: { $lte: sessions } }, { revokedAt: { $lte: sessions } }, { expiresAt: { $lte: sessions } }],
        },
      },
    }),
    files: {
      collection: 'files',
      filter: { org, at: { $lte: now - unnamedFilesDays * 86_400_000 }, _id: { $nin: named }, routes: null },
    },
  };
}

/** Open batches that are so old that a message about them may be. */
function openSince(state: Pick<OrgState, 'all'>, before: number): string[] {
  const open: string[] = [];
  for (const batch of state.all('batch'))
    if (batch.status !== 'completed' && batch.createdAt <= before) open.push(batch.id);
  return open;
}

/** Who keeps the access log. */
export type AccessKeeper = {
  /** How many lines of an organization are older than a moment (milliseconds). */
  count(org: string, before: number): Promise<number>;
  /** Deletes at most so many of them. @returns how many */
  deleteBefore(org: string, before: number, limit: number): Promise<number>;
  /** Takes addresses and the words of searches off what a person did. @returns how many lines had any */
  forgetPerson(org: string, person: string): Promise<number>;
};

/** Who keeps where drivers were. */
export type TrailKeeper = {
  /** How many minutes of an organization's drivers are older than a moment (milliseconds). */
  count(org: string, before: number): Promise<number>;
  /** Deletes at most so many of them. @returns how many */
  deleteBefore(org: string, before: number, limit: number): Promise<number>;
  /** How many minutes of one driver are kept. */
  countOf(org: string, person: string): Promise<number>;
  /** Deletes all of one driver. @returns how many minutes */
  forgetPerson(org: string, person: string): Promise<number>;
};

/** The database deletes positions by itself when their time is over, within so many milliseconds. */
const byThemselves = 600_000;

/** Before which moment positions are left only because the organization kept them longer when they were made. */
export const positionsBefore = (state: Pick<OrgState, 'org' | 'get'>, now: number): number =>
  now - byThemselves - positionDaysOf(state.get('organization', state.org) ?? {}) * 86_400_000;

/** How many of each kind would be deleted now. Changes nothing. */
export async function countDue(
  parts: { connection: Connection; access?: AccessKeeper | undefined; trails?: TrailKeeper | undefined },
  state: Pick<OrgState, 'org' | 'all' | 'get'>,
  retention: Retention,
  now: number,
): Promise<Counts> {
  const counts = noCounts();
  const due = Object.entries(dueIn(state, retention, now)) as [DueKind, Due][];
  for (const [kind, { collection, filter }] of due)
    counts[kind] = await parts.connection.collection(collection).countDocuments(filter as object);
  const before = overBefore(retention.accessDays, now);
  if (before !== undefined && parts.access) counts.access = await parts.access.count(state.org, before);
  if (parts.trails) counts.positions = await parts.trails.count(state.org, positionsBefore(state, now));
  return counts;
}
