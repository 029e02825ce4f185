import type { Response } from 'express';
import type { Journal } from '../journal/journal.ts';
import type { Caller } from '../keys/keys.ts';
import { cutOf, cutOwner } from '../live/cuts.ts';
import type { Clock } from '../platform/clock.ts';

/** The longest a timer can be set, milliseconds. */
const longest = 2 ** 31 - 1;

/** Answers that are being sent piece by piece (exports, documents), by whom they are for. */
export type OpenAnswers = {
  /** From now on the answer ends, unfinished, the moment the asker's sign-in or key ends or their rights change. */
  hold(who: Caller, response: Response): void;
};

export function createOpenAnswers({ journal, clock }: { journal: Pick<Journal, 'loaded'>; clock: Clock }): OpenAnswers {
  const byOwner = new Map<string, Set<Response>>();
  const watched = new Set<string>();

  function watch(org: string): void {
    const state = watched.has(org) ? undefined : journal.loaded(org);
    if (!state) return;
    watched.add(org);
    state.onApplied((batch) => {
      for (const one of batch) {
        const cut = cutOf(one);
        // Without its end, the file does not look whole.
        for (const response of (cut && byOwner.get(cutOwner(cut))) ?? []) response.destroy();
      }
    });
  }

  function expiryOf(who: Caller): number | undefined {
    const state = journal.loaded(who.org);
    const record = who.type === 'person' ? state?.get('session', who.session) : state?.get('apiKey', who.id);
    return record ? record.expiresAt : who.expiresAt;
  }

  return {
    hold: (who, response) => {
      watch(who.org);
      const owners = who.type === 'person' ? [who.id, who.session] : [who.id];
      for (const owner of owners) {
        const held = byOwner.get(owner);
        if (held) held.add(response);
        else byOwner.set(owner, new Set([response]));
      }
      let timer: NodeJS.Timeout | undefined;
      const endWith = (expiresAt: number | undefined): void => {
        const left = (expiresAt ?? Infinity) - clock.now();
        if (left <= 0) response.destroy();
        // A session may have been renewed meanwhile.
        else if (left <= longest) timer = setTimeout(() => endWith(expiryOf(who)), left).unref();
      };
      endWith(who.expiresAt);
      response.once('close', () => {
        clearTimeout(timer);
        for (const owner of owners) {
          const held = byOwner.get(owner);
          held?.delete(response);
          if (held?.size === 0) byOwner.delete(owner);
        }
      });
    },
  };
}
