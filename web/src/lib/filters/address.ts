import { pickFields, queryOf, type BatchFilter } from '@opsboard/shared/batches/filter';

/** The names that {@link queryOf} writes. What else stands in an address belongs to the page: order, columns, lanes. */
const filterNames = ['status', 'sla', ...pickFields, 'due', 'from', 'to', 'part', 'completed', 'q'];

/**
 * The address of the same page with another filter, or with other values of the page's own parameters; everything else
 * in it stays.
 *
 * @param own undefined takes a parameter out
 */
export function addressWith(
  url: { readonly pathname: string; readonly searchParams: { toString(): string } },
  change: { filter?: BatchFilter; own?: { readonly [name: string]: string | undefined } },
): string {
  const params = new URLSearchParams(url.searchParams.toString());
  if (change.filter) {
    for (const name of filterNames) params.delete(name);
    for (const [name, value] of new URLSearchParams(queryOf(change.filter))) params.append(name, value);
  }
  for (const [name, value] of Object.entries(change.own ?? {})) {
    if (value === undefined) params.delete(name);
    else params.set(name, value);
  }
  const text = params.toString();
  return url.pathname + (text && `?${text}`);
}
