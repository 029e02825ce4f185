import type { BatchInView } from '@opsboard/shared/batches/schema';
import type { WireError } from '@opsboard/shared/protocol/errors';
import { call } from '#lib/socket/http.ts';

type Page = { batches: BatchInView[]; next?: string };

/** Rows of one page. */
const size = 100;

/** The batches that have left the boards, read from the server page by page as somebody scrolls. */
export class ArchivedBatches {
  rows = $state.raw<readonly BatchInView[]>([]);
  loading = $state(false);
  /** Whether the last page is here. */
  complete = $state(false);
  failure = $state.raw<WireError | undefined>(undefined);
  #query = '';
  #next: string | undefined;
  /** The question under way; a newer one makes its answer void. */
  #asked: symbol | undefined;

  /** Begins anew with another filter or order, as the server's list takes them, without "?". */
  begin(query: string): void {
    this.#query = query;
    this.#next = undefined;
    this.#asked = undefined;
    this.rows = [];
    this.loading = false;
    this.complete = false;
    this.failure = undefined;
    void this.more();
  }

  /** Reads the next page, unless one is under way or there is none. */
  async more(): Promise<void> {
    if (this.loading || this.complete) return;
    const asked = (this.#asked = Symbol());
    this.loading = true;
    this.failure = undefined;
    const cursor = this.#next === undefined ? '' : `&cursor=${encodeURIComponent(this.#next)}`;
    const answer = await call<Page>('GET', `/api/batches?${this.#query}&limit=${size}${cursor}`);
    if (this.#asked !== asked) return;
    this.loading = false;
    if (!answer.ok) {
      this.failure = answer.error;
      return;
    }
    this.#next = answer.value.next;
    this.complete = this.#next === undefined;
    const known = new Set(this.rows.map(({ id }) => id));
    this.rows = [...this.rows, ...answer.value.batches.filter(({ id }) => !known.has(id))];
  }
}
