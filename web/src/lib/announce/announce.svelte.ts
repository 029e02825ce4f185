/**
 * What is said to people who listen instead of look. One's own actions are said at once; changes that others make are
 * gathered, so that a busy hour does not drown the voice.
 */

/** Changes by others are said together, at most this often. */
const GATHER_MS = 5_000;

class Announcer {
  /** Read out when the voice is free. */
  polite = $state('');
  /** Interrupts: a refusal, a lost line. */
  assertive = $state('');

  #gathered: string[] = [];
  #timer: ReturnType<typeof setTimeout> | undefined;
  #flip = false;

  /** Says a sentence about what the person just did, or must know. */
  say(text: string, urgency: 'polite' | 'assertive' = 'polite'): void {
    // The same words twice are no change to the page, and would not be read: a trailing no-break space makes one.
    this.#flip = !this.#flip;
    this[urgency] = this.#flip ? text : `${text}\u00a0`;
  }

  /** Hands in a change that somebody else made. Several within five seconds become one sentence. */
  gather(text: string): void {
    this.#gathered.push(text);
    this.#timer ??= setTimeout(() => {
      const [last] = this.#gathered.slice(-1);
      const count = this.#gathered.length;
      this.#gathered = [];
      this.#timer = undefined;
      if (last) this.say(count === 1 ? last : `${count} changes. The latest: ${last}`);
    }, GATHER_MS);
  }
}

export const announcer = new Announcer();
