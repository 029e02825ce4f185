import { filterFrom, narrowing, queryOf } from '@opsboard/shared/batches/filter';
import { sortFrom, sortText, usualSort, type BatchSort, type SortField } from '@opsboard/shared/batches/sort';
import { goto } from '$app/navigation';
import { page } from '$app/state';
import { addressWith } from '#lib/filters/address.ts';
import { columnsFrom, columnsText, type ColumnName } from './columns.ts';
import { remembered } from './remembered.svelte.ts';

/** Batches that have left the boards are sorted by the server, which knows what is stored with them and no names. */
const storedFields: readonly SortField[] = ['since', 'parts', 'createdAt', 'promisedAt', 'dueAt'];
const archivedFirst: BatchSort = { field: 'since', descending: true };

/** What the list of batches is asked for. All of it stands in the address, but for columns that are remembered. */
export class ListAsked {
  readonly #params = $derived(page.url.searchParams);
  readonly filter = $derived(filterFrom(this.#params));
  readonly narrowed = $derived(narrowing(this.filter));
  /** Those that have left the boards, in place of those on them. */
  readonly archived = $derived(this.#params.get('archived') === 'true');
  readonly which = $derived(this.archived ? 'archived' : this.filter.completed);
  readonly columns = $derived(columnsFrom(this.#params.get('columns')) ?? remembered.columns);
  readonly sort = $derived.by(() => {
    const asked = sortFrom(this.#params.get('sort'));
    return asked && this.sortable(asked.field) ? asked : this.archived ? archivedFirst : usualSort;
  });
  /** Filter and order as the server's list and export take them, without "?". */
  readonly query = $derived.by(() => {
    const all = new URLSearchParams(queryOf({ ...this.filter, q: this.filter.q.trim() }));
    if (this.archived) {
      all.delete('completed');
      all.set('archived', 'true');
    }
    all.set('sort', sortText(this.sort));
    return all.toString();
  });
  /** What a saved view keeps: the address, with the columns as they are. */
  readonly viewQuery = $derived.by(() => {
    const all = new URLSearchParams(this.#params.toString());
    all.set('columns', columnsText(this.columns));
    return all.toString();
  });

  sortable = (field: SortField): boolean => !this.archived || storedFields.includes(field);
  sortBy = (sort: BatchSort | undefined): void => show({ own: { sort: sort && sortText(sort) } });
  setColumns = (columns: readonly ColumnName[]): void => {
    remembered.keep(columns);
    if (this.#params.has('columns')) show({ own: { columns: columnsText(columns) } });
  };
  setWhich(which: string): void {
    show({
      filter: { ...this.filter, completed: which === 'all' ? 'all' : 'today' },
      own: { archived: which === 'archived' ? 'true' : undefined },
    });
  }
  search(words: string): void {
    show({ filter: { ...this.filter, q: words } });
  }
  clear = (): void => show({ filter: filterFrom(new URLSearchParams()) });
}

function show(change: Parameters<typeof addressWith>[1]): void {
  void goto(addressWith(page.url, change), { replace: true, reset: false });
}
