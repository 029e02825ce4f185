import { withinRoute } from '@opsboard/shared/positions/clamp';
import type { PositionReport } from '@opsboard/shared/positions/schema';
import { positionDaysOf } from '@opsboard/shared/organization/driver-settings';
import type { WireError } from '@opsboard/shared/protocol/errors';
import { wireError } from '@opsboard/shared/protocol/errors';
import { mayUse } from '@opsboard/shared/protocol/rights';
import { currentPrincipal, forbidden } from '../dispatch/authorize.ts';
import type { Journal } from '../journal/journal.ts';
import type { Member } from '../live/member.ts';
import type { RelayOptions } from '../platform/channels.ts';
import type { Clock } from '../platform/clock.ts';
import type { Logger } from '../platform/log.ts';
import { latestOf } from './latest.ts';
import { OrgPositions } from './org-positions.ts';
import type { OrgRelay } from './relay.ts';
import { openRelay } from './relay.ts';
import type { Trails } from './trails.ts';

/** How often organizations are looked through for what is over, milliseconds. */
const sweepEvery = 10_000;
const dayMs = 86_400_000;

/** Where drivers are, for all organizations of this process. Nothing of it goes through the journal. */
export type Positions = {
  /**
   * A phone says where it was ([G1]). Resolves when that is kept as long as the organization says.
   *
   * @returns why it is not taken: `not_found` for a route that is not the driver's own, `illegal_step` for one that was
   *   not started, `unavailable` when it is to be sent again
   */
  report(member: Member, report: PositionReport): Promise<WireError | undefined>;
  /** Begins or ends to tell a connected client where drivers are ([G3]). @returns why it may not watch */
  watch(member: Member, on: boolean): WireError | undefined;
  /** A client has lost its connection. */
  leave(member: Member): void;
  count(): { drivers: number; watchers: number; points: number; refused: number };
  close(): void;
};

export function openPositions(options: {
  journal: Pick<Journal, 'loaded' | 'health' | 'onHealth'>;
  clock: Clock;
  log: Logger;
  trails: Pick<Trails, 'add'>;
  /** What other processes are reached through; without it this one tells of its own phones only. */
  shared?: Pick<RelayOptions, 'redis' | 'listener' | 'prefix'>;
}): Positions {
  const { journal, clock, log, trails, shared } = options;
  const relay = shared && openRelay({ ...shared, clock, log });
  const orgs = new Map<string, { positions: OrgPositions; channel: OrgRelay | undefined }>();
  let points = 0;
  let refused = 0;

  // While it does not hear the database, the process does not know who may see what.
  const held = (): boolean => journal.health.stale;
  const offHealth = journal.onHealth(({ stale }) => {
    if (!stale) for (const { positions } of orgs.values()) positions.ask();
  });

  const timer = setInterval(() => {
    for (const [org, { positions, channel }] of [...orgs]) {
      positions.sweep();
      if (!positions.empty) continue;
      orgs.delete(org);
      positions.close();
      channel?.leave();
    }
  }, sweepEvery);
  timer.unref();

  function open(org: string) {
    const known = orgs.get(org);
    if (known) return known;
    const state = journal.loaded(org);
    if (!state) return undefined;
    const ended = (driver: string, route: string): void => orgs.get(org)?.channel?.ended(driver, route);
    const positions = new OrgPositions({ state, clock, held, ended });
    const opened = {
      positions,
      channel: relay?.join(org, { own: () => positions.own(), heard: (drivers) => positions.heard(drivers) }),
    };
    orgs.set(org, opened);
    return opened;
  }

  async function take({ who }: Member, { route: id, points: given }: PositionReport): Promise<WireError | undefined> {
    const state = journal.loaded(who.org);
    if (!state) return unavailable();
    const arrived = clock.now();
    const principal = currentPrincipal(state, who, arrived);
    if ('code' in principal) return principal;
    const route = state.get('route', id);
    if (!mayUse(principal, 'positions.send', { owner: who.id })) return forbidden();
    // Whether somebody else's route exists is not told.
    if (!route || !mayUse(principal, 'positions.send', { owner: route.driver })) {
      return held() ? unavailable() : wireError('not_found', 'There is no such route among yours.');
    }
    const { status, startedAt, finishedAt } = route;
    if (startedAt === undefined || status === 'planned' || status === 'cancelled')
      return wireError('illegal_step', 'This route is not under way. Start it first.');
    const fixes = withinRoute(given, { started: startedAt, finished: finishedAt, arrived });
    const newest = fixes.at(-1);
    if (!newest) return undefined;
    points += fixes.length;
    if (status === 'under_way') {
      const latest = latestOf(who.id, id, newest);
      const opened = open(who.org);
      if (opened?.positions.said(who.id, latest)) opened.channel?.moved(who.id, latest);
    }
    const days = positionDaysOf(state.get('organization', who.org) ?? {});
    const kept = fixes.filter(({ at }) => at > arrived - days * dayMs);
    return (await trails.add({ org: who.org, route: id, driver: who.id }, kept, days)) ? undefined : unavailable();
  }

  return {
    report: async (member, report) => {
      const refusal = await take(member, report);
      if (refusal) refused++;
      return refusal;
    },
    watch: (member, on) => {
      const { who } = member;
      if (!on) {
        orgs.get(who.org)?.positions.leave(member);
        return undefined;
      }
      if (!mayUse(who, 'positions.read')) return forbidden();
      open(who.org)?.positions.watch(member);
      return undefined;
    },
    leave: (member) => orgs.get(member.who.org)?.positions.leave(member),
    count: () => {
      let [drivers, watchers] = [0, 0];
      for (const { positions } of orgs.values()) {
        drivers += positions.drivers;
        watchers += positions.watchers;
      }
      return { drivers, watchers, points, refused };
    },
    close: () => {
      clearInterval(timer);
      offHealth();
      for (const { positions } of orgs.values()) positions.close();
      orgs.clear();
      relay?.close();
    },
  };
}

const unavailable = (): WireError =>
  wireError('unavailable', 'Your position could not be kept just now. It is sent again by itself.');
