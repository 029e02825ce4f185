import type { WireError } from '@opsboard/shared/protocol/errors';
import { call } from '#lib/socket/http.ts';

/** How often it is asked again while somebody looks, milliseconds: the server tells it to the minute. */
const EVERY_MS = 30_000;

/** When each key was last used: no change of any record, so that it is asked for. */
export class KeyUses {
  at = $state.raw<{ readonly [id: string]: number } | undefined>(undefined);
  failed = $state.raw<WireError | undefined>(undefined);

  /** Asks now and from time to time. @returns ends it */
  follow(): () => void {
    void this.read();
    const timer = setInterval(() => void this.read(), EVERY_MS);
    return () => clearInterval(timer);
  }

  async read(): Promise<void> {
    const answer = await call<{ used: { [id: string]: number } }>('GET', '/api/keys/used');
    if (answer.ok) this.at = answer.value.used;
    this.failed = answer.ok ? undefined : answer.error;
  }
}
