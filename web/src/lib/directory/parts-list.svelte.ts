import type { WireError } from '@opsboard/shared/protocol/errors';
import { call } from '#lib/socket/http.ts';
import type { ListedPart } from './PartForm.svelte';

type Page = { parts: ListedPart[]; total: number; next?: string };

/** What is on record of parts, as far as it has been read: there are too many to hold them all. */
export class PartsList {
  rows = $state.raw<readonly ListedPart[]>([]);
  total = $state(0);
  loaded = $state(false);
  failure = $state.raw<WireError | undefined>(undefined);
  #asked = { q: '', customer: '', archived: '' };
  #next: string | undefined;
  #token = 0;
  #busy = false;

  /** Begins anew with another question. */
  async ask(q: string, customer: string, archived: boolean): Promise<void> {
    this.#asked = { q: q.trim(), customer, archived: archived ? 'true' : '' };
    this.#next = undefined;
    await this.#read(++this.#token, []);
  }

  /** The same question again: something has changed. */
  again(): Promise<void> {
    const { q, customer, archived } = this.#asked;
    return this.ask(q, customer, archived !== '');
  }

  /** The next page, if there is one and it is not on its way already. */
  async more(): Promise<void> {
    if (this.#next !== undefined && !this.#busy) await this.#read(this.#token, this.rows);
  }

  async #read(token: number, before: readonly ListedPart[]): Promise<void> {
    const query = new URLSearchParams({ limit: '100' });
    for (const [name, value] of Object.entries(this.#asked)) if (value !== '') query.set(name, value);
    if (this.#next !== undefined) query.set('cursor', this.#next);
    this.#busy = true;
    const answer = await call<Page>('GET', `/api/parts?${query.toString()}`);
    if (token !== this.#token) return;
    this.#busy = false;
    if (!answer.ok) {
      this.failure = answer.error;
      // What is there answers this question, or an earlier one: that must not stand for this.
      this.rows = before;
      return;
    }
    this.failure = undefined;
    this.loaded = true;
    this.#next = answer.value.next;
    this.total = answer.value.total;
    this.rows = [...before, ...answer.value.parts];
  }
}
