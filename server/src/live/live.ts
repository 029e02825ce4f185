import { audienceKey } from '@opsboard/shared/protocol/audiences';
import type { Audience } from '@opsboard/shared/protocol/audiences';
import type { WireError } from '@opsboard/shared/protocol/errors';
import type { Hello } from '@opsboard/shared/protocol/frames';
import { protocolVersion } from '@opsboard/shared/protocol/frames';
import type { Journal } from '../journal/journal.ts';
import type { SignedIn } from '../people/sessions.ts';
import type { Logger } from '../platform/log.ts';
import type { WatchedClock } from '../platform/steady-clock.ts';
import type { Caught } from './catch-up.ts';
import { goingDown } from './cuts.ts';
import type { BoardSocket, Member } from './member.ts';
import { OrgLive } from './org-live.ts';
import { packetOf } from './packet.ts';
import type { Shot } from './snapshots.ts';

/** Milliseconds from one beat to the next ([L7]). */
const beatEvery = 1_000;
/** How long a snapshot waits for this process to reach the `seq` asked for, milliseconds. */
const patience = 5_000;

/** Where a returning client says that it stands. */
export type Standing = { epoch: string; audience: string; seq: number };

/** Entries → audiences → frames → sockets, for all organizations of this process. */
export type Live = {
  readonly epoch: string;
  /** Whether this process has lost its line to the database, and sends no records ([L12]). */
  readonly stale: boolean;
  /** Begins to follow an organization. True when it was not followed before. */
  follow(org: string): Promise<boolean>;
  /**
   * Takes a client in, which gets `hello` and then the frames of its room; {@link Live.follow} must have been awaited.
   *
   * @param since when its sign-in was looked up, by the monotonic clock
   * @param standing where it stands, when it comes back with state
   */
  join(socket: BoardSocket, who: SignedIn, since: number, standing?: Standing): Member | WireError;
  leave(member: Member): void;
  /** The last word to a client: `cut`, and its connection ends within a second. */
  dismiss(member: Member, error: WireError): void;
  /** Sends the sender of a command a frame that reaches `seq` ([L6]). */
  reach(member: Member, seq: number): void;
  snapshot(audience: Audience, atLeast: number): Promise<Shot | undefined>;
  catchUp(audience: Audience, from: number): Promise<Caught>;
  /** Clients connected, and those of them that do not read. */
  count(): { members: number; behind: number };
  /** Tells every client to connect elsewhere, and stops. */
  close(): Promise<void>;
};

export function openLive(options: { journal: Journal; clock: WatchedClock; log: Logger; release: string }): Live {
  const { journal, clock, log, release } = options;
  const orgs = new Map<string, OrgLive>();
  const following = new Map<string, Promise<OrgLive>>();
  let stale = journal.health.stale;

  const offHealth = journal.onHealth((health) => {
    if (health.stale === stale) return;
    stale = health.stale;
    for (const org of orgs.values()) org.setStale(stale);
  });

  const offJump = clock.onJump?.(() => {
    for (const org of orgs.values()) org.sayStale();
  });

  const timer = setInterval(() => {
    for (const org of orgs.values()) {
      try {
        org.beat();
      } catch (error) {
        log.error({ err: error, org: org.state.org }, 'a beat failed');
      }
    }
  }, beatEvery);
  timer.unref();

  function follow(org: string): Promise<OrgLive> {
    let ready = following.get(org);
    if (!ready) {
      ready = journal.org(org).then((state) => {
        const live = new OrgLive(state, journal, clock, log, stale);
        orgs.set(org, live);
        return live;
      });
      following.set(org, ready);
      // The next use tries again.
      ready.catch(() => following.delete(org));
    }
    return ready;
  }

  const helloFor = (org: OrgLive, member: Member): Hello => ({
    protocol: protocolVersion,
    epoch: journal.epoch,
    seq: org.state.seq,
    now: clock.now(),
    org: member.who.org,
    person: member.who.id,
    audience: audienceKey(member.audience),
    release,
  });

  return {
    epoch: journal.epoch,
    get stale() {
      return stale;
    },
    follow: async (org) => {
      if (orgs.has(org)) return false;
      await follow(org);
      return true;
    },
    join: (socket, who, since, standing) => {
      const org = orgs.get(who.org)!;
      const member = org.join(socket, who, since);
      if ('code' in member) return member;
      const hello = helloFor(org, member);
      member.line.write(packetOf('hello', JSON.stringify(hello)));
      const word = org.staleness();
      if (word.stale || word.clockOff !== undefined) member.line.write(packetOf('stale', JSON.stringify(word)));
      const known = standing?.epoch === hello.epoch && standing.audience === hello.audience;
      org.greet(member, known ? standing.seq : undefined).catch((error: unknown) => {
        log.error({ err: error, org: who.org }, 'a client could not be brought up');
      });
      return member;
    },
    leave: (member) => orgs.get(member.who.org)?.leave(member),
    dismiss: (member, error) => orgs.get(member.who.org)?.dismiss(member, error),
    reach: (member, seq) => orgs.get(member.who.org)?.reach(member, seq),
    snapshot: async (audience, atLeast) => {
      const org = await follow(audience.org);
      if (!(await org.state.waitFor(atLeast, patience)) || stale) return undefined;
      return org.snapshots.get(audience, atLeast);
    },
    catchUp: async (audience, from) => {
      const org = await follow(audience.org);
      const caught = await org.catchUps.from(audience, from, org.snapshots.sizeFor(audience));
      return stale ? 'unavailable' : caught;
    },
    count: () => {
      let [members, behind] = [0, 0];
      for (const org of orgs.values()) [members, behind] = [members + org.members, behind + org.behind];
      return { members, behind };
    },
    close: async () => {
      clearInterval(timer);
      offHealth();
      offJump?.();
      for (const org of orgs.values()) org.close(goingDown());
      orgs.clear();
    },
  };
}
