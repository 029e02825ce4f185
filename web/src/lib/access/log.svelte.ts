import type { AccessRow } from '@opsboard/shared/access/verbs';
import type { WireError } from '@opsboard/shared/protocol/errors';
import { call } from '#lib/socket/http.ts';

type Page = { rows: AccessRow[]; next?: string; searchedTo?: number };

/** Looking through a long journal takes the server a while. */
const PATIENCE_MS = 30_000;

/** The pages of the list that have been read, for one filter. */
export class AccessLog {
  rows = $state.raw<readonly AccessRow[]>([]);
  state = $state<'loading' | 'ready' | 'failed'>('loading');
  /** Older ones are being read. */
  busy = $state(false);
  failed = $state.raw<WireError | undefined>(undefined);
  #next = $state.raw<string | undefined>(undefined);
  /** The server has looked back to here (milliseconds) and not to the beginning. */
  searchedTo = $state.raw<number | undefined>(undefined);
  #query = '';
  /** Answers to an earlier filter are not shown. */
  #asked = 0;

  get more(): boolean {
    return this.#next !== undefined;
  }

  /** Reads the first page. @param query as it stands behind the `?` */
  async open(query: string): Promise<void> {
    this.#query = query;
    this.state = 'loading';
    this.rows = [];
    this.#next = undefined;
    await this.#read();
  }

  /** Reads the page after. */
  async older(): Promise<void> {
    if (!this.busy && this.#next !== undefined) await this.#read(this.#next);
  }

  /** Asks again for what did not come. */
  async again(): Promise<void> {
    if (this.rows.length === 0) await this.open(this.#query);
    else await this.older();
  }

  async #read(cursor?: string): Promise<void> {
    const asked = ++this.#asked;
    this.busy = true;
    const text = [this.#query, cursor === undefined ? '' : `cursor=${cursor}`].filter(Boolean).join('&');
    const answer = await call<Page>('GET', `/api/access${text && `?${text}`}`, undefined, PATIENCE_MS);
    if (asked !== this.#asked) return;
    this.busy = false;
    this.failed = answer.ok ? undefined : answer.error;
    if (!answer.ok) {
      if (this.rows.length === 0) this.state = 'failed';
      return;
    }
    this.rows = [...this.rows, ...answer.value.rows];
    this.#next = answer.value.next;
    this.searchedTo = answer.value.searchedTo;
    this.state = 'ready';
  }
}
