/** A hand-written table, read: the cells of every row by condition and column. */
export type Table = {
  /** The mark of one cell; undefined when nobody has thought of it. */
  mark(row: string, condition: string, column: string): string | undefined;
  rows: readonly string[];
  /** The conditions that a row has cells for. */
  conditions(row: string): readonly string[];
  /** Cells that are said twice, differently: a table that contradicts itself. */
  contradictions: readonly string[];
};

const everything = '*';

/** Reads a table as it is written in `expected.ts`. @throws {Error} on a line that does not fit its columns */
export function readTable(text: string): Table {
  const cells = new Map<string, string>();
  const conditions = new Map<string, Set<string>>();
  const contradictions: string[] = [];
  let columns: string[] = [];
  let rows: string[] = [];
  let begun = false;
  for (const line of text.split('\n')) {
    const [first, ...words] = line.split(/\s+/).filter((word) => word !== '' && word !== '|');
    if (first === undefined) continue;
    if (first === '#') columns = words;
    else if (first === '@') {
      rows = begun ? words : [...rows, ...words];
      begun = false;
    } else {
      begun = true;
      if (words.length !== columns.length || rows.length === 0)
        throw new Error(`this line has ${words.length} marks for ${columns.length} columns: ${line}`);
      for (const row of rows) {
        if (!conditions.has(row)) conditions.set(row, new Set());
        conditions.get(row)!.add(first);
        for (const [i, column] of columns.entries()) {
          const key = keyOf(row, first, column);
          const known = cells.get(key);
          if (known !== undefined && known !== words[i]) contradictions.push(`${key}: ${known} and ${words[i]!}`);
          cells.set(key, words[i]!);
        }
      }
    }
  }
  return {
    mark: (row, condition, column) =>
      cells.get(keyOf(row, condition, column)) ?? cells.get(keyOf(everything, everything, column)),
    rows: [...conditions.keys()].filter((row) => row !== everything),
    conditions: (row) => [...(conditions.get(row) ?? [])],
    contradictions,
  };
}

const keyOf = (row: string, condition: string, column: string): string => `${row} · ${condition} · ${column}`;
