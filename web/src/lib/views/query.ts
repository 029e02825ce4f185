/** The query of an address in one order, so that two addresses that mean the same compare as equal texts. */
export function canonical(query: string): string {
  const params = new URLSearchParams(query);
  return new URLSearchParams(
    [...params].toSorted(([a, x], [b, y]) => (a < b ? -1 : a > b ? 1 : x < y ? -1 : x > y ? 1 : 0)),
  ).toString();
}

/** Parameters that say how a page is shown, not which batches are on it. */
const looks = ['columns', 'sort', 'density', 'lanes'];

/** Whether an address narrows nothing: it may still choose columns and an order. */
export function isEverything(query: string): boolean {
  return [...new URLSearchParams(query).keys()].every((name) => looks.includes(name));
}
