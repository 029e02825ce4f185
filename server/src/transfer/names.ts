/** Two names that differ only in case are the same to people. */
export const nameKey = (name: string): string => name.trim().toLowerCase();

/** Records by name, as people write names in a spreadsheet. */
export class Names<T extends { id: string; name: string }> {
  readonly #byName = new Map<string, T[]>();

  constructor(records: Iterable<T>) {
    for (const record of records) {
      const key = nameKey(record.name);
      const list = this.#byName.get(key);
      if (list) list.push(record);
      else this.#byName.set(key, [record]);
    }
  }

  /** The one of this name; of several, the one that is written exactly so. */
  find(name: string): T | 'several' | undefined {
    const all = this.#byName.get(nameKey(name)) ?? [];
    if (all.length <= 1) return all[0];
    const exact = all.filter((record) => record.name === name);
    return exact.length === 1 ? exact[0] : 'several';
  }
}
