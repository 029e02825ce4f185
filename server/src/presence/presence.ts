import type { Whereabouts } from '@opsboard/shared/presence/schema';
import type { WireError } from '@opsboard/shared/protocol/errors';
import { wireError } from '@opsboard/shared/protocol/errors';
import { mayUse } from '@opsboard/shared/protocol/rights';
import type { Journal } from '../journal/journal.ts';
import type { Member } from '../live/member.ts';
import type { RelayOptions } from '../platform/channels.ts';
import type { Clock } from '../platform/clock.ts';
import type { Logger } from '../platform/log.ts';
import { OrgPresence } from './org-presence.ts';
import type { OrgRelay } from './relay.ts';
import { openRelay } from './relay.ts';

/** How often tabs that fell silent are looked for, milliseconds. */
const sweepEvery = 1_000;

/** Who is here, for all organizations of this process. Nothing of it is kept, and nothing depends on it. */
export type Presence = {
  /** A connected tab says where it is ([P1]). @returns why it may not */
  say(member: Member, whereabouts: Whereabouts): WireError | undefined;
  /** A tab has lost its connection. */
  leave(member: Member): void;
  /** How many people the process knows to be here. */
  count(): number;
  /** Tells the other processes that the people of this one are gone. */
  close(): Promise<void>;
};

export function openPresence(options: {
  journal: Pick<Journal, 'loaded' | 'health' | 'onHealth'>;
  clock: Clock;
  log: Logger;
  /** What other processes are reached through; without it this one tells of its own people only. */
  shared?: Pick<RelayOptions, 'redis' | 'listener' | 'prefix'>;
}): Presence {
  const { journal, clock, log, shared } = options;
  const relay = shared && openRelay({ ...shared, clock, log });
  const orgs = new Map<string, { presence: OrgPresence; channel: OrgRelay | undefined }>();

  // While it does not hear the database, the process does not know who may see what.
  const held = (): boolean => journal.health.stale;
  const offHealth = journal.onHealth(({ stale }) => {
    if (!stale) for (const { presence } of orgs.values()) presence.ask();
  });

  const timer = setInterval(() => {
    for (const [org, { presence, channel }] of [...orgs]) {
      presence.sweep();
      if (!presence.empty) continue;
      orgs.delete(org);
      presence.close();
      void channel?.leave();
    }
  }, sweepEvery);
  timer.unref();

  function open(org: string): OrgPresence | undefined {
    const known = orgs.get(org);
    if (known) return known.presence;
    const state = journal.loaded(org);
    if (!state) return undefined;
    const sayOwn = (person: string): void => orgs.get(org)?.channel?.changed(person);
    const presence = new OrgPresence({ state, clock, held, sayOwn });
    const channel = relay?.join(org, {
      own: () => presence.own(),
      ownOf: (person) => presence.ownOf(person),
      heard: (process, people, changed) => presence.heard(process, people, changed),
    });
    orgs.set(org, { presence, channel });
    return presence;
  }

  return {
    say: (member, whereabouts) => {
      const { who } = member;
      if (!mayUse(who, 'presence.share')) {
        return wireError(
          'forbidden',
          'Your role is not shown to others on these pages, and does not see who is there.',
        );
      }
      if (whereabouts.place) open(who.org)?.say(member, whereabouts);
      else orgs.get(who.org)?.presence.say(member, whereabouts);
      return undefined;
    },
    leave: (member) => orgs.get(member.who.org)?.presence.leave(member),
    count: () => {
      let people = 0;
      for (const { presence } of orgs.values()) people += presence.size;
      return people;
    },
    close: async () => {
      clearInterval(timer);
      offHealth();
      for (const { presence } of orgs.values()) presence.close();
      orgs.clear();
      await relay?.close();
    },
  };
}
