import type { Person } from '@opsboard/shared/people/schema';
import type { WireError } from '@opsboard/shared/protocol/errors';
import type { Result } from '#lib/socket/http.ts';
import { call } from '#lib/socket/http.ts';

/** What the server says of who is signed in. `person` is the person's own record as their audience sees it, with e-mail. */
export type Me = Pick<Person, 'id' | 'org' | 'rev' | 'name' | 'role'> & {
  email: string;
  branches?: string[];
  phone?: string;
};

/**
 * `unknown` until the first answer; `setup`: the server has no organization yet; `expired`: somebody was signed in on
 * this page and the session has ended, so that the page stays and asks for the password again.
 */
export type SessionState = 'unknown' | 'setup' | 'signed_out' | 'signed_in' | 'expired';

/** Done, or why not. */
export type Outcome = { ok: true } | { ok: false; error: WireError };

/** Who is signed in on this page, and the ways in and out. */
export class Session {
  #state = $state<SessionState>('unknown');
  #me = $state.raw<Me | undefined>(undefined);
  #failure = $state.raw<WireError | undefined>(undefined);
  #provider = $state<string | undefined>(undefined);
  #changed: (signedIn: boolean) => void;

  /** @param changed is told when somebody signed in (true) or nobody is signed in any more (false). */
  constructor(changed: (signedIn: boolean) => void) {
    this.#changed = changed;
  }

  get state(): SessionState {
    return this.#state;
  }
  get me(): Me | undefined {
    return this.#me;
  }
  /** Why the server could not even be asked. */
  get failure(): WireError | undefined {
    return this.#failure;
  }

  /** What the sign-in provider of this board is called, where there is one. */
  get provider(): string | undefined {
    return this.#provider;
  }

  /** Asks the server who is signed in. */
  async check(): Promise<void> {
    const answer = await call<{ setUp: boolean; person?: Me; provider?: { name: string } }>('GET', '/api/session');
    if (!answer.ok) {
      if (answer.error.code === 'not_signed_in') this.ended();
      else this.#failure = answer.error;
      return;
    }
    this.#failure = undefined;
    this.#provider = answer.value.provider?.name;
    if (!answer.value.setUp) this.#state = 'setup';
    else if (answer.value.person) this.#enter(answer.value.person);
    else this.ended();
  }

  /** Goes on as somebody who had signed in on this device, until the server can be asked. */
  remembered(me: Me): void {
    if (this.#state === 'unknown') this.#enter(me);
  }

  /** Signs in; `second_factor_required` brings a challenge that goes on to {@link secondStep}. */
  async signIn(given: { email: string; password: string }): Promise<Outcome> {
    return this.#entering(await call<{ person: Me }>('POST', '/api/session', given));
  }

  async secondStep(given: { challenge: string; code: string }): Promise<Outcome> {
    return this.#entering(await call<{ person: Me }>('POST', '/api/session/second-factor', given));
  }

  /** First start: makes the organization and its admin, and signs the admin in. */
  async setUp(given: {
    organization: { name: string; timeZone: string };
    admin: { name: string; email: string; password: string };
  }): Promise<Outcome> {
    return this.#entering(await call<{ person: Me }>('POST', '/api/setup', given));
  }

  async signOut(): Promise<Outcome> {
    return this.#leaving(await call('DELETE', '/api/session'));
  }

  async signOutEverywhere(): Promise<Outcome> {
    return this.#leaving(await call('DELETE', '/api/sessions'));
  }

  async changePassword(given: { current: string; next: string }): Promise<Outcome> {
    const answer = await call('POST', '/api/password', given);
    return answer.ok ? { ok: true } : answer;
  }

  /** The person's own record changed (from the live state). */
  updated(me: Partial<Me>): void {
    if (this.#me) this.#me = { ...this.#me, ...me };
  }

  /** The server says that the session is no more. */
  ended(): void {
    this.#state = this.#me ? 'expired' : 'signed_out';
    this.#changed(false);
  }

  #enter(person: Me): void {
    this.#me = person;
    this.#state = 'signed_in';
    this.#changed(true);
  }

  #entering(answer: Result<{ person: Me }>): Outcome {
    if (!answer.ok) return answer;
    this.#failure = undefined;
    this.#enter(answer.value.person);
    return { ok: true };
  }

  #leaving(answer: Result<unknown>): Outcome {
    if (!answer.ok && answer.error.code !== 'not_signed_in') return answer;
    this.#me = undefined;
    this.ended();
    return { ok: true };
  }
}
