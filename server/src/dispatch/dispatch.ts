import { filesNamedBy, routeOfFiles } from '@opsboard/shared/files/named';
import type { Principal } from '@opsboard/shared/protocol/actors';
import type { Ack, Command } from '@opsboard/shared/protocol/envelope';
import type { WireError } from '@opsboard/shared/protocol/errors';
import { errorTable, wireError } from '@opsboard/shared/protocol/errors';
import { commandMaxAge, commandMaxAhead, uuidv7Time } from '@opsboard/shared/protocol/ids';
import type { ReadName } from '@opsboard/shared/protocol/rights';
import { mayUse, rights } from '@opsboard/shared/protocol/rights';
import type { Files } from '../files/store.ts';
import type { Journal } from '../journal/journal.ts';
import type { Clock } from '../platform/clock.ts';
import type { Logger } from '../platform/log.ts';
import { currentPrincipal, forbidden, keyMayNot } from './authorize.ts';
import { Lane } from './lane.ts';
import { unavailable } from './refusals.ts';

/** The only way in for people, systems and jobs. */
export interface Dispatcher {
  /**
   * Judges, decides and commits a command. Never rejects: every refusal and failure is an answer.
   *
   * @param options.at when it arrived, milliseconds since the epoch; now unless it is told (the seed tells)
   */
  dispatch(principal: Principal, command: Command, options?: { at?: number }): Promise<Ack>;
  /** Whether the principal, as their record is now, may read at all; what they see is cut to their audience. */
  read(principal: Principal, right: ReadName): WireError | undefined;
  /** Takes no more commands, and resolves when those under way are answered. */
  drain(): Promise<void>;
}

export function createDispatcher(options: {
  journal: Journal;
  clock: Clock;
  log: Logger;
  /** Where files are that commands name; a process without it has nobody who sends such commands. */
  files?: Pick<Files, 'claim' | 'release'>;
}): Dispatcher {
  const { journal, clock, log, files } = options;
  const lanes = new Map<string, Lane>();
  let draining = false;

  async function submit(principal: Principal, command: Command, at: number): Promise<Ack> {
    let lane = lanes.get(principal.org);
    if (!lane) {
      try {
        const writer = await journal.writer(principal.org);
        lane = lanes.get(principal.org) ?? new Lane(writer, clock, log);
        lanes.set(principal.org, lane);
      } catch (error) {
        log.warn({ err: error, org: principal.org }, 'the state could not be loaded');
        return { ok: false, error: unavailable() };
      }
    }
    return lane.submit(principal, command, at);
  }

  /** Refuses what names a file that has not come. It leaves no receipt: sent again when the file is there, it acts. */
  async function withFiles(principal: Principal, command: Command, at: number): Promise<Ack> {
    const named = filesNamedBy(command);
    const ids = named.map(({ id }) => id);
    const route = routeOfFiles(command);
    // What proves something was sent by who says so: nobody comes to see a picture by naming it.
    const by = route !== undefined && principal.type !== 'system' ? principal.id : undefined;
    let claimed: string[] = [];
    try {
      const found = await files?.claim(principal.org, ids, { by, route });
      claimed = found?.claimed ?? [];
      const first = named.find(({ id }) => found?.missing.includes(id));
      if (first) {
        if (route !== undefined && claimed.length > 0) await files?.release(principal.org, claimed, route);
        const text = 'This file has not been uploaded. Upload it, then save again.';
        return { ok: false, error: wireError('unknown_reference', text, { field: first.field }) };
      }
    } catch (error) {
      log.warn({ err: error, org: principal.org }, 'files could not be looked up');
      return { ok: false, error: unavailable() };
    }
    const ack = await submit(principal, command, at);
    // What was the route's before stays so, whoever names it again. One that cannot be reached now keeps a name too many,
    // and is kept.
    if (!ack.ok && route !== undefined && claimed.length > 0 && !errorTable[ack.error.code].retry)
      await files?.release(principal.org, claimed, route).catch(() => undefined);
    return ack;
  }

  return {
    dispatch: (principal, command, { at = clock.now() } = {}) => {
      if (draining) return Promise.resolve({ ok: false, error: unavailable() });
      const made = uuidv7Time(command.commandId);
      if (at - made > commandMaxAge) {
        return refused('command_too_old', 'This was made more than 60 days ago and was not carried out. Do it again.');
      }
      if (made - at > commandMaxAhead) {
        return refused(
          'bad_request',
          'The clock of this device is more than a day ahead. Set it right, then do this again.',
        );
      }
      return filesNamedBy(command).length > 0 ? withFiles(principal, command, at) : submit(principal, command, at);
    },
    read: (principal, right) => {
      if (principal.type === 'system') return forbidden();
      const state = journal.loaded(principal.org);
      if (principal.type === 'key') {
        const known = state?.get('apiKey', principal.id) ? currentPrincipal(state, principal, clock.now()) : principal;
        return 'code' in known ? known : mayUse(known, right) ? undefined : keyMayNot();
      }
      // A session that another process has just begun may not be known here yet; ingress has checked it.
      const { session, ...person } = principal;
      const asked = session !== undefined && state?.get('session', session) ? principal : person;
      const now = state ? currentPrincipal(state, asked, clock.now()) : principal;
      if ('code' in now) return now;
      return now.type === 'person' && rights[right][now.role] !== undefined ? undefined : forbidden();
    },
    drain: async () => {
      draining = true;
      await Promise.all([...lanes.values()].map((lane) => lane.idle()));
    },
  };
}

function refused(code: 'command_too_old' | 'bad_request', message: string): Promise<Ack> {
  return Promise.resolve({
    ok: false,
    error: wireError(code, message, code === 'bad_request' ? { field: 'commandId' } : {}),
  });
}
