/** Which rows of a list are chosen, by id. */
export class Selection {
  ids = $state.raw<ReadonlySet<string>>(new Set());
  /** The row from which a range is drawn: the one that was chosen last by itself. */
  #anchor: string | undefined;
  /** What was chosen when the range began: a range that gets shorter gives back what it took. */
  #base: ReadonlySet<string> = new Set();

  get size(): number {
    return this.ids.size;
  }
  has(id: string): boolean {
    return this.ids.has(id);
  }

  toggle(id: string): void {
    const next = new Set(this.ids);
    if (!next.delete(id)) next.add(id);
    this.#base = this.ids = next;
    this.#anchor = id;
  }

  /** Chooses all rows from the anchor to this one, in the order of the list, besides what was chosen before. */
  extend(list: readonly { readonly id: string }[], to: string): void {
    const from = list.findIndex(({ id }) => id === (this.#anchor ?? to));
    const end = list.findIndex(({ id }) => id === to);
    if (end === -1) return;
    if (from === -1 || this.#anchor === undefined) {
      this.#anchor = to;
      this.#base = this.ids;
    }
    const [a, b] = from === -1 ? [end, end] : from < end ? [from, end] : [end, from];
    this.ids = new Set([...this.#base, ...list.slice(a, b + 1).map(({ id }) => id)]);
  }

  /** Where a range drawn with the keyboard begins. */
  begin(id: string): void {
    if (this.#anchor !== undefined && this.ids.has(this.#anchor)) return;
    this.#anchor = id;
    this.#base = this.ids;
  }

  all(list: readonly { readonly id: string }[]): void {
    this.#base = this.ids = new Set(list.map(({ id }) => id));
    this.#anchor = undefined;
  }

  clear(): void {
    if (this.ids.size > 0) this.ids = new Set();
    this.#base = this.ids;
    this.#anchor = undefined;
  }

  /** Keeps only what is still in a list: what is not seen any more must not be acted on. */
  keep(list: readonly { readonly id: string }[]): void {
    if (this.ids.size === 0) return;
    const kept = list.filter(({ id }) => this.ids.has(id));
    if (kept.length !== this.ids.size) this.all(kept);
  }
}
